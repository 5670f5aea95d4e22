"""The journal commit: the owner's only way to write. `engine.md` of the documentation tells the protocol.

Every commit is guarded by (fence, head_seq) of the job's row. If the guard matches nothing, nothing is written.
The usual shapes are one statement on PostgreSQL; everything else is a transaction that begins with the guard.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection, transaction

from common.clock import monotonic
from jobs.engine import rare_commits, statements
from jobs.engine.database import numbered_rows
from jobs.engine.recorder import Batch
from jobs.engine.rows import PayloadRow, StepRow
from jobs.states import JobStatus

FUSED_ROWS = 12
"""Up to this many rows go into one statement; more are copied in a transaction."""
_FAIR_PAUSE = 0.0005


class Journal:
    """Writes the commits of one owner through Django's own connection."""

    def __init__(self) -> None:
        self.postgresql = connection.vendor == "postgresql"
        self._last_commit = 0.0

    def write(self, batch: Batch) -> bool:
        """Commit `batch`. False: the guard matched nothing and nothing was written. Raises `OperationalError`
        when the database is away; whether the commit arrived is then to be read from the head.
        """
        if not self.postgresql:
            self._be_fair()
        if not batch.plain:
            written = rare_commits.write(batch)
        elif self.postgresql and len(batch.inserts) + len(batch.updates) + len(batch.payloads) <= FUSED_ROWS:
            written = self._write_fused(batch)
        else:
            written = self._write_rows(batch)
        self._last_commit = monotonic()
        return written

    def _be_fair(self) -> None:
        # SQLite's write lock is not fair: if it is not left free for a moment, a web request can wait for seconds.
        free = monotonic() - self._last_commit
        if free < _FAIR_PAUSE:
            time.sleep(_FAIR_PAUSE - free)

    def _write_fused(self, batch: Batch) -> bool:
        sql = statements.fused(
            len(batch.updates), len(batch.inserts), len(batch.payloads), len(batch.entries)
        )
        params: list[Any] = [*guard_params(batch)]
        for row in batch.updates:
            params += _update_params(batch.job_id, row)
        for row in batch.inserts:
            params += row.columns()
        for payload in batch.payloads:
            params += payload.columns()
        for entry in batch.entries:
            params += entry.row()
        return bool(numbered_rows(sql, params)[0][0])

    def _write_rows(self, batch: Batch) -> bool:
        with transaction.atomic(), connection.cursor() as wrapped:
            if not self.postgresql:
                return _write_lite(wrapped.cursor, batch)
            with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
                return _write_copied(cursor, batch)


def guard_params(batch: Batch) -> tuple[Any, ...]:
    """The parameters of `statements.GUARD`."""
    job = batch.job
    keeps = job.status is JobStatus.IN_PROGRESS
    return (
        batch.head_seq, batch.head_hash, job.status.value, job.done, job.total, job.deaths, job.due_at,
        job.deadline_at, job.finished_at, job.error_code, job.error_summary, job.error,
        keeps, batch.job_id, batch.fence, batch.seen,
    )  # fmt: skip


def _write_copied(cursor: psycopg.Cursor[Any], batch: Batch) -> bool:
    if cursor.execute(statements.GUARD.encode(), guard_params(batch)).rowcount != 1:
        return False
    job_id = batch.job_id
    if batch.updates:
        cursor.executemany(
            statements.UPDATE_STEP.encode(), [_update_params(job_id, row) for row in batch.updates]
        )
    if batch.inserts:
        _copy_rows(cursor, statements.COPY_STEPS, job_id, batch.inserts)
    if batch.payloads:
        _copy_rows(cursor, statements.COPY_PAYLOADS, job_id, batch.payloads)
    if batch.entries:
        cursor.executemany(statements.INSERT_ENTRY.encode(), [entry.row() for entry in batch.entries])
    return True


def _copy_rows(
    cursor: psycopg.Cursor[Any], sql: str, job_id: int, rows: Iterable[StepRow | PayloadRow]
) -> None:
    with cursor.copy(sql.encode()) as copy:
        for row in rows:
            copy.write_row((job_id, *row.columns()))


def _write_lite(cursor: Any, batch: Batch) -> bool:
    cursor.execute(_lite(statements.GUARD), _lite_params(guard_params(batch)))
    if cursor.rowcount != 1:
        return False
    job_id = batch.job_id
    updates = [_lite_params(_update_params(job_id, row)) for row in batch.updates]
    inserts = [_lite_params((job_id, *row.columns())) for row in batch.inserts]
    cursor.executemany(_lite(statements.UPDATE_STEP), updates)
    cursor.executemany(_lite(statements.INSERT_STEP), inserts)
    cursor.executemany(_lite(statements.INSERT_PAYLOAD), [(job_id, *row.columns()) for row in batch.payloads])
    cursor.executemany(_lite(statements.INSERT_ENTRY), [entry.row(text_time=True) for entry in batch.entries])
    return True


def _update_params(job_id: int, row: StepRow) -> tuple[Any, ...]:
    path, *rest = row.columns()
    return (*rest, job_id, path)


def _lite(sql: str) -> str:
    return sql.replace("%s", "?")


def _lite_params(params: Iterable[Any]) -> list[Any]:
    return [lite_time(value) if isinstance(value, datetime) else value for value in params]


def lite_time(moment: datetime) -> str:
    """A time in the form in which Django stores it on SQLite."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))
