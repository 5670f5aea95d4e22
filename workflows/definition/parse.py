"""Reading a definition: JSON of any shape becomes a `Definition` and a list of problems. It never raises for bad
shapes; `parse_frozen` does, for it reads only what was checked before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.canonical import Json
from integrations.actions import Action
from workflows.definition.bounds import within_bounds
from workflows.definition.fields import DEFINITION_FIELDS
from workflows.definition.model import Definition
from workflows.definition.parse_inputs import INPUT_READERS
from workflows.definition.parse_steps import STEP_READERS
from workflows.definition.problems import DefinitionProblem, has_errors
from workflows.definition.read import Reader
from workflows.definition.read_values import SIMPLE_READERS

FORMAT = 1
ActionLookup = Callable[[str], Action | None]
"""The leaf action of a step type, if there is one."""

_READERS = {**SIMPLE_READERS, **STEP_READERS, **INPUT_READERS}


class DefinitionInvalid(ValueError):  # noqa: N818 - it is what it says
    """A definition that was frozen cannot be read: its text or this release is broken."""

    def __init__(self, problems: tuple[DefinitionProblem, ...]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems[:5]))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """`definition` is None when there is an error; `partial` is what could be read nevertheless, for the checks.

    In `partial` a field that could not be read has a stand-in, and a step without key or type is left out.
    """

    definition: Definition | None
    partial: Definition | None
    problems: tuple[DefinitionProblem, ...]


def parse(raw: Json, *, actions: ActionLookup | None = None) -> Parsed:
    """Read a definition. Without `actions` every unknown step type counts as a leaf action."""
    reader = Reader(actions=actions, readers=_READERS)
    if not within_bounds(raw, reader.problems):
        return Parsed(definition=None, partial=None, problems=tuple(reader.problems.found))
    definition = _read(reader, raw)
    problems = tuple(reader.problems.found)
    whole = None if has_errors(problems) else definition
    return Parsed(definition=whole, partial=definition, problems=problems)


def parse_frozen(raw: Json) -> Definition:
    """Read a definition that was checked when it was frozen. Raises `DefinitionInvalid`."""
    reader = Reader(actions=None, readers=_READERS)
    definition = _read(reader, raw)
    if definition is None or has_errors(reader.problems.found):
        raise DefinitionInvalid(tuple(reader.problems.found))
    return definition


def _read(reader: Reader, raw: Json) -> Definition | None:
    if reader.object(raw, "", "a definition: an object with format, name and steps") is None:
        return None
    number = raw.get("format")
    if type(number) is int and number > FORMAT:
        reader.invalid(
            "format",
            f"The definition is in format {number}; this release reads format {FORMAT}.",
            "Upgrade, or export it again in the older format.",
        )
        return None
    found: dict[str, Any] = reader.fields(raw, "", DEFINITION_FIELDS, later="workflow field")
    return Definition(**{"format": FORMAT, "name": "", **found})
