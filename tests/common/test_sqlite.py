"""The write lock of SQLite is waited for, and no longer than it was said."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from common.sqlite.base import DatabaseWrapper

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no such lock"),
]


@pytest.fixture
def other() -> Iterator[sqlite3.Connection]:
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as raw:
        yield raw


def test_a_transaction_begins_as_soon_as_the_lock_is_free(other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.05, other.execute, ["ROLLBACK"])
    release.start()
    with transaction.atomic():
        assert not other.in_transaction
    release.join()


def test_a_lock_that_nobody_gives_back_is_waited_for_as_long_as_the_settings_say(
    other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), transaction.atomic():
        raise AssertionError("It has the lock of somebody else.")
    other.execute("ROLLBACK")
    with transaction.atomic():
        assert connection.in_atomic_block


def test_who_empties_the_line_asks_for_the_lock_more_often(
    other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = []

    def release(seconds: float) -> None:
        pauses.append(seconds)
        other.execute("ROLLBACK")

    monkeypatch.setattr("common.sqlite.base.time.sleep", release)
    monkeypatch.setattr(DatabaseWrapper, "pause", 0.001)  # a worker of another test may have been eager here
    for prepare in (lambda: None, DatabaseWrapper.be_eager):
        prepare()
        other.execute("BEGIN IMMEDIATE")
        with transaction.atomic():
            pass
    usual, eager = pauses
    assert eager < usual
