"""The doorbell: a django-q2 broker that keeps no messages. It hands out tokens while jobs can be claimed."""

import logging
import time

import psycopg
from django.db import Error
from django_q.brokers import Broker
from django_q.signing import SignedPackage

from jobs.queue.drain import CATALOGUE, cluster_queues
from jobs.queue.flag import Tokens
from jobs.queue.listen import Listener, listener

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""It looks this often even when nothing is heard: a lost token or notification costs a second at most."""
OUTAGE_PAUSE_SECONDS = 0.5

Message = tuple[None, str]


class DoorbellBroker(Broker):
    """Runs in django-q2's pusher, one per cluster, and does nothing but ring.

    As many tokens lie unread as there are jobs to claim, and never more than there are workers: a worker with a
    token runs jobs until none is due. So busy workers cause no storm, and a spare token costs one query.
    """

    def __init__(self, list_key: str = "", *, tokens: Tokens | None = None, workers: int = 1) -> None:
        super().__init__(list_key)
        self._tokens = tokens
        self._workers = workers
        self._listener: Listener | None = None
        self._token: Message = (None, SignedPackage.dumps({"id": "drain", "name": "drain"}))

    def enqueue(self, task: str) -> None:
        """Refused: the rows of the jobs are the queue."""
        raise NotImplementedError("Workledger's broker keeps no messages; insert a job and ring its queue.")

    def dequeue(self) -> list[Message] | None:
        """Wait for work, for a second at most, and give as many tokens as are wanted. Absorbs outages: django-q2's
        pusher would sleep for 10 s and die."""
        try:
            return self._wanted()
        except (Error, psycopg.Error) as error:
            logger.warning("The database did not answer the doorbell: %s", error)
            self.close()
            time.sleep(OUTAGE_PAUSE_SECONDS)
            return None

    def close(self) -> None:
        """Close the connection; the next `dequeue` opens another and looks at once."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def ping(self) -> bool:
        """There is no server of its own to reach."""
        return True

    def info(self) -> str:
        """Shown by django-q2's own commands."""
        return "Doorbell"

    def _wanted(self) -> list[Message] | None:
        if self._listener is None:  # just started, or connected again: look at once
            self._listener = listener(cluster_queues(), CATALOGUE)
        else:
            self._listener.wait(LOOK_SECONDS)
        unread = self._tokens.unread() if self._tokens is not None else 0
        free = self._workers - unread
        if free <= 0:
            return None
        wanted = self._listener.claimable(self._workers) - unread
        return [self._token] * min(wanted, free) if wanted > 0 else None
