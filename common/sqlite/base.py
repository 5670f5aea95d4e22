"""Django's SQLite backend, with a fair way to the one write lock."""

import sqlite3
import time

from django.db.backends.sqlite3 import base

from common.clock import monotonic

POLL_SECONDS = 0.001


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction that begins asks for the write lock each millisecond, as long as the option `timeout` says.

    SQLite's own way to wait asks ever more rarely, down to ten times a second, and whoever has just had the lock takes
    it again at once: beside a hundred starts a second, the workers of a cluster hardly ever got it.
    """

    def _start_transaction_under_autocommit(self) -> None:
        patience = float(self.settings_dict["OPTIONS"]["timeout"])
        deadline = monotonic() + patience
        with self.wrap_database_errors:
            self.connection.execute("PRAGMA busy_timeout=0")
            try:
                while not self._take_write_lock(last=monotonic() >= deadline):
                    time.sleep(POLL_SECONDS)
            finally:
                self.connection.execute(f"PRAGMA busy_timeout={round(patience * 1000)}")

    def _take_write_lock(self, *, last: bool) -> bool:
        """Whether the transaction has begun. Raises `sqlite3.OperationalError`; a lock that is taken, only at last."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if last or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True
