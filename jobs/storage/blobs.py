"""Content-addressed blobs: bytes under their SHA-256, written once, never changed. No database here.

A blob is complete or absent: it is written beside its place, synced, and renamed. Writing what is there already
renews it, so that the removal of unused blobs never takes one that a commit is about to name.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_PIECE_BYTES = 256 * 1024
_DIGEST = re.compile("[0-9a-f]{64}")
TEMPORARY_PREFIX = ".writing-"


class BlobTooLarge(Exception):  # noqa: N818 - says what happened
    """More bytes came than may be stored; nothing was kept."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"more than {max_bytes} bytes")
        self.max_bytes = max_bytes


class BlobMissing(Exception):  # noqa: N818 - says what happened
    """No bytes are stored under this digest."""


class Readable(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


def storage_root() -> Path:
    """The directory of `STORAGE_URL`. Raises `ImproperlyConfigured` for a URL that is not `file:///…`."""
    parts = urlsplit(settings.STORAGE_URL)
    if parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
        raise ImproperlyConfigured(f"STORAGE_URL must be file:///directory, got '{settings.STORAGE_URL}'.")
    return Path(unquote(parts.path))


def put(stream: Readable, *, max_bytes: int) -> tuple[str, int]:
    """Store what `stream` gives; its digest (hexadecimal) and number of bytes. Raises `BlobTooLarge`.

    Whatever goes wrong on the way, no half blob stays. Memory does not grow with the stream.
    """
    root = storage_root()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    size = 0
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=root)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            while piece := stream.read(_PIECE_BYTES):
                size += len(piece)
                if size > max_bytes:
                    raise BlobTooLarge(max_bytes)
                digest.update(piece)
                writing.write(piece)
            writing.flush()
            os.fsync(writing.fileno())
        _move_into_place(temporary, blob_path(digest.hexdigest()))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def put_bytes(content: bytes) -> str:
    """Store `content`; its digest."""
    return put(io.BytesIO(content), max_bytes=len(content))[0]


def open_blob(sha256: str) -> BinaryIO:
    """The bytes under that digest, to be closed by the caller. Raises `BlobMissing`."""
    try:
        return blob_path(sha256).open("rb")
    except FileNotFoundError as error:
        raise BlobMissing(sha256) from error


def blob_path(sha256: str) -> Path:
    """Where the blob lies, in one of 256 directories. Raises `BlobMissing` for what is not a digest."""
    if not _DIGEST.fullmatch(sha256):
        raise BlobMissing(sha256)
    return storage_root() / sha256[:2] / sha256


def stored_blobs() -> Iterator[Path]:
    """Every stored blob and every temporary file, in no order."""
    root = storage_root()
    if root.is_dir():
        yield from root.glob(f"{TEMPORARY_PREFIX}*")
        yield from root.glob("[0-9a-f][0-9a-f]/*")


def _move_into_place(temporary: Path, place: Path) -> None:
    """Rename, and make the rename itself survive a power cut: the row that names the blob is synced too."""
    place.parent.mkdir(exist_ok=True, mode=0o700)
    temporary.replace(place)
    directory = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
