"""Values of a job: made ready to be stored, and read back."""

import hashlib
import os
from collections.abc import Iterable, Iterator

from django.conf import settings

from common.canonical import Json, NotJson, dumps, loads
from common.errors import StepError
from jobs import storage
from jobs.engine.rows import PayloadRow
from jobs.models import Payload
from jobs.states import PayloadKind

INLINE_BYTES = 64 << 10
"""Up to this many bytes a value lives in its row; above, in a blob."""


def payload_row(path: str, kind: PayloadKind, attempt: int, value: Json) -> PayloadRow:
    """`value` as a row to be stored, with its commitment SHA-256(salt ‖ stored bytes). A large value is written
    to a blob at once: a blob that no row names is removed after a day. Raises `StepError`.
    """
    try:
        body = dumps(value)
    except NotJson as error:
        raise StepError("bad_response", f"The result is not JSON: {error}.") from error
    stored = body.encode()
    if len(stored) > settings.MAX_OUTPUT_BYTES:
        raise StepError(
            "limit_exceeded",
            f"The {kind.label.lower()} has {len(stored):,} bytes; at most {settings.MAX_OUTPUT_BYTES:,} can be kept. "
            "Write it to a file, or keep only what later steps need.",
        )
    salt = os.urandom(16)
    commitment = hashlib.sha256(salt + stored).digest()
    blob = storage.put_bytes(stored) if len(stored) > INLINE_BYTES else None
    return PayloadRow(path, kind, attempt, None if blob else body, blob, len(stored), salt, commitment, body)


def read(job_id: int, path: str, kind: PayloadKind) -> Json:
    """The newest value of that kind. None if there is none or it was purged."""
    found = (
        Payload.objects.filter(job_id=job_id, path=path, kind=kind)
        .order_by("-attempt")
        .values_list("body", "blob_id")
        .first()
    )
    return stored_value(*found) if found else None


def read_many(job_id: int, paths: Iterable[str], kind: PayloadKind) -> Iterator[tuple[str, Json]]:
    """The newest value of that kind for each path, read 500 at a time."""
    wanted = list(paths)
    for start in range(0, len(wanted), 500):
        rows = (
            Payload.objects.filter(job_id=job_id, path__in=wanted[start : start + 500], kind=kind)
            .order_by("path", "attempt")
            .values_list("path", "body", "blob_id")
        )
        newest = {path: (body, blob) for path, body, blob in rows}
        for path, (body, blob) in newest.items():
            yield path, stored_value(body, blob)


def stored_value(body: str | None, blob: str | None) -> Json:
    """The value of a stored row; None when it was purged."""
    if body is not None:
        return loads(body)
    if blob is None:
        return None
    with storage.open_blob(blob) as stream:
        return loads(stream.read())
