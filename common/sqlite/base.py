"""Django's SQLite backend, with a fair way to the one write lock."""

import sqlite3
import time
from typing import ClassVar

from django.db.backends.sqlite3 import base

from common.clock import monotonic


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction that begins asks for the write lock each `pause` seconds, as long as the option `timeout` says.

    SQLite's own way to wait asks ever more rarely, down to ten times a second, and whoever has just had the lock takes
    it again at once: beside a hundred starts a second, the workers of a cluster hardly ever got it.
    """

    pause: ClassVar[float] = 0.001

    @classmethod
    def be_eager(cls) -> None:
        """From here on let this process ask ten times as often: it empties the line that other processes fill."""
        cls.pause = 0.0001

    def _start_transaction_under_autocommit(self) -> None:
        patience = float(self.settings_dict["OPTIONS"]["timeout"])
        deadline = monotonic() + patience
        with self.wrap_database_errors:
            self.connection.execute("PRAGMA busy_timeout=0")
            try:
                while not self._take_write_lock(last=monotonic() >= deadline):
                    time.sleep(self.pause)
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
