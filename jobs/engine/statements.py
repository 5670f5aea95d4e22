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
INSERT_PAYLOAD = f"INSERT INTO jobs_payload (job_id, {', '.join(PAYLOAD_COLUMNS)}) VALUES (%s{', %s' * len(PAYLOAD_COLUMNS)})"
INSERT_ENTRY = (
    f"INSERT INTO audit_entry ({', '.join(ENTRY_COLUMNS)}) VALUES (%s{', %s' * (len(ENTRY_COLUMNS) - 1)})"
)
COPY_STEPS = f"COPY jobs_steprun (job_id, {', '.join(STEP_COLUMNS)}) FROM STDIN"
COPY_PAYLOADS = f"COPY jobs_payload (job_id, {', '.join(PAYLOAD_COLUMNS)}) FROM STDIN"


@lru_cache(maxsize=256)
def fused(updates: int, inserts: int, payloads: int, entries: int) -> str:
    """PostgreSQL: the guard and every row in one statement; the rows depend on the guard's row. Returns 0 or 1.

    Parameters are numbered (`$1`), so that the driver has nothing to rewrite in a text of this length.
    """
    parts = [f"own AS ({GUARD} RETURNING id)"]
    if updates:
        rows = ", ".join([_values(STEP_COLUMNS, _STEP_TYPES)] * updates)
        changes = ", ".join(f"{column}=u.{column}" for column in STEP_COLUMNS[1:])
        parts.append(
            f"upd AS (UPDATE jobs_steprun s SET {changes} FROM own, (VALUES {rows}) AS u({', '.join(STEP_COLUMNS)})"
            " WHERE s.job_id=own.id AND s.path=u.path)"
        )
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
    number = count(1)
    return re.sub("%s", lambda _: f"${next(number)}", f"WITH {', '.join(parts)} SELECT count(*) FROM own")


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
