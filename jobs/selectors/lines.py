"""The steps of a job as its page lists them: one spot at a time, without values, at a cost that no loop can raise."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from common.canonical import loads
from jobs.models import Job, StepRun
from jobs.selectors.jobs import jobs_for_lists
from jobs.selectors.outline import Outline
from jobs.selectors.spots import Listed, Spot, part_name, trail
from jobs.selectors.unreached import PENDING, Rows, unreached
from jobs.states import JOB_ENDED, StepStatus
from workflows.definition.model import ForEachStep, RepeatStep

ITEMS_SHOWN: Final = 50
"""So many items of a loop, or problems, are on one page."""
_COLUMNS: Final = (
    "job_id", "path", "key", "type", "status", "reason", "ordinal", "attempt", "started_at", "finished_at", "error",
    "decision", "child_id",
)  # fmt: skip
_PARTS: Final = ("item", "turn")
_PROBLEM: Final = Q(status=StepStatus.FAILED) | Q(attempt__gt=1)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A step, an item or a turn. `opens` is the spot inside it; `child` the sub-job that it started."""

    job_id: int
    path: str
    key: str
    name: str
    type: str
    status: str
    reason: str = ""
    attempt: int = 0
    depth: int = 0
    branch: str = ""
    code: str = ""
    message: str = ""
    inside: bool = False
    """Whether it failed by what failed inside of it."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    opens: str = ""
    items: int = 0
    """Of a loop, also those that have not begun."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Of a loop: its items by status."""
    child: Job | None = None

    @property
    def reached(self) -> bool:
        """Whether there is a step run to look at."""
        return self.attempt > 0

    @property
    def is_problem(self) -> bool:
        """Whether it failed, or needed more than one attempt."""
        return self.status == StepStatus.FAILED or self.attempt > 1

    @property
    def finished_items(self) -> int:
        """How many items need no more work."""
        return sum(
            count
            for status, count in self.counts.items()
            if status in (StepStatus.COMPLETED, StepStatus.FAILED)
        )

    @property
    def failed_items(self) -> int:
        """How many items failed."""
        return self.counts.get(StepStatus.FAILED, 0)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """A part of a list. `next` and `previous` are what continues it in either direction: a number of the page's own."""

    lines: list[Line]
    next: int | None = None
    previous: int | None = None


def lines_at(job: Job, outline: Outline, spot: Spot) -> Lines:
    """All steps of a place, those that were not reached too. Three queries at most."""
    listed = spot.listed()
    paths = [spot.prefix + each.step.key for each in listed]
    rows = {row.path: row for row in _rows(job).filter(path__in=paths)}
    loops = [each.step.key for each in listed if isinstance(each.step, ForEachStep | RepeatStep)]
    counts = item_counts(job, loops, spot.prefix) if any(spot.prefix + key in rows for key in loops) else {}
    missing = {
        each.path: each.shown_in(job)
        for each in unreached({spot.prefix: spot.steps}, Rows(job_id=job.pk, known=dict(rows), whole=True))
    }
    children = _children(rows.values())
    lines = []
    for path, each in zip(paths, listed, strict=True):
        if path in rows:
            lines.append(_line(rows[path], each, outline, counts.get(each.step.key, {}), children))
        elif path in missing:
            lines.append(_unreached(job, path, each, missing[path]))
    return Lines(lines=lines)


def items_at(job: Job, spot: Spot, *, page: int) -> Lines:
    """A page (from 1) of a loop's items or turns; an item that has not begun is pending. Two queries."""
    assert spot.loop is not None
    row = _rows(job).filter(path=spot.path).first()
    count = items_in(row, {}) if row else 0
    first = (page - 1) * ITEMS_SHOWN
    indexes = range(first, min(first + ITEMS_SHOWN, count))
    paths = {f"{spot.path}[{index}]": index for index in indexes}
    rows = {found.path: found for found in _rows(job).filter(path__in=paths)}
    lines = [
        _part(rows[path], spot, index) if path in rows else _pending_part(job, path, spot, index)
        for path, index in paths.items()
        if path in rows or isinstance(spot.loop, ForEachStep)
    ]
    more = first + ITEMS_SHOWN < count and len(lines) == ITEMS_SHOWN
    return Lines(lines=lines, next=page + 1 if more else None, previous=page - 1 if page > 1 else None)


def problems_of(job: Job, outline: Outline, *, after: int) -> Lines:
    """What failed or needed several attempts anywhere in the job, in the order of starts, each where it began."""
    found = list(
        _rows(job)
        .filter(_PROBLEM, ordinal__gt=after)
        .exclude(type__in=_PARTS)
        .order_by("ordinal")[: ITEMS_SHOWN + 1]
    )
    shown = found[:ITEMS_SHOWN]
    children = _children(shown)
    lines = []
    for row in shown:
        error = _error(row)
        if row.attempt > 1 or not _is_inside(row, error):
            step = outline.steps.get(row.key)
            each = Listed(step=step, depth=0, branch="") if step else None
            lines.append(_line(row, each, outline, {}, children, name=trail(outline, row.path)))
    return Lines(lines=lines, next=shown[-1].ordinal if len(found) > ITEMS_SHOWN else None)


def item_counts(job: Job, loops: Collection[str], prefix: str = "") -> dict[str, dict[str, int]]:
    """The items of these loops in one place, counted by status, by the loop's key. One query."""
    if not loops:
        return {}
    rows = StepRun.objects.filter(job=job, type__in=_PARTS, key__in=loops)
    if prefix:
        rows = rows.filter(path__startswith=prefix)
    found: dict[str, dict[str, int]] = {}
    for key, status, count in rows.order_by().values_list("key", "status").annotate(Count("pk")):
        found.setdefault(key, {})[status] = count
    return found


def items_in(row: StepRun, counts: Mapping[str, int]) -> int:
    """How many items a loop has; of a `repeat`, whose end nobody knows, how many turns it may take at most."""
    decision = _decision(row)
    return int(decision.get("count", decision.get("turns", sum(counts.values()))))


def step_rows_of(job: Job) -> QuerySet[StepRun]:
    """The step runs of a job with the columns that lines are made of."""
    return StepRun.objects.filter(job=job).only(*_COLUMNS)


_rows = step_rows_of


def _children(rows: Iterable[StepRun]) -> dict[int, Job]:
    wanted = [row.child_id for row in rows if row.child_id is not None]
    return {child.pk: child for child in jobs_for_lists(Job.objects.filter(pk__in=wanted))} if wanted else {}


def _line(
    row: StepRun,
    each: Listed | None,
    outline: Outline,
    counts: Mapping[str, int],
    children: Mapping[int, Job],
    *,
    name: str = "",
) -> Line:
    error = _error(row)
    loop = each is not None and isinstance(each.step, ForEachStep | RepeatStep)
    items = items_in(row, counts) if loop else 0
    return Line(
        job_id=row.job_id,
        path=row.path,
        key=row.key,
        name=name or outline.name(row.key) or row.key,
        type=row.type,
        status=row.status,
        reason=row.reason,
        attempt=row.attempt,
        depth=each.depth if each else 0,
        branch=each.branch if each else "",
        code=error.get("code", ""),
        message=error.get("message", ""),
        inside=_is_inside(row, error),
        started_at=row.started_at,
        finished_at=row.finished_at,
        opens=row.path if items else "",
        items=items if row.type != "repeat" else sum(counts.values()),
        counts=counts,
        child=children.get(row.child_id or 0),
    )


def _unreached(job: Job, path: str, each: Listed, shown: tuple[str, str]) -> Line:
    status, reason = shown
    return Line(
        job_id=job.pk,
        path=path,
        key=each.step.key,
        name=each.step.name or each.step.key,
        type=each.step.type,
        status=status,
        reason=reason,
        depth=each.depth,
        branch=each.branch,
    )


def _part(row: StepRun, spot: Spot, index: int) -> Line:
    error = _error(row)
    return Line(
        job_id=row.job_id,
        path=row.path,
        key=row.key,
        name=part_name(spot.loop, index),
        type=row.type,
        status=row.status,
        attempt=row.attempt,
        code=error.get("code", ""),
        message=error.get("message", ""),
        inside=_is_inside(row, error),
        started_at=row.started_at,
        finished_at=row.finished_at,
        opens=row.path,
    )


def _pending_part(job: Job, path: str, spot: Spot, index: int) -> Line:
    ended = job.status in JOB_ENDED
    return Line(
        job_id=job.pk,
        path=path,
        key=path,
        name=part_name(spot.loop, index),
        type="item",
        status=StepStatus.SKIPPED.value if ended else PENDING,
        reason="not_reached" if ended else "",
    )


def _error(row: StepRun) -> dict[str, Any]:
    # Only of a failed attempt is the error the step's own; one that was tolerated by a retry is among the attempts.
    if not row.error:
        return {}
    error: dict[str, Any] = loads(row.error)
    return error


def _is_inside(row: StepRun, error: Mapping[str, Any]) -> bool:
    return bool(error) and (error.get("path") or row.path) != row.path


def _decision(row: StepRun) -> dict[str, Any]:
    decision: dict[str, Any] = loads(row.decision) if row.decision else {}
    return decision
