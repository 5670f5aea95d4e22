"""Values of a job: made ready to be stored, and read back."""

import hashlib
import os
from collections.abc import Iterable, Iterator

from django.conf import settings

from common.canonical import Json, NotJson, dumps, loads
from common.errors import StepError
from common.secrets import SecretUnreadable, decrypt, encrypt
from jobs import storage
from jobs.engine.rows import PayloadRow
from jobs.models import Payload
from jobs.states import PayloadKind

INLINE_BYTES = 64 << 10
"""Up to this many bytes a value lives in its row; above, in a blob."""
_SEALED = {
    PayloadKind.OUTPUT: PayloadKind.SEALED_OUTPUT,
    PayloadKind.ITEMS: PayloadKind.SEALED_ITEMS,
}


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


def sealed_row(path: str, kind: PayloadKind, attempt: int, value: Json, *, job_uid: str) -> PayloadRow:
    """`value` with its secrets, for the job's later steps alone, to be stored beside the masked one that is shown.
    Raises `StepError`.
    """
    try:
        text = encrypt(dumps(value), bound_to=f"{job_uid}:{path}:{kind}")
    except NotJson as error:
        raise StepError("bad_response", f"The result is not JSON: {error}.") from error
    return payload_row(path, _SEALED[kind], attempt, text)


def read_whole(
    job_id: int, paths: Iterable[str], kind: PayloadKind, *, job_uid: str
) -> Iterator[tuple[str, Json]]:
    """The newest value of that kind for each path, with its secrets. Raises `StepError` if they cannot be read."""
    wanted = list(paths)
    for start in range(0, len(wanted), 500):
        rows = (
            Payload.objects.filter(
                job_id=job_id, path__in=wanted[start : start + 500], kind__in=(kind, _SEALED[kind])
            )
            .order_by("path", "attempt", "kind")  # the sealed one comes after the one that it stands for
            .values_list("path", "kind", "body", "blob_id")
        )
        newest = {path: (found, body, blob) for path, found, body, blob in rows}
        for path, (found, body, blob) in newest.items():
            value = stored_value(body, blob)
            yield (
                path,
                value if found == kind or value is None else _opened(value, f"{job_uid}:{path}:{kind}"),
            )


def _opened(text: str, bound_to: str) -> Json:
    try:
        return loads(decrypt(text, bound_to=bound_to))
    except SecretUnreadable as error:
        raise StepError("internal_error", f"A value that holds a secret cannot be read: {error}") from error


def read(job_id: int, path: str, kind: PayloadKind) -> Json:
    """The newest value of that kind. None if there is none or it was purged."""
    found = (
        Payload.objects.filter(job_id=job_id, path=path, kind=kind)
        .order_by("-attempt")
        .values_list("body", "blob_id")
        .first()
    )
    return stored_value(*found) if found else None


def stored_value(body: str | None, blob: str | None) -> Json:
    """The value of a stored row; None when it was purged."""
    if body is not None:
        return loads(body)
    if blob is None:
        return None
    with storage.open_blob(blob) as stream:
        return loads(stream.read())
