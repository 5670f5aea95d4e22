"""A worker: its row, its lease, and what the owner of a job may ask of it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from threading import Event

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.engine.beat import Beat, Watched
from jobs.engine.identity import own_identity
from jobs.models import Job, Worker
from jobs.states import JobStatus


class WorkerHandle:
    """This process as a worker. The owner's thread calls `watch`, `saw` and `unwatch`; the beat's thread sets the
    events and calls `on_change`.

    `stopping`: asked to stop: start nothing, hand the job back. `lost`: the lease is lost: start nothing, write
    nothing; the process ends. Both also call `on_change`.
    """

    def __init__(self, *, worker_id: uuid.UUID, cluster: str, queues: tuple[str, ...], beat: Beat) -> None:
        self.id = worker_id
        self.cluster = cluster
        self.queues = queues
        self._beat = beat

    @property
    def stopping(self) -> Event:
        """Set once the process was asked to stop."""
        return self._beat.stopping

    @property
    def lost(self) -> Event:
        """Set once the lease is lost."""
        return self._beat.lost

    def watch(self, job_id: int, head_seq: int, fence: int, on_change: Callable[[], None]) -> None:
        """Begin to look at a job each second. `on_change` is called from the beat's thread, each second anew, while
        fence, head or status differ from what was last told; it must be quick, touch no database, and may come
        once more after `unwatch`."""
        self._beat.watched = Watched(job_id=job_id, fence=fence, head_seq=head_seq, on_change=on_change)

    def saw(self, head_seq: int) -> None:
        """Tell the head that the owner has written or read last."""
        watched = self._beat.watched
        if watched is not None:
            self._beat.watched = replace(watched, head_seq=head_seq)

    def unwatch(self) -> None:
        """The job is no longer in hand."""
        self._beat.watched = None

    def end_beat(self) -> None:
        """Stop renewing the lease. Only while no job is in hand, and before `resign`."""
        self._beat.close()


def register_worker(
    cluster: str,
    queues: Sequence[str],
    *,
    stop_fd: int | None = None,
    on_lost: Callable[[], None] = lambda: None,
) -> WorkerHandle:
    """Insert the row of this process and start its beat.

    `stop_fd` becomes readable when the process is asked to stop, and stays so; `on_lost` is called once, from the
    beat's thread, when the lease is lost. Raises Django's database errors.
    """
    lease = float(settings.WORKER_LEASE_SECONDS)
    row = Worker.objects.create(
        **asdict(own_identity()),
        cluster=cluster,
        queues=",".join(queues),
        release=settings.RELEASE,
        started_at=Now(),
        beat_at=Now(),
        lease_until=Now() + timedelta(seconds=lease),
    )
    beat = Beat(worker_id=row.pk, lease=lease, stop_fd=stop_fd, on_lost=on_lost)
    beat.start()
    return WorkerHandle(worker_id=row.pk, cluster=cluster, queues=tuple(queues), beat=beat)


@transaction.atomic
def resign(worker_id: uuid.UUID, *, deaths: int = 0, pause: timedelta = timedelta(0)) -> int:
    """Say that a worker is gone, and put the jobs that it still owns back in line, to be claimed after `pause`;
    returns how many.

    A claim whose answer was lost with the connection may have made it the owner of a job that it does not know of. One
    that is still under way in the server commits after this; the sweep puts the jobs of workers that are gone back.
    `deaths` is counted against the jobs. Raises Django's database errors.
    """
    Worker.objects.filter(pk=worker_id, gone_at=None).update(gone_at=Now())
    mine = Job.objects.filter(owner_id=worker_id, status=JobStatus.IN_PROGRESS)
    again = {"run_at": Now() + pause} if pause else {}
    return take_from_owner(mine, deaths=deaths, **again)


def take_from_owner(lost: QuerySet[Job], *, deaths: int, **columns: object) -> int:
    """Put jobs whose owner is lost back in line for others to take over; returns how many."""
    return lost.update(
        status=JobStatus.QUEUED, owner=None, lost_fence=F("fence"), deaths=F("deaths") + deaths, **columns
    )
