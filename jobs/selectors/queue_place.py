"""Where a queued job stands: how many are before it, and whether anybody is there to run it."""

from dataclasses import dataclass
from typing import Final

from django.db.models import BigIntegerField, DateTimeField, Exists, Q, QuerySet, TextField

from common import clock
from common.prepared import Given, Prepared
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
    rows = _UNTIL_IT.rows(pk=job.pk, claim_at=job.claim_at, queue=job.queue, now=clock.now())
    return QueuePlace(before=sum(pk != job.pk for pk, _ in rows), worker_alive=bool(rows and rows[0][1]))


def _until_it() -> QuerySet[Job, tuple[int, bool]]:
    claim_at = Given("claim_at", DateTimeField())
    first = Q(claim_at__lt=claim_at) | Q(claim_at=claim_at, pk__lte=Given("pk", BigIntegerField()))
    rows = Job.objects.filter(first, status=JobStatus.QUEUED, queue=Given("queue", TextField()))
    alive = Exists(alive_workers(Given("now", DateTimeField())))
    ordered = rows.order_by("claim_at", "pk").annotate(alive=alive)
    return ordered.values_list("pk", "alive")[:COUNTED_AT_MOST]


_UNTIL_IT = Prepared(_until_it)
