"""A job at a glance: what it does now in one sentence, how far it has come, what it waits for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from audit.actions import Action
from audit.models import AuditEntry
from common.canonical import loads
from common.prepared import Given, Prepared
from jobs.models import Job, StepRun
from jobs.selectors.lines import item_counts, items_in, step_rows_of
from jobs.selectors.outline import Outline
from jobs.selectors.queue_place import QueuePlace, queue_place
from jobs.selectors.spots import BELOW, Loop, spot_at, trail
from jobs.selectors.waits import waiting_for
from jobs.states import WAITS_FOR, JobKind, JobStatus, StepStatus, WaitKind
from workflows.definition.model import BranchStep, ParallelStep, Step, TryStep

WAITS_SHOWN = 5
_MOVING = (StepStatus.IN_PROGRESS, StepStatus.WAITING)
_BAR = (
    StepStatus.COMPLETED,
    StepStatus.SKIPPED,
    StepStatus.FAILED,
    StepStatus.CANCELLED,
    StepStatus.WAITING,
    StepStatus.IN_PROGRESS,
)
"""The order of the progress bar's parts."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the progress bar, in thousandths of its width."""

    status: str
    count: int
    x: int
    width: int


@dataclass(frozen=True, kw_only=True)
class WaitLine:
    """One thing that the job waits for. `path` is from the outermost step; `own_path` within this job."""

    waits_for: str | Promise
    where: str
    own_path: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class CancelAsked:
    """Who asked the job to stop, and why."""

    actor: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Glance:
    """`sentence` without the time that it takes, which counts on from `since`."""

    sentence: str
    since: datetime | None
    parts: Sequence[Part]
    pending: int
    waits: Sequence[WaitLine]
    more_waits: int
    place: QueuePlace | None
    cancel: CancelAsked | None


def movement_of(pk: int, workspace: int) -> tuple[object, ...] | None:
    """What changes whenever the page of a job has something else to show, its sub-jobs included; None for no job.

    One query, and for a job in line one more: open pages ask all day long.
    """
    job = next(iter(_MOVEMENT.rows(pk=pk, workspace=workspace)), None)
    if job is None:
        return None
    if job.status == JobStatus.QUEUED:
        place = queue_place(job)
        return (job.status, job.head_seq, job.cancel_at, place.before, place.worker_alive)
    below: int | None = job.below  # type: ignore[attr-defined]
    return (job.status, job.head_seq, job.done, job.cancel_at, below)


def _movement() -> QuerySet[Job]:
    """`below` counts the audit entries of all sub-jobs together: each move of one adds to it."""
    below = Job.objects.filter(root=OuterRef("outermost")).order_by().values("root")
    jobs = Job.objects.filter(
        pk=Given("pk", BigIntegerField()), workspace=Given("workspace", BigIntegerField())
    )
    return jobs.annotate(
        outermost=Coalesce("root_id", "pk"), below=Subquery(below.values(entries=Sum("head_seq")))
    ).only("status", "head_seq", "done", "cancel_at", "claim_at", "queue")


_MOVEMENT = Prepared(_movement)


def glance_of(job: Job, outline: Outline) -> Glance:
    """At most seven queries, and two for each depth of sub-jobs that wait."""
    spot = spot_at(outline, "")
    assert spot is not None
    listed = spot.listed()
    keys = [each.step.key for each in listed]
    rows = {row.path: row for row in step_rows_of(job).filter(path__in=keys)}
    loops = [key for key in keys if isinstance(outline.steps[key], Loop) and key in rows]
    counts = item_counts(job, loops)
    waits = _waits(job, outline)
    place = queue_place(job) if job.status == JobStatus.QUEUED else None
    since, sentence = _sentence(job, outline, rows, counts)
    if place is not None:
        since, sentence = None if job.fence else job.created_at, _queued(place)
    parts, pending = _parts(job, rows, counts)
    return Glance(
        sentence=sentence,
        since=since,
        parts=parts,
        pending=pending,
        waits=waits[:WAITS_SHOWN],
        more_waits=max(len(waits) - WAITS_SHOWN, 0),
        place=place,
        cancel=_cancel(job),
    )


def _sentence(
    job: Job, outline: Outline, rows: Mapping[str, StepRun], counts: Mapping[str, Mapping[str, int]]
) -> tuple[datetime | None, str]:
    """What it does now, and since when."""
    if job.ended:
        return None, _ended(job, outline)
    steps = outline.definition.steps
    for number, step in enumerate(steps, start=1):
        row = rows.get(step.key)
        if row is not None and row.status in _MOVING:
            names = {"number": number, "total": len(steps), "name": step.name or step.key}
            words = _("Step %(number)s of %(total)s: %(name)s") % names
            return row.started_at, words + _inside(row, step, counts.get(step.key, {}), rows, outline)
    return job.started_at, _("Between two steps")


def _inside(
    row: StepRun, step: Step, counts: Mapping[str, int], rows: Mapping[str, StepRun], outline: Outline
) -> str:
    """What the step that moves is at: which item, which step in a block, which sub-job."""
    if isinstance(step, Loop):
        done = sum(count for status, count in counts.items() if status not in _MOVING)
        return _(", %(done)s of %(total)s") % {"done": done, "total": items_in(row, counts)}
    if row.child_id is not None:
        found = _shown_child(row.child_id)
        return _(", sub-job #%(pk)s at %(done)s of %(total)s") % found if found else ""
    inner = [found for found in rows.values() if found.status in _MOVING and found.ordinal > row.ordinal]
    innermost = max(inner, key=lambda found: found.ordinal, default=None)
    if innermost is None or not isinstance(step, BranchStep | ParallelStep | TryStep):
        return ""
    return BELOW + trail(outline, innermost.path)


def _shown_child(child_id: int) -> Mapping[str, Any] | None:
    """How far a sub-job is; None of a preview's, which is no job with a number."""
    return Job.objects.filter(pk=child_id).without_previews().values("pk", "done", "total").first()


def _queued(place: QueuePlace) -> str:
    if not place.worker_alive:
        return _("Queued, and no worker is running")
    if not place.before:
        return _("Next in line")
    if place.before == 1:
        return _("One job is before it in line")
    words = _("More than %(number)s jobs are before it in line") if place.is_many else ""
    return (words or _("%(number)s jobs are before it in line")) % {"number": f"{place.before:,}"}


def _ended(job: Job, outline: Outline) -> str:
    if job.status == JobStatus.COMPLETED:
        return _("All steps are done")
    if job.status == JobStatus.CANCELLED:
        return _("It was cancelled") if job.started_at else _("It was cancelled before it began")
    path = (loads(job.error).get("path") or "") if job.error else ""
    if path:
        return _("Failed at %(step)s") % {"step": trail(outline, path)}
    whole = _("The preview as a whole failed") if job.kind == JobKind.PREVIEW else ""
    return whole or _("The job as a whole failed")


def _parts(
    job: Job, rows: Mapping[str, StepRun], counts: Mapping[str, Mapping[str, int]]
) -> tuple[list[Part], int]:
    """The progress bar: what counts in `done` and `total`, by status."""
    found = Counter(row.status for row in rows.values())
    for each in counts.values():
        found.update(each)
    total = max(job.total, found.total(), 1)
    parts, x = [], 0
    for status in _BAR:
        if found[status]:
            width = max(round(found[status] * 1000 / total), 1)
            parts.append(Part(status=status, count=found[status], x=x, width=width))
            x += width
    return parts, total - found.total() if job.total else 0


def _waits(job: Job, outline: Outline) -> list[WaitLine]:
    if job.ended or not job.fence:
        return []
    lines = []
    for wait in waiting_for(job):
        path = str(wait["path"])
        own, _slash, below = path.partition("/")
        lines.append(
            WaitLine(
                waits_for=WAITS_FOR[WaitKind(wait["kind"])],
                where=trail(outline, own) + (BELOW + below if below else ""),
                own_path=own,
                since=datetime.fromisoformat(str(wait["since"])),
                until=datetime.fromisoformat(str(wait["until"])) if wait["until"] else None,
            )
        )
    return lines


def _cancel(job: Job) -> CancelAsked | None:
    if job.cancel_at is None and job.status != JobStatus.CANCELLED:
        return None
    asked = AuditEntry.objects.filter(
        stream=job.stream, action__in=[Action.JOB_CANCEL_REQUESTED, Action.JOB_CANCELLED]
    )
    for actor, body in asked.order_by("-seq").values_list("actor", "body")[:2]:
        content: dict[str, Any] = loads(body).get("data", {})
        if "reason" in content:  # what a person asked for; the end itself, which the engine writes, has none
            return CancelAsked(actor=actor, reason=content["reason"])
    return None
