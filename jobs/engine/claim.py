"""Claim: one statement makes a worker the owner of a queued job, and no other worker."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction

from common.clock import monotonic
from common.clock import now as clock_now
from jobs.engine.database import NOW, Row, as_moment, as_uuid, column, postgresql, rows
from jobs.states import JobStatus


class Claimant(Protocol):
    """What a claim must know of a worker."""

    @property
    def id(self) -> uuid.UUID:
        """The worker's row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A job in hand, as it stood at the claim. `fence` and `head_seq` guard every later write of the owner."""

    id: int
    uid: uuid.UUID
    fence: int
    lost_fence: int
    head_seq: int
    head_hash: bytes
    version_id: int | None
    draft: str | None
    generation: int
    deaths: int
    kind: str
    workspace_id: int
    workflow_id: int
    parent_id: int | None
    parent_path: str
    root_id: int | None
    slice_from: int
    slice_to: int
    queue: str
    priority: str
    needs: int
    source: str
    created_by_id: int | None
    title: str
    reference: str
    time_zone: str
    done: int
    total: int
    created_at: datetime
    started_at: datetime
    deadline_at: datetime | None
    cancel_at: datetime | None
    now: datetime
    """The database's clock at the claim."""
    monotonic: float
    """This process's monotonic clock at the same moment."""

    @property
    def takes_over(self) -> bool:
        """Whether the owner before was lost, and did not let go of the job."""
        return self.fence > 1 and self.lost_fence == self.fence - 1

    def moment(self) -> datetime:
        """The present by the database's clock at the claim plus what has passed here since."""
        return self.now + timedelta(seconds=monotonic() - self.monotonic)


_PLAIN = (
    "id",
    "fence",
    "lost_fence",
    "head_seq",
    "version_id",
    "draft",
    "generation",
    "deaths",
    "kind",
    "workspace_id",
    "workflow_id",
    "parent_id",
    "parent_path",
    "root_id",
    "slice_from",
    "slice_to",
    "queue",
    "priority",
    "needs",
    "source",
    "created_by_id",
    "title",
    "reference",
    "time_zone",
    "done",
    "total",
)
_MOMENTS = ("created_at", "started_at", "deadline_at", "cancel_at")
_COLUMNS = (*_PLAIN, "uid", "head_hash", *_MOMENTS)

# Statuses are written out, not bound: a generic plan could not use the partial index otherwise.
_QUEUED, _IN_PROGRESS = JobStatus.QUEUED.value, JobStatus.IN_PROGRESS.value
_POSTGRESQL = f"""
WITH c AS (
  SELECT id FROM jobs_job
  WHERE status = '{_QUEUED}' AND queue = %s AND needs <= %s AND run_at <= {NOW}
  ORDER BY claim_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
UPDATE jobs_job j SET status = '{_IN_PROGRESS}', owner_id = %s, fence = j.fence + 1,
  started_at = coalesce(j.started_at, {NOW})
FROM c WHERE j.id = c.id
RETURNING {", ".join(f"j.{name}" for name in _COLUMNS)}, {NOW}
"""  # noqa: S608 - constants only
_CLAIMABLE = f"status = '{_QUEUED}' AND queue = %s AND needs <= %s AND run_at <= %s"
_LOOK = f"SELECT 1 FROM jobs_job WHERE {_CLAIMABLE} LIMIT 1"  # noqa: S608 - constants only
_SQLITE = f"""
UPDATE jobs_job SET status = '{_IN_PROGRESS}', owner_id = %s, fence = fence + 1, started_at = coalesce(started_at, %s)
WHERE id = (SELECT id FROM jobs_job WHERE {_CLAIMABLE} ORDER BY claim_at, id LIMIT 1)
RETURNING {", ".join(_COLUMNS)}
"""  # noqa: S608 - constants only


def claim_next(worker: Claimant, queues: Sequence[str], catalogue: int) -> Claim | None:
    """Claim the job that is first in line of the first of `queues` that has one; None when none is due.

    `catalogue` is the number of the newest action or expression version that this release can run: a job that
    needs a newer one is left for a newer worker. Call it outside a transaction: the claim must be committed before
    anything is done for the job.
    """
    claim_from = _claim_postgresql if postgresql() else _claim_sqlite
    for queue in queues:
        claim = claim_from(worker.id, queue, catalogue)
        if claim is not None:
            return claim
    return None


def _claim_postgresql(worker: uuid.UUID, queue: str, catalogue: int) -> Claim | None:
    found = rows(_POSTGRESQL, (queue, catalogue, worker))
    return _claim(found[0][:-1], found[0][-1]) if found else None


def _claim_sqlite(worker: uuid.UUID, queue: str, catalogue: int) -> Claim | None:
    """Look without a lock first, so that idle workers never hold up a writer."""
    moment = clock_now()
    claimable = (queue, catalogue, column(moment))
    if not rows(_LOOK, claimable):
        return None
    with transaction.atomic():
        found = rows(_SQLITE, (column(worker), column(moment), *claimable))
    return _claim(found[0], moment) if found else None


def _claim(row: Row, moment: datetime) -> Claim:
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    values.update({name: as_moment(values[name]) for name in _MOMENTS})
    values.update(uid=as_uuid(values["uid"]), head_hash=bytes(values["head_hash"]))
    return Claim(**values, now=moment, monotonic=monotonic())
