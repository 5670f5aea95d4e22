"""Steps without a row: shown, never stored. `pending` while the job has not ended, `skipped` with `not_reached`
afterwards; in a branch that was not taken `skipped` with `branch`, below a false condition with `when`.

A *place* is where steps run: the job itself (prefix empty) or one item or turn (`check[2].`). Inside loops and
sub-jobs that never began there is nothing to show.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from common.canonical import loads
from jobs.models import Job, StepRun
from jobs.states import JOB_ENDED, StepStatus
from workflows.definition.model import BranchStep, ForEachStep, ParallelStep, RepeatStep, Step, TryStep

BRANCH: Final = "branch"
WHEN: Final = "when"
NOT_REACHED: Final = ""
"""Whether that is `pending` or `not_reached`, the job says."""

PENDING: Final = "pending"
"""The status of a step that its job may yet reach; it is shown, never stored."""

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """A step that has no row; `reason` is empty, `branch` or `when`."""

    step: Step
    path: str
    reason: str

    def shown_in(self, job: Job) -> tuple[str, str]:
        """Its status and reason as they are shown in `job`."""
        reason = self.reason or ("not_reached" if job.status in JOB_ENDED else "")
        return (StepStatus.SKIPPED.value if reason else PENDING), reason


@dataclass(slots=True, kw_only=True)
class Rows:
    """Rows by path: those of the page, and of others what steers the walk. `missing` are paths to look up."""

    job_id: int
    known: dict[str, StepRun]
    whole: bool
    """Whether `known` has every row of the job, so that nothing need be looked up."""
    resumed: bool = False
    """Whether the job was resumed: what it did not reach this time may have rows of an earlier walk."""
    absent: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    def look_up(self) -> bool:
        """Read the rows at `missing`, without values. False when there was nothing to read."""
        wanted, self.missing = self.missing, []
        for start in range(0, len(wanted), _BATCH):
            found = StepRun.objects.filter(job=self.job_id, path__in=wanted[start : start + _BATCH])
            for row in found.only("path", "type", "status", "reason", "decision"):
                self.known[row.path] = row
        self.absent.update(path for path in wanted if path not in self.known)
        return bool(wanted)


def unreached(places: Mapping[str, tuple[Step, ...]], rows: Rows) -> list[Unreached]:
    """The steps without a row in all `places` (steps by prefix). Two rounds at most for each depth of blocks, and one
    more for a job that was resumed.
    """
    while True:
        found = [each for prefix, steps in places.items() for each in _in_sequence(steps, prefix, rows)]
        if rows.resumed and not rows.whole and not rows.missing:
            rows.missing = [
                each.path for each in found if each.path not in rows.known and each.path not in rows.absent
            ]
        if not rows.look_up():
            return [each for each in found if each.path not in rows.known]


def _in_sequence(steps: tuple[Step, ...], prefix: str, rows: Rows) -> Iterator[Unreached]:
    for step in steps:
        path = prefix + step.key
        row = rows.known.get(path)
        if row is not None:
            yield from _in_block(step, row, prefix, rows)
        elif rows.whole or path in rows.absent:
            yield from _all(step, prefix, NOT_REACHED)
        else:
            rows.missing.append(path)


def _in_block(step: Step, row: StepRun, prefix: str, rows: Rows) -> Iterator[Unreached]:
    """What lies inside a step that has a row."""
    if row.status == StepStatus.SKIPPED:
        for body in _bodies(step):
            yield from _every(body, prefix, row.reason or WHEN)
        return
    if isinstance(step, BranchStep):
        yield from _in_branches(step, row, prefix, rows)
    elif isinstance(step, ParallelStep | TryStep):
        for body in step.bodies():
            yield from _in_sequence(body, prefix, rows)


def _in_branches(step: BranchStep, row: StepRun, prefix: str, rows: Rows) -> Iterator[Unreached]:
    decision = loads(row.decision) if row.decision else {}
    branches = [*step.branches, *([step.otherwise] if step.otherwise else [])]
    for branch in branches:
        key = "else" if branch is step.otherwise else branch.key
        if "taken" not in decision:
            yield from _every(branch.steps, prefix, NOT_REACHED)
        elif decision["taken"] == key:
            yield from _in_sequence(branch.steps, prefix, rows)
        else:
            yield from _every(branch.steps, prefix, BRANCH)


def _all(step: Step, prefix: str, reason: str) -> Iterator[Unreached]:
    yield Unreached(step=step, path=prefix + step.key, reason=reason)
    for body in _bodies(step):
        yield from _every(body, prefix, reason)


def _every(steps: tuple[Step, ...], prefix: str, reason: str) -> Iterator[Unreached]:
    for step in steps:
        yield from _all(step, prefix, reason)


def _bodies(step: Step) -> Iterator[tuple[Step, ...]]:
    """The lists of steps that run in the same place as `step`."""
    if not isinstance(step, ForEachStep | RepeatStep):
        yield from step.bodies()
