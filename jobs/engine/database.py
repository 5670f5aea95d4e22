"""Raw statements of the hot path: prepared on PostgreSQL, and the values of their rows read alike on both databases."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection
from django.utils.dateparse import parse_datetime

from common.clock import now

Row = tuple[Any, ...]

NOW = "statement_timestamp()"
"""PostgreSQL's clock. Unlike `now()` it moves within a transaction, and unlike `clock_timestamp()` an index can use it."""


def postgresql() -> bool:
    """Whether the database is PostgreSQL; else it is SQLite."""
    return connection.vendor == "postgresql"


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Run one statement and return its rows; on PostgreSQL as a prepared statement of the session.

    `parameters` are bound by the server there, so give casts where a type is not plain. Raises Django's database
    errors. A statement without rows (no RETURNING) is not meant for this.
    """
    if not postgresql():
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())
    with connection.wrap_database_errors, psycopg.Cursor(_preparing()) as cursor:
        return list(cursor.execute(sql, parameters, prepare=True).fetchall())


def numbered_rows(sql: bytes, parameters: Sequence[Any]) -> list[Row]:
    """PostgreSQL only: as `rows`, for a text whose parameters are `$1`, `$2` …, which the driver need not rewrite."""
    with connection.wrap_database_errors, psycopg.RawCursor(_preparing()) as cursor:
        return list(cursor.execute(sql, parameters, prepare=True).fetchall())


def _preparing() -> Any:
    """The raw connection, able to prepare statements: Django turns that off; its own cursors stay unprepared."""
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 5
    return raw


def as_moment(value: Any) -> datetime | None:
    """A column's point in time: PostgreSQL gives it aware, SQLite as text or without its zone, always in UTC."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else parse_datetime(str(value))
    if moment is None:
        raise ValueError(f"{value!r} is not a point in time.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_uuid(value: Any) -> uuid.UUID:
    """A column's UUID: SQLite keeps it as 32 hexadecimal digits."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))


def column(value: datetime | uuid.UUID | None) -> Any:
    """`value` as a parameter that compares with what Django stores."""
    if postgresql() or value is None:
        return value
    return value.hex if isinstance(value, uuid.UUID) else connection.ops.adapt_datetimefield_value(value)


def database_now() -> datetime:
    """The database's clock. SQLite has none but this host's."""
    if not postgresql():
        return now()
    return as_moment(rows(f"SELECT {NOW}")[0][0]) or now()
