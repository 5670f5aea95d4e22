"""What the list of jobs shows: rows with the step each is at, how many have which status, and what is newer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, StepRun
from jobs.models.job import Source
from jobs.selectors.jobs import JOB_FIELDS
from jobs.states import JobStatus
from workspaces.actors import Actor
from workspaces.models import Role

COUNTED: Final = 1_000
"""No count looks at more jobs than this, so it costs the same in a list of a million."""
NEW_AT_MOST: Final = 100
SOURCES: Final[dict[str, str | Promise]] = {
    Source.UI: _("Web UI"),
    Source.API: _("API"),
    Source.SCHEDULE: _("Schedule"),
    Source.WEBHOOK: _("Webhook"),
    Source.BATCH: _("Batch"),
    Source.SUBJOB: _("Sub-job"),
    Source.COMMAND: _("Command"),
}
"""What started a job, as people read it."""
_AT_A_STEP = frozenset({JobStatus.IN_PROGRESS, JobStatus.WAITING, JobStatus.FAILED})


@dataclass(frozen=True, kw_only=True)
class ListedJob:
    """A row. `step` is the path of the step that it is at or has failed at; empty where there is none."""

    job: Job
    step: str
    inputs: str

    @property
    def through(self) -> str | Promise:
        """What started it."""
        return SOURCES[self.job.source]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many jobs were counted; `more` says that there may be others."""

    number: int
    more: bool

    @property
    def text(self) -> str:
        """`12`, `12+`, and from a thousand on `999+`; empty for a count that says nothing."""
        if self.number >= COUNTED:
            return f"{COUNTED - 1}+"
        if self.more:
            return f"{self.number}+" if self.number else ""
        return str(self.number)


def rows_for_list(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """`jobs` with what a row of the list shows, in one query; never a payload."""
    related = jobs.select_related("workflow", "version", "created_by")
    return related.only(*JOB_FIELDS, "workflow__name", "input_summary")


def sees_summaries(actor: Actor) -> bool:
    """Whether lists show inputs to `actor`. Not to auditors: what they read of payloads is recorded, job by job."""
    return actor.sees_payloads and actor.role is not Role.AUDITOR


def listed(jobs: Sequence[Job], *, summaries: bool) -> list[ListedJob]:
    """The rows of `jobs`, which come from `rows_for_list`. One query, none when no job is at a step."""
    steps = _steps_at(jobs)
    return [
        ListedJob(job=job, step=steps.get(job.pk) or "", inputs=job.input_summary if summaries else "")
        for job in jobs
    ]


def tallies(jobs: QuerySet[Job], *, by_index: bool) -> dict[str, Tally]:
    """How many of `jobs` have which status, with the key `""` for all of them. One query.

    `by_index`: an index knows the jobs of each status, so each is counted by itself, up to a thousand. Otherwise the
    newest thousand of all are looked at once: where there are more, each count is a lower bound.
    """
    counts = _each_by_index(jobs) if by_index else _among_the_newest(jobs)
    total = sum(counts.values())
    more = not by_index and total >= COUNTED
    found = {status: Tally(number=counts.get(status, 0), more=more) for status in JobStatus.values}
    return {"": Tally(number=total, more=more), **found}


def newer_than(jobs: QuerySet[Job], job_id: int) -> int:
    """How many of `jobs` were made after the job `job_id`, up to a hundred."""
    return jobs.filter(pk__gt=job_id).order_by()[:NEW_AT_MOST].count()


def _steps_at(jobs: Sequence[Job]) -> dict[int, str | None]:
    """The innermost step with the job's own status: of those that run, wait or have failed, it started last."""
    at_a_step = [job.pk for job in jobs if job.status in _AT_A_STEP]
    if not at_a_step:
        return {}
    steps = StepRun.objects.filter(job=OuterRef("pk"), status=OuterRef("status")).order_by("-ordinal")
    found = Job.objects.filter(pk__in=at_a_step).annotate(at=Subquery(steps.values("path")[:1]))
    return dict(found.values_list("pk", "at"))


def _each_by_index(jobs: QuerySet[Job]) -> dict[str, int]:
    """A statement of scalar subqueries, for a union of bounded queries is not SQL that SQLite takes."""
    parts: list[str] = []
    parameters: list[Any] = []
    for status in JobStatus.values:
        bounded = jobs.filter(status=status).order_by().values("pk")[:COUNTED]
        sql, values = bounded.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - the ORM wrote it, values are apart
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        row = cursor.fetchone()
    return dict(zip(JobStatus.values, row, strict=True))


def _among_the_newest(jobs: QuerySet[Job]) -> dict[str, int]:
    newest = jobs.order_by("-id").values("pk")[:COUNTED]
    counted = Job.objects.filter(pk__in=newest).order_by().values_list("status").annotate(Count("pk"))
    return dict(counted)
