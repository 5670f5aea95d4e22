"""The SQL of the journal: one statement per commit on PostgreSQL for the usual shapes, one per table otherwise.

Everything put into the texts below is a constant of this project; values are always parameters.
"""
# ruff: noqa: S608 - built from constants only

import re
from functools import lru_cache
from itertools import count

from audit.chain import COLUMNS as ENTRY_COLUMNS
from jobs.engine.rows import PAYLOAD_COLUMNS, STEP_COLUMNS

JOB_COLUMNS = (
    "head_seq", "head_hash", "status", "done", "total", "deaths", "due_at", "deadline_at", "finished_at",
    "error_code", "error_summary", "error",
)  # fmt: skip

_STEP_TYPES = {
    "ordinal": "int", "attempt": "int", "generation": "smallint", "key_generation": "smallint", "deaths": "smallint",
    "fence": "int", "started_at": "timestamptz", "finished_at": "timestamptz", "child_id": "bigint",
    "action_version": "smallint",
}  # fmt: skip
_PAYLOAD_TYPES = {
    "attempt": "int",
    "bytes": "bigint",
    "salt": "bytea",
    "commitment": "bytea",
    "blob_id": "varchar",
}
_ENTRY_TYPES = {"seq": "int", "at": "timestamptz", "workspace_id": "bigint", "prev": "bytea", "hash": "bytea"}

# An owner that ends, parks or hands back lets go of the job in the same statement.
GUARD = (
    "UPDATE jobs_job SET "
    + ", ".join(f"{column}=%s" for column in JOB_COLUMNS)
    + ", owner_id=CASE WHEN %s THEN owner_id ELSE NULL END"
    " WHERE id=%s AND fence=%s AND status='in_progress' AND head_seq=%s"
)
INSERT_STEP = (
    f"INSERT INTO jobs_steprun (job_id, {', '.join(STEP_COLUMNS)}) VALUES (%s{', %s' * len(STEP_COLUMNS)})"
)
UPDATE_STEP = (
    "UPDATE jobs_steprun SET "
    + ", ".join(f"{column}=%s" for column in STEP_COLUMNS[1:])
    + " WHERE job_id=%s AND path=%s"
)
_UPDATE_OWN = (
    "UPDATE jobs_steprun s SET "
    + ", ".join(f"{column}=%s::{_STEP_TYPES.get(column, 'text')}" for column in STEP_COLUMNS[1:])
    + " FROM own WHERE s.job_id=own.id AND s.job_id=%s AND s.path=%s::text"
)
INSERT_PAYLOAD = f"INSERT INTO jobs_payload (job_id, {', '.join(PAYLOAD_COLUMNS)}) VALUES (%s{', %s' * len(PAYLOAD_COLUMNS)})"
INSERT_ENTRY = (
    f"INSERT INTO audit_entry ({', '.join(ENTRY_COLUMNS)}) VALUES (%s{', %s' * (len(ENTRY_COLUMNS) - 1)})"
)
COPY_STEPS = f"COPY jobs_steprun (job_id, {', '.join(STEP_COLUMNS)}) FROM STDIN"
COPY_PAYLOADS = f"COPY jobs_payload (job_id, {', '.join(PAYLOAD_COLUMNS)}) FROM STDIN"


@lru_cache(maxsize=256)
def fused(updates: int, inserts: int, payloads: int, entries: int) -> bytes:
    """PostgreSQL: the guard and every row in one statement; the rows depend on the guard's row. Returns 0 or 1.

    Parameters are numbered (`$1`), so that the driver has nothing to rewrite in a text of this length.
    """
    parts = [f"own AS ({GUARD} RETURNING id)"]
    # One part for each updated row: joined to a list of rows, a generic plan reads every step run of the job.
    parts += [f"upd{row} AS ({_UPDATE_OWN})" for row in range(updates)]
    if inserts:
        parts.append(
            "ins AS (" + _insert("jobs_steprun", STEP_COLUMNS, _STEP_TYPES, inserts, owned=True) + ")"
        )
    if payloads:
        parts.append(
            "pay AS (" + _insert("jobs_payload", PAYLOAD_COLUMNS, _PAYLOAD_TYPES, payloads, owned=True) + ")"
        )
    if entries:
        parts.append(
            "aud AS (" + _insert("audit_entry", ENTRY_COLUMNS, _ENTRY_TYPES, entries, owned=False) + ")"
        )
    return numbered(f"WITH {', '.join(parts)} SELECT count(*) FROM own")


NEXT_JOB = "SELECT nextval(pg_get_serial_sequence('jobs_job', 'id'))"
NEXT_JOB_LITE = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name='jobs_job'), 0) + 1"
"""SQLite: only for who has the write lock."""


@lru_cache(maxsize=4)
def new_job(columns: tuple[str, ...]) -> bytes:
    """PostgreSQL: a new job's row, its inputs, its first entry, and the bell, in one statement.

    Parameters: the values of `columns`, the job's id and `PAYLOAD_COLUMNS`, `audit.chain.COLUMNS`, channel, queue.
    """
    job, payload, entry = _new_job_inserts(columns)
    return numbered(
        f"WITH job AS ({job}), pay AS ({payload}), aud AS ({entry}) SELECT pg_notify(%s::text, %s::text)"
    )


@lru_cache(maxsize=4)
def new_job_lite(columns: tuple[str, ...]) -> tuple[str, str, str]:
    """SQLite: the same in three statements, without a bell."""
    job, payload, entry = (text.replace("%s", "?") for text in _new_job_inserts(columns))
    return job, payload, entry


def _new_job_inserts(columns: tuple[str, ...]) -> tuple[str, str, str]:
    return (
        f"INSERT INTO jobs_job ({', '.join(columns)}) VALUES ({_marks(columns)})",
        INSERT_PAYLOAD,
        INSERT_ENTRY,
    )


def numbered(sql: str) -> bytes:
    """The text with `$1`, `$2` … in place of `%s`."""
    number = count(1)
    return re.sub("%s", lambda _: f"${next(number)}", sql).encode()


def _marks(columns: tuple[str, ...]) -> str:
    return ", ".join(["%s"] * len(columns))


def _insert(table: str, columns: tuple[str, ...], types: dict[str, str], rows: int, *, owned: bool) -> str:
    names = ("job_id", *columns) if owned else columns
    values = ", ".join([_values(columns, types)] * rows)
    picked = ", ".join([*(["own.id"] if owned else []), *(f"v.{column}" for column in columns)])
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {picked}"
        f" FROM own, (VALUES {values}) AS v({', '.join(columns)})"
    )


def _values(columns: tuple[str, ...], types: dict[str, str]) -> str:
    return "(" + ", ".join(f"%s::{types.get(column, 'text')}" for column in columns) + ")"
