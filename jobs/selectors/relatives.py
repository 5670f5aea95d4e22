"""What belongs to a job: those above it, those that it started, those that ran it again, its neighbours in the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from common import clock
from jobs.models import Job
from jobs.selectors.jobs import jobs_for_lists
from jobs.states import JobKind, JobStatus

SHOWN: Final = 5
_DEEPEST: Final = 50
_LOOKED_AT: Final = 100
"""So many of the workflow's newest jobs say how long it usually takes."""
_ENOUGH: Final = 5


@dataclass(frozen=True, kw_only=True)
class SubJobs:
    """The sub-jobs that a job's own steps started: how many of each status, and the first few, failed ones first."""

    counts: dict[str, int]
    shown: Sequence[Job]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class Usual:
    """How long completed jobs of the same version (or, before there are enough, of the same workflow) took."""

    half: timedelta
    most: timedelta
    """Nine of ten took at most so long."""
    jobs: int

    def is_passed_by(self, job: Job) -> bool:
        """Whether it runs longer than nine of ten did."""
        return not job.ended and job.started_at is not None and clock.now() - job.started_at > self.most


def ancestors_of(job: Job) -> list[Job]:
    """The jobs above a sub-job, the outermost first. One query for each."""
    found: list[Job] = []
    parent_id = job.parent_id
    while parent_id is not None and len(found) < _DEEPEST:
        above = Job.objects.select_related("workflow").only(
            "parent_id", "title", "status", "workflow__name", "workflow__slug"
        )
        found.append(above.get(pk=parent_id))
        parent_id = found[-1].parent_id
    return found[::-1]


def sub_jobs_of(job: Job) -> SubJobs:
    """Two queries; one where there is none."""
    children = Job.objects.filter(parent=job)
    counts = dict(children.order_by().values_list("status").annotate(Count("pk")))
    if not counts:
        return SubJobs(counts={}, shown=())
    failed_first = Case(
        When(status=JobStatus.FAILED, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    shown = jobs_for_lists(children).order_by(failed_first, "pk")[:SHOWN]
    return SubJobs(counts=counts, shown=list(shown))


def reruns_of(job: Job) -> list[Job]:
    """The newest jobs that ran it again. One query."""
    return list(jobs_for_lists(Job.objects.filter(rerun_of=job)).order_by("-pk")[:SHOWN])


def neighbours_of(job: Job) -> tuple[int | None, int | None]:
    """The next newer and the next older job of the list. Two queries."""
    listed = Job.objects.filter(workspace=job.workspace_id, kind=JobKind.JOB).values_list("pk", flat=True)
    newer = _first(listed.filter(pk__gt=job.pk).order_by("pk"))
    return newer, _first(listed.filter(pk__lt=job.pk).order_by("-pk"))


def usual_duration(job: Job) -> Usual | None:
    """None with fewer than five. One query, which reads so many rows at most, by index."""
    newest = Job.objects.filter(workflow=job.workflow_id, kind=JobKind.JOB).order_by("-pk")
    rows = newest.values_list("version_id", "status", "started_at", "finished_at", "pk")[:_LOOKED_AT]
    completed = [
        (version, finished - started)
        for version, status, started, finished, pk in rows
        if status == JobStatus.COMPLETED and started and finished and pk != job.pk
    ]
    of_version = sorted(length for version, length in completed if version == job.version_id)
    lengths = of_version if len(of_version) >= _ENOUGH else sorted(length for _, length in completed)
    if len(lengths) < _ENOUGH:
        return None
    return Usual(
        half=lengths[(len(lengths) - 1) // 2], most=lengths[ceil(len(lengths) * 0.9) - 1], jobs=len(lengths)
    )


def _first(ids: "QuerySet[Job, int]") -> int | None:
    return ids.first()
