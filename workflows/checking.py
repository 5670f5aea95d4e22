"""Everything that is known to be wrong with a draft, and what freezing it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from common.canonical import Json, dumps, loads
from integrations.actions import Action
from integrations.registry import get_action
from workflows.calls import Calls, calls_of
from workflows.definition.model import Definition, LeafStep
from workflows.definition.parse import Parsed, parse
from workflows.definition.problems import DefinitionProblem, has_errors
from workflows.models import Workflow, WorkflowVersion


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A draft with its problems. `definition` is None where it cannot be read."""

    raw: Json
    definition: Definition | None
    problems: tuple[DefinitionProblem, ...]
    calls: Calls

    @property
    def has_errors(self) -> bool:
        """Whether anything stops an activation."""
        return self.definition is None or has_errors(self.problems)

    @property
    def actions(self) -> list[Action]:
        """The actions of its leaf steps, in their newest versions."""
        steps = self.definition.walk() if self.definition else ()
        found = {step.type: get_action(step.type) for step in steps if isinstance(step, LeafStep)}
        return [action for action in found.values() if action is not None]

    @property
    def callees(self) -> Mapping[str, WorkflowVersion]:
        """The versions that its steps call, by slug."""
        return self.calls.callees

    @property
    def reachable(self) -> tuple[WorkflowVersion, ...]:
        """These and all versions that they call."""
        return self.calls.reachable


def check_draft(workflow: Workflow) -> Checked:
    """Check the draft of `workflow` against its workspace as it is now."""
    raw = loads(workflow.draft)
    read = _parsed_text(workflow.draft)
    calls = calls_of(read.partial, workspace_id=workflow.workspace_id) if read.partial else Calls()
    problems = [*read.problems]
    return Checked(raw=raw, definition=read.definition, problems=tuple(problems), calls=calls)


def parsed(raw: Json) -> Parsed:
    """A definition as it can be read now; what was read lately is kept."""
    return _parsed_text(dumps(raw))


@lru_cache(maxsize=64)
def _parsed_text(text: str) -> Parsed:
    return parse(loads(text), actions=get_action)
