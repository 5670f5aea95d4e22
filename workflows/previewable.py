"""What of a draft a preview runs, and whether it can be run at all.

Without `until` that is the whole draft, less the outputs that cannot be read. With `until` it ends, at the top, with the
step that is or holds that step; it has no outputs; and what stands behind `until` in a block is left out where it has
errors. Errors in what is left stand against the preview, all others do not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from common.canonical import Json, loads
from common.errors import FieldError, Problem
from workflows.calls import calls_of
from workflows.checking import Checked, check_draft
from workflows.definition.model import Definition
from workflows.definition.problems import DefinitionProblem
from workflows.manifest import Frozen, freeze
from workflows.models import Workflow
from workflows.reading import parsed, parsed_text

_IN_LIST = re.compile(r"(?:^|\.)(?:steps|finally)\[(\d+)\]")
_PART = re.compile(r"(\w+)|\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Previewable:
    """`definition` is what is run, `frozen` its text, with the manifest that an activation would pin now. `keys` are
    those of all steps of the draft, also of what is left out.
    """

    keys: frozenset[str]
    definition: Definition
    frozen: Frozen


@dataclass(frozen=True, kw_only=True)
class _Behind:
    """A list of steps on the way to `until`; what has a number above `last` stands behind it."""

    path: str
    last: int

    def number_of(self, path: str) -> int | None:
        """The number of the step behind `until` that `path` lies in; None where it lies elsewhere."""
        if not path.startswith(f"{self.path}["):
            return None
        number = int(path[len(self.path) + 1 :].partition("]")[0])
        return number if number > self.last else None


def previewable(workflow: Workflow, *, until: str = "") -> Previewable:
    """What a preview of the draft runs. Raises `Problem` 422 for an `until` that is no step, 409 `has_problems`."""
    checked = check_draft(workflow)
    readable = parsed_text(workflow.draft).partial
    if readable is None:
        raise _has_problems(workflow, checked.problems)
    behind = list(_behind(readable, until)) if until else []
    errors = [problem for problem in checked.problems if problem.level == "error"]
    if standing := [one for one in errors if not _is_left_out(one.path, behind)]:
        raise _has_problems(workflow, standing)
    raw = _without(loads(workflow.draft), [one.path for one in errors], behind)
    found = parsed(raw)
    if found.definition is None:
        raise _has_problems(workflow, found.problems)
    calls = calls_of(found.definition, workspace_id=workflow.workspace_id)
    cut = Checked(raw=raw, definition=found.definition, problems=(), calls=calls)
    frozen = freeze(raw, actions=cut.actions, callees=cut.callees, reachable=cut.reachable)
    keys = frozenset(step.key for step in readable.walk())
    return Previewable(keys=keys, definition=found.definition, frozen=frozen)


def _behind(definition: Definition, until: str) -> Iterator[_Behind]:
    """The lists of steps on the way to `until`, the outermost first. Raises `Problem` 422."""
    where = next((step.where for step in definition.walk() if step.key == until), None)
    if where is None:
        message = f"expected the key of a step of the draft, got {until[:80]!r}"
        wrong = FieldError(path="until", code="unknown", message=message)
        raise Problem(422, "invalid", f"The draft has no step {until[:80]!r}.", errors=[wrong])
    for found in _IN_LIST.finditer(where):
        yield _Behind(path=where[: found.start(1) - 1], last=int(found[1]))


def _is_left_out(path: str, behind: Sequence[_Behind]) -> bool:
    return path.startswith("outputs") or any(each.number_of(path) is not None for each in behind)


def _without(raw: dict[str, Json], wrong: Sequence[str], behind: Sequence[_Behind]) -> dict[str, Json]:
    """The draft without what is left out. `wrong`: the paths of its errors."""
    for each in reversed(behind):
        steps: list[Json] = _at(raw, each.path)
        out = {each.number_of(path) for path in wrong}
        steps[:] = [step for number, step in enumerate(steps) if number not in out]
    if behind:
        return {**raw, "steps": raw["steps"][: behind[0].last + 1], "outputs": []}
    bad = {path.split(".")[0] for path in wrong if path.startswith("outputs")}
    outputs = raw.get("outputs")
    if "outputs" in bad or not isinstance(outputs, list):
        return {**raw, "outputs": []}
    kept = [output for number, output in enumerate(outputs) if f"outputs[{number}]" not in bad]
    return {**raw, "outputs": kept}


def _at(raw: Json, path: str) -> Json:
    for name, number in _PART.findall(path):
        raw = raw[name] if name else raw[int(number)]
    return raw


def _has_problems(workflow: Workflow, problems: Sequence[DefinitionProblem]) -> Problem:
    detail = (
        f"The draft of {workflow.slug} cannot be previewed so far: solve the errors among its problems first."
    )
    return Problem(
        409, "has_problems", detail, extra={"problems": [problem.as_json() for problem in problems]}
    )
