"""The beat: a thread that keeps a worker's lease and tells the owner of a job when its row was changed from outside."""

import logging
import os
import select
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error, connection
from django.db.models.functions import Now

from common.clock import monotonic
from jobs.models import Job, Worker
from jobs.states import JobStatus

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Watched:
    """The job in hand, as its owner last knew it."""

    job_id: int
    fence: int
    head_seq: int
    on_change: Callable[[], None]


class Beat(threading.Thread):
    """Renews the lease every third of it; each second looks at the watched job and at the request to stop.

    It has a database connection of its own. An outage is absorbed until the lease is over; then the lease is lost,
    as it is when another process has marked the worker gone.
    """

    def __init__(
        self, *, worker_id: uuid.UUID, lease: float, stop_fd: int | None, on_lost: Callable[[], None]
    ) -> None:
        super().__init__(name="beat", daemon=True)
        self.stopping = threading.Event()
        self.lost = threading.Event()
        self.watched: Watched | None = None
        self._worker_id = worker_id
        self._lease = lease
        self._on_lost = on_lost
        self._renewed_at = monotonic()
        self._stop_said = False
        self._closing = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        self._listens = [self._wake_read] if stop_fd is None else [self._wake_read, stop_fd]

    def run(self) -> None:
        """Beat until closed or until the lease is lost."""
        try:
            while not self._closing.is_set() and not self.lost.is_set():
                ready, _, _ = select.select(self._listens, [], [], TICK_SECONDS)
                if self._closing.is_set():
                    break
                if ready:
                    self._begin_to_stop()
                self._beat()
        finally:
            connection.close()

    def close(self) -> None:
        """End the thread and wait for it."""
        self._closing.set()
        os.write(self._wake_write, b"c")
        self.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def poke(self) -> None:
        """Wake the owner of the watched job, if there is one."""
        watched = self.watched
        if watched is not None:
            watched.on_change()

    def _begin_to_stop(self) -> None:
        self._listens = [self._wake_read]
        self.stopping.set()
        self.poke()

    def _beat(self) -> None:
        try:
            if self.stopping.is_set() and not self._stop_said:
                Worker.objects.filter(pk=self._worker_id, stopping_at=None).update(stopping_at=Now())
                self._stop_said = True
            if monotonic() - self._renewed_at >= self._lease / 3:
                self._renew()
            watched = self.watched
            if watched is not None and self._moved(watched) and self.watched is not None:
                self.poke()
        except Error as error:
            logger.warning("The database did not answer the beat: %s", error)
            connection.close()
        if monotonic() - self._renewed_at >= self._lease:
            self._lose("it could not be renewed in time")

    def _renew(self) -> None:
        asked_at = monotonic()
        lease = Now() + timedelta(seconds=self._lease)
        if Worker.objects.filter(pk=self._worker_id, gone_at=None).update(beat_at=Now(), lease_until=lease):
            self._renewed_at = asked_at
        else:
            self._lose("another process has marked this worker gone")

    def _moved(self, watched: Watched) -> bool:
        """Whether somebody else changed the job since the owner last told what it has seen."""
        row = Job.objects.filter(pk=watched.job_id).values_list("fence", "head_seq", "status").first()
        if self.watched is not watched:  # the owner committed meanwhile: what was read may be its own change
            return False
        return row != (watched.fence, watched.head_seq, JobStatus.IN_PROGRESS)

    def _lose(self, reason: str) -> None:
        if self.lost.is_set():
            return
        logger.error(
            "The lease of worker %s is lost: %s. The process starts nothing more.", self._worker_id, reason
        )
        self.lost.set()
        self.poke()
        self._on_lost()
