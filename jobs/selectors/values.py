"""Stored values of jobs, read in two strides: what there is and how large, then only what is wanted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Self

from common.canonical import Json, loads
from jobs.models import Payload
from jobs.states import PayloadKind
from jobs.storage import open_blob

_BATCH = 500
_STEP_KINDS = (PayloadKind.INPUT, PayloadKind.OUTPUT, PayloadKind.LOG)
Place = tuple[int, str, str]
"""Job, path, kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One stored value, unread."""

    id: int
    attempt: int
    bytes: int


@dataclass(slots=True, kw_only=True)
class Values:
    """The newest value at each place, by size; `load` fetches those that are to be shown."""

    found: dict[Place, Found] = field(default_factory=dict)
    _texts: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)
    _job: int = 0

    @classmethod
    def of_job(cls, job_id: int) -> Self:
        """A job's own inputs and outputs, in one query."""
        values = cls(_job=job_id)
        rows = Payload.objects.filter(
            job=job_id, path="", kind__in=(PayloadKind.INPUTS, PayloadKind.OUTPUTS)
        ).order_by("attempt")
        for pk, kind, attempt, size, body, blob in rows.values_list(
            "pk", "kind", "attempt", "bytes", "body", "blob_id"
        ):
            values.found[job_id, "", kind] = Found(id=pk, attempt=attempt, bytes=size)
            values._texts[pk] = (body, blob)
        return values

    @classmethod
    def of_steps(cls, job_ids: Collection[int], paths: Iterable[str] | None = None) -> Self:
        """The values of step runs, unread: of all in these jobs, or at `paths`, 500 at a time."""
        values = cls()
        wanted = None if paths is None else list(paths)
        starts = [0] if wanted is None else range(0, len(wanted), _BATCH)
        for start in starts:
            rows = Payload.objects.filter(job__in=job_ids, kind__in=_STEP_KINDS, purged_at__isnull=True)
            if wanted is not None:
                rows = rows.filter(path__in=wanted[start : start + _BATCH])
            for job, path, kind, pk, attempt, size in rows.order_by("attempt").values_list(
                "job_id", "path", "kind", "pk", "attempt", "bytes"
            ):
                values.found[job, path, kind] = Found(id=pk, attempt=attempt, bytes=size)
        return values

    def size(self, job_id: int, path: str) -> int:
        """The bytes of all values of one step run."""
        return sum(
            found.bytes for kind in _STEP_KINDS if (found := self.found.get((job_id, path, kind))) is not None
        )

    def load(self, places: Iterable[tuple[int, str]]) -> None:
        """Fetch the values of these step runs."""
        ids = [
            found.id
            for job_id, path in places
            for kind in _STEP_KINDS
            if (found := self.found.get((job_id, path, kind))) is not None
        ]
        for start in range(0, len(ids), _BATCH):
            rows = Payload.objects.filter(pk__in=ids[start : start + _BATCH])
            self._texts |= {pk: (body, blob) for pk, body, blob in rows.values_list("pk", "body", "blob_id")}

    def join(self, other: "Values") -> None:
        """Take what `other` has found and fetched."""
        self.found |= other.found
        self._texts |= other._texts

    def read(self, path: str, kind: PayloadKind, *, job_id: int | None = None, attempt: int = 0) -> Json:
        """The value that was fetched; null for none, for a purged one, and for one of an earlier `attempt`."""
        found = self.found.get((self._job if job_id is None else job_id, path, kind))
        if found is None or found.attempt < attempt:
            return None
        body, blob = self._texts[found.id]
        if body is not None:
            return loads(body)
        if blob is None:
            return None
        with open_blob(blob) as stream:
            return loads(stream.read())
