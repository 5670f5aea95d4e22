"""Waiting for a job to become claimable, and seeing how many are, on a connection of its own."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress

import psycopg
from django.conf import settings
from django.db import connection

from common.clock import monotonic, now
from jobs.engine.database import NOW, column
from jobs.queue.bell import CHANNEL
from jobs.states import JobStatus

POLL_SECONDS = 0.002
"""Between two looks at an SQLite file. Also the least pause while every commit changes it: a doorbell that does not
sleep takes a whole processor from the workers."""
_QUEUED = JobStatus.QUEUED.value


class Listener(ABC):
    """Looks and waits for the clusters of some queues. Make it after the fork; every method raises what the
    database driver raises when the database is away: then close it and make another."""

    def __init__(self, queues: Sequence[str], catalogue: int) -> None:
        self.queues = list(queues)
        self.catalogue = catalogue

    @abstractmethod
    def claimable(self, most: int) -> int:
        """How many jobs can be claimed now; counts to `most`."""

    @abstractmethod
    def wait(self, timeout: float) -> None:
        """Return when something may have become claimable, at the latest after `timeout` seconds."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""


class NotifyListener(Listener):
    """PostgreSQL: LISTEN on a connection in autocommit mode, straight to the server (not through a pooler)."""

    _SQL = f"""
        SELECT count(*) FROM (SELECT 1 FROM jobs_job WHERE status = '{_QUEUED}' AND queue = ANY(%s)
        AND needs <= %s AND run_at <= {NOW} LIMIT %s) AS claimable
    """  # noqa: S608 - constants only

    def __init__(self, queues: Sequence[str], catalogue: int) -> None:
        super().__init__(queues, catalogue)
        if settings.LISTEN_DATABASE_URL:
            self._connection = psycopg.connect(settings.LISTEN_DATABASE_URL, autocommit=True)
        else:
            self._connection = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        self._connection.execute(f"LISTEN {CHANNEL}")

    def claimable(self, most: int) -> int:
        """Also keeps what is notified meanwhile for the next `wait`."""
        row = self._connection.execute(self._SQL, (self.queues, self.catalogue, most)).fetchone()
        return int(row[0]) if row else 0

    def wait(self, timeout: float) -> None:
        """Notifications of other queues do not end it."""
        end = monotonic() + timeout
        while (left := end - monotonic()) > 0:
            heard = {notice.payload for notice in self._connection.notifies(timeout=left, stop_after=1)}
            if not heard.isdisjoint(self.queues):
                return

    def close(self) -> None:
        """An error while closing a broken connection changes nothing."""
        with suppress(psycopg.Error):
            self._connection.close()


class VersionListener(Listener):
    """SQLite: `PRAGMA data_version` changes when another connection has committed. Reading it takes no lock."""

    def __init__(self, queues: Sequence[str], catalogue: int) -> None:
        super().__init__(queues, catalogue)
        marks = ", ".join(["%s"] * len(self.queues))
        self._sql = (
            f"SELECT count(*) FROM (SELECT 1 FROM jobs_job WHERE status = '{_QUEUED}' AND queue IN ({marks})"  # noqa: S608 - constants and placeholders only
            " AND needs <= %s AND run_at <= %s LIMIT %s)"
        )
        self._version = self._read_version()
        self._next_look = monotonic()

    def claimable(self, most: int) -> int:
        """Reads the version first: a commit after it ends the next `wait`."""
        self._version = self._read_version()
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [*self.queues, self.catalogue, column(now()), most])
            return int(cursor.fetchone()[0])

    def wait(self, timeout: float) -> None:
        """Polls every 2 ms."""
        end = monotonic() + timeout
        raw = connection.connection
        while monotonic() < end:
            time.sleep(max(0.0, self._next_look - monotonic()))
            self._next_look = monotonic() + POLL_SECONDS
            if raw.execute("PRAGMA data_version").fetchone()[0] != self._version:
                return

    def close(self) -> None:
        """The connection is Django's."""
        connection.close()

    def _read_version(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            return int(cursor.fetchone()[0])


def listener(queues: Sequence[str], catalogue: int) -> Listener:
    """The listener for the database in use. Raises the driver's errors."""
    kind = NotifyListener if connection.vendor == "postgresql" else VersionListener
    return kind(queues, catalogue)
