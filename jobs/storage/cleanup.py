"""Removing blobs that nothing names."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, ProtectedError

from common.clock import now
from jobs.models import Blob, File, Payload
from jobs.storage.blobs import TEMPORARY_PREFIX, stored_blobs

_BATCH = 500


def remove_unreferenced(*, older_than: timedelta) -> int:
    """Remove blobs that neither a file nor a value names, if nobody wrote or touched them for `older_than`.

    Rows go first, bytes after: a blob without bytes is never named. Gives the number of bytes' files removed.
    """
    before = now() - older_than
    _remove_rows(before)
    removed = 0
    for batch in _batches(before):
        named = set(
            Blob.objects.filter(sha256__in=[path.name for path in batch]).values_list("sha256", flat=True)
        )
        removed += sum(_remove_bytes(path, before) for path in batch if path.name not in named)
    return removed


def _remove_rows(before: datetime) -> None:
    unnamed = Blob.objects.filter(
        ~Exists(File.objects.filter(blob=OuterRef("pk"))),
        ~Exists(Payload.objects.filter(blob=OuterRef("pk"))),
        touched_at__lt=before,
    )
    for sha256 in list(unnamed.values_list("sha256", flat=True)[:10_000]):
        # Someone may name it between the question and the answer; then the row stays.
        with contextlib.suppress(ProtectedError, IntegrityError), transaction.atomic():
            Blob.objects.filter(sha256=sha256, touched_at__lt=before).delete()


def _batches(before: datetime) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for path in stored_blobs():
        if _is_old(path, before):
            batch.append(path)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _remove_bytes(path: Path, before: datetime) -> bool:
    """Move aside, look again, then remove: a blob that was written anew meanwhile is put back."""
    aside = path.with_name(f"{TEMPORARY_PREFIX}removed-{path.name}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    if _is_old(aside, before):
        aside.unlink(missing_ok=True)
        return True
    aside.replace(path)
    return False


def _is_old(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
