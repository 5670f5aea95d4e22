"""What a job's expressions see: its inputs, its steps, the loop they are in, the job and its workspace."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from common.canonical import Json
from jobs.engine.previewing import refuse_held_back
from jobs.engine.rows import UNREAD, StepRow
from jobs.states import PayloadKind, StepStatus
from workflows.definition.model import Definition, ForEachStep, RepeatStep, Step
from workflows.expressions.scope import Scope, StepView

if TYPE_CHECKING:
    from jobs.engine.run import JobRun


class RowView:
    """A step as expressions read it. Outputs are fetched when they are asked for."""

    __slots__ = ("_row", "_run", "key", "reason", "status")

    def __init__(self, run: "JobRun", key: str, row: StepRow | None) -> None:
        self.key = key
        self._run, self._row = run, row
        self.status = row.status.value if row else StepStatus.SKIPPED.value
        self.reason = row.reason if row else "branch"

    def read(self, name: str) -> object:
        """`output`, `status`, `error`, `errors` or `failed` of the step; null where there is none."""
        row = self._row
        if name == "status":
            return self.status
        if row is None:
            return None
        if name == "output":
            refuse_held_back(row)
            return read_output(self._run, row)
        return {
            "error": row.error,
            "errors": row.decision.get("errors", []),
            "failed": row.decision.get("failed", 0),
        }.get(name)


def read_output(run: "JobRun", row: StepRow) -> Json:
    """The output of a step run that has ended; null unless it completed."""
    if row.value is UNREAD:
        completed = row.status is StepStatus.COMPLETED
        row.value = run.kept(row.path, PayloadKind.OUTPUT) if completed else None
    return row.value


def last_output(run: "JobRun", steps: tuple[Step, ...], prefix: str) -> Json:
    """The output of the last of `steps`."""
    row = run.rows.get(prefix + steps[-1].key) if steps else None
    return read_output(run, row) if row else None


def loop_depths(definition: Definition) -> dict[str, int]:
    """How many loops are around each step."""
    depths: dict[str, int] = {}

    def visit(steps: tuple[Step, ...], depth: int) -> None:
        for step in steps:
            depths[step.key] = depth
            for body in step.bodies():
                visit(body, depth + isinstance(step, ForEachStep | RepeatStep))

    visit(definition.steps, 0)
    return depths


def place_scope(
    run: "JobRun", parent: Scope, prefixes: tuple[str, ...], values: Mapping[str, object]
) -> Scope:
    """The scope inside an item or turn: its names, and its own steps before those around it."""
    return Scope(values, steps=step_views(run, prefixes), parent=parent)


def step_views(run: "JobRun", prefixes: tuple[str, ...]) -> Callable[[str], StepView | None]:
    """Finds the step of a key as seen from inside the loops of `prefixes`."""
    return partial(_view, run, prefixes)


def _view(run: "JobRun", prefixes: tuple[str, ...], key: str) -> StepView | None:
    depth = run.depths.get(key)
    if depth is None:
        return None
    if depth >= len(prefixes):
        return RowView(run, key, None)
    return RowView(run, key, run.rows.get(prefixes[depth] + key))
