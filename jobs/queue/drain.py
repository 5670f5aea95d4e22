"""What a token makes a worker do: run the jobs that are due, one after the other, until none is."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection

from common.clock import monotonic
from common.sqlite.base import DatabaseWrapper as Sqlite
from integrations import registry
from jobs.engine.claim import Claim, claim_next
from jobs.engine.worker import WorkerHandle, register_worker, resign
from jobs.queue.flag import Flag
from workflows.expressions import version as expressions

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 20.0
"""After this long a worker goes back for another token, so that it can be recycled between two jobs."""
OUTAGE_PAUSE_SECONDS = 0.5
CRASH_PAUSE = timedelta(seconds=5)

CATALOGUE: int = max(registry.CATALOGUE, expressions.CATALOGUE)

RunJob = Callable[[Claim, WorkerHandle], None]
"""Walks a claimed job until it ends, parks, is handed back or is fenced out."""


class Drain:
    """One worker process: its stop flag, its row and its beat."""

    def __init__(self, *, stop: Flag, run: RunJob) -> None:
        self.stop = stop
        self._run = run
        self._worker: WorkerHandle | None = None

    def __call__(self) -> None:
        """Run due jobs until none is left, the budget is spent, or the process is to stop. Absorbs outages of the
        database: the doorbell rings again."""
        try:
            self._drain()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database went away while working; its jobs go back in line: %s", error)
            connection.close()
            self._start_over()
        except Exception:
            logger.exception("The engine failed while working on a job; the job goes back in line.")
            # The death is counted, so that a job that always breaks the engine fails in the end.
            self._start_over(deaths=1, pause=CRASH_PAUSE)

    def begin(self) -> None:
        """Register this worker, as soon as the database answers, so that probes see a worker before there is work."""
        Sqlite.be_eager()
        if not self.stop.is_set():
            self._when_the_database_answers(self._register)

    def close(self) -> None:
        """Say that this worker is gone, and put what it may still own back in line."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.end_beat()
        try:
            resign(worker.id)
        except Error as error:
            logger.warning("The database did not hear that worker %s ends: %s", worker.id, error)

    def _drain(self) -> None:
        worker = self._worker or self._register()
        end = monotonic() + BUDGET_SECONDS
        while monotonic() < end and not self.stop.is_set():
            claim = claim_next(worker, worker.queues, CATALOGUE)
            if claim is None:
                return
            self._run(claim, worker)

    def _register(self) -> WorkerHandle:
        self._worker = register_worker(
            settings.Q_CLUSTER_NAME, cluster_queues(), stop_fd=self.stop.fd, on_lost=self.stop.set
        )
        return self._worker

    def _start_over(self, *, deaths: int = 0, pause: timedelta = timedelta(0)) -> None:
        """Put what may be ours back in line, however long the database takes to answer, and go on as another worker:
        nobody would look at a job that a lost claim gives later to one that lives.
        """
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end_beat()
            self._when_the_database_answers(partial(resign, worker.id, deaths=deaths, pause=pause))
        self.begin()

    def _when_the_database_answers(self, do: Callable[[], object]) -> None:
        """Try until it answers, or until the process is to stop: then the sweep finds out by itself."""
        while True:
            try:
                do()
            except Error as error:
                logger.warning("The database does not answer; this worker waits for it: %s", error)
                connection.close()
                if self.stop.wait(OUTAGE_PAUSE_SECONDS):
                    return
            else:
                return


def cluster_queues() -> list[str]:
    """The queues that this cluster serves, in the order in which it prefers them."""
    return [name.strip() for name in settings.Q_CLUSTER_NAME.split(",") if name.strip()]
