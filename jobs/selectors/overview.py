"""What a workspace's people want to know first: what runs, what waits, what has failed in the last day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.functional import Promise

from common import clock
from jobs.models import Job, Wait
from jobs.selectors.jobs import jobs_for_lists
from jobs.selectors.workers import any_worker_alive
from jobs.states import WAITS_FOR, JobKind, JobStatus, WaitKind
from workflows.models import ActivationRequest
from workspaces.models import Workspace

SHOWN = 10
"""So many jobs of each kind; the list of jobs has the rest."""


@dataclass(frozen=True, kw_only=True)
class WaitingJob:
    """A job that waits, and for what: of its sub-jobs it says only that it waits for them."""

    job: Job
    waits_for: str | Promise
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The newest of each kind; `more_…` says that there are others. `idle` says that no worker would take a job.
    `requests` wait for a second person, the oldest first.
    """

    requests: Sequence[ActivationRequest]
    more_requests: bool

    running: Sequence[Job]
    more_running: bool
    waiting: Sequence[WaitingJob]
    more_waiting: bool
    failed: Sequence[Job]
    more_failed: bool
    idle: bool
    any_job: bool

    @property
    def parts(self) -> tuple[object, ...]:
        """What changes whenever something else is to be shown."""
        jobs = [*self.running, *(each.job for each in self.waiting), *self.failed]
        shown = [(job.pk, job.status, job.head_seq) for job in jobs]
        asked = ([each.pk for each in self.requests], self.more_requests)
        return (shown, asked, self.more_running, self.more_waiting, self.more_failed, self.idle, self.any_job)


def overview_of(workspace: Workspace) -> Overview:
    """Seven queries at most, whatever the workspace holds."""
    jobs = jobs_for_lists(Job.objects.filter(workspace=workspace, kind=JobKind.JOB)).order_by("-id")
    running = _newest(jobs.filter(status__in=[JobStatus.QUEUED, JobStatus.IN_PROGRESS]))
    waiting = _newest(jobs.filter(status=JobStatus.WAITING))
    recent = jobs.filter(status=JobStatus.FAILED, finished_at__gte=clock.now() - timedelta(days=1))
    failed = _newest(recent.order_by("-finished_at", "-id"))
    queued = any(job.status == JobStatus.QUEUED for job in running)
    seen = bool(running or waiting or failed)
    requests = list(ActivationRequest.objects.of(workspace).open().for_lists().order_by("id")[: SHOWN + 1])
    return Overview(
        requests=requests[:SHOWN],
        more_requests=len(requests) > SHOWN,
        running=running[:SHOWN],
        more_running=len(running) > SHOWN,
        waiting=_with_waits(waiting[:SHOWN]),
        more_waiting=len(waiting) > SHOWN,
        failed=failed[:SHOWN],
        more_failed=len(failed) > SHOWN,
        idle=queued and not any_worker_alive(),
        any_job=seen or Job.objects.filter(workspace=workspace, kind=JobKind.JOB).exists(),
    )


def _newest(jobs: QuerySet[Job]) -> list[Job]:
    return list(jobs[: SHOWN + 1])


def _with_waits(jobs: Sequence[Job]) -> list[WaitingJob]:
    """Each job with its oldest open wait. One query."""
    if not jobs:
        return []
    rows = Wait.objects.filter(job__in=[job.pk for job in jobs], settled_at__isnull=True).order_by("-id")
    oldest = {row.job_id: row for row in rows.only("job_id", "kind", "since", "due_at")[:1_000]}
    return [_waiting(job, oldest.get(job.pk)) for job in jobs]


def _waiting(job: Job, wait: Wait | None) -> WaitingJob:
    if wait is None:
        return WaitingJob(job=job, waits_for="", since=None, until=None)
    return WaitingJob(job=job, waits_for=WAITS_FOR[WaitKind(wait.kind)], since=wait.since, until=wait.due_at)
