"""What a token makes a worker do: run the jobs that are due, one after the other, until none is."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection

from common.clock import monotonic
from integrations import registry
from jobs.engine.claim import Claim, claim_next
from jobs.engine.worker import WorkerHandle, give_back, register_worker
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
        self._unsure = False
        """Whether a job may still be ours although none is in hand."""

    def __call__(self) -> None:
        """Run due jobs until none is left, the budget is spent, or the process is to stop. Absorbs outages of the
        database: the doorbell rings again."""
        try:
            self._drain()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database went away while working; its jobs go back in line: %s", error)
            connection.close()
            self._give_back()
        except Exception:
            logger.exception("The engine failed while working on a job; the job goes back in line.")
            # The death is counted, so that a job that always breaks the engine fails in the end.
            self._give_back(deaths=1, pause=CRASH_PAUSE)

    def begin(self) -> None:
        """Register this worker, as soon as the database answers, so that probes see a worker before there is work."""
        while self._worker is None and not self.stop.is_set():
            try:
                self._register()
            except Error as error:
                logger.warning("The database does not answer; this worker waits for it: %s", error)
                connection.close()
                self.stop.wait(OUTAGE_PAUSE_SECONDS)

    def close(self) -> None:
        """Give back what may be ours, and say that this worker is gone."""
        if self._worker is None:
            return
        try:
            if self._unsure:
                give_back(self._worker.id)
            self._worker.close()
        except Error as error:
            logger.warning("The database did not hear that worker %s ends: %s", self._worker.id, error)
        self._worker = None

    def _drain(self) -> None:
        worker = self._worker or self._register()
        end = monotonic() + BUDGET_SECONDS
        while monotonic() < end and not self.stop.is_set():
            if self._unsure:
                give_back(worker.id)
            self._unsure = True
            claim = claim_next(worker, worker.queues, CATALOGUE)
            if claim is not None:
                self._run(claim, worker)
            self._unsure = False
            if claim is None:
                break

    def _register(self) -> WorkerHandle:
        self._worker = register_worker(
            settings.Q_CLUSTER_NAME, cluster_queues(), stop_fd=self.stop.fd, on_lost=self.stop.set
        )
        return self._worker

    def _give_back(self, *, deaths: int = 0, pause: timedelta = timedelta(0)) -> None:
        """Put what may be ours back in line, however long the database takes to answer. Nobody else does it while
        this worker lives, and no token may ever come again.
        """
        while self._worker is not None and not self.stop.is_set():
            try:
                self._worker.unwatch()
                give_back(self._worker.id, deaths=deaths, pause=pause)
            except Error as error:
                logger.warning("The database is still away; the job waits for it: %s", error)
                connection.close()
                self.stop.wait(OUTAGE_PAUSE_SECONDS)
            else:
                self._unsure = False
                return


def cluster_queues() -> list[str]:
    """The queues that this cluster serves, in the order in which it prefers them."""
    return [name.strip() for name in settings.Q_CLUSTER_NAME.split(",") if name.strip()]
