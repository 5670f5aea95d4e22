"""Where a queued job stands: how many are before it, and whether anybody is there to run it."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, Q

from jobs.models import Job
from jobs.selectors.workers import alive_workers
from jobs.states import JobStatus

COUNTED_AT_MOST: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class QueuePlace:
    """`before`: jobs that are claimed first, a thousand at most."""

    before: int
    worker_alive: bool

    @property
    def is_many(self) -> bool:
        """Whether `before` is only the least."""
        return self.before >= COUNTED_AT_MOST - 1


def queue_place(job: Job) -> QueuePlace:
    """Of a queued job. One query; it counts the jobs of all workspaces, for they share the queue."""
    first = Q(claim_at__lt=job.claim_at) | Q(claim_at=job.claim_at, pk__lte=job.pk)
    until_it = Job.objects.filter(first, status=JobStatus.QUEUED, queue=job.queue).order_by("claim_at", "pk")
    rows = list(until_it.annotate(alive=Exists(alive_workers())).values_list("pk", "alive")[:COUNTED_AT_MOST])
    return QueuePlace(before=sum(pk != job.pk for pk, _ in rows), worker_alive=bool(rows and rows[0][1]))
