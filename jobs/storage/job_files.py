"""The files of one running step. Its threads never touch the database: what it may open was looked up before."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from common.canonical import Json
from common.errors import StepError
from jobs.storage.blobs import BlobMissing, BlobTooLarge, open_blob, put
from jobs.storage.files import FileValue, NewFile, new_file


class JobFiles:
    """`integrations.actions.Files` for one step. `known` holds the files of the workspace that its config names
    (`file_ids`, then `known_files`); `created` collects what it makes, to be inserted with the owner's commit.
    """

    def __init__(self, known: Mapping[str, FileValue]) -> None:
        self._known = dict(known)
        self.created: list[NewFile] = []

    @contextmanager
    def open(self, file: Mapping[str, Json]) -> Iterator[BinaryIO]:
        """The bytes of a file value. Only its id counts: a digest that came from outside opens nothing.

        Raises `StepError`: `wrong_type` for a file that the workspace does not have.
        """
        known = self._known.get(str(file.get("id")))
        if known is None:
            shown = str(file.get("name") or file.get("id"))[:100]
            raise StepError(
                "wrong_type", f"This workspace has no file '{shown}'. Give a file of this workspace."
            )
        try:
            opened = open_blob(known.sha256)
        except BlobMissing as error:
            raise StepError(
                "internal_error", f"The bytes of the file '{known.name}' are missing from the file storage."
            ) from error
        with opened:
            yield opened

    def create(self, *, name: str, media_type: str, content: BinaryIO | Path | bytes) -> dict[str, Json]:
        """Store `content` as a new file. Raises `StepError` `limit_exceeded` over `MAX_FILE_BYTES`."""
        try:
            sha256, size = _put(content)
        except BlobTooLarge as error:
            raise StepError(
                "limit_exceeded",
                f"The file '{name[:100]}' is larger than {error.max_bytes:,} bytes, the most that a file may have.",
                detail={"max_bytes": error.max_bytes},
            ) from error
        made = new_file(name=name, media_type=media_type, sha256=sha256, size=size)
        self._known[made.id] = made
        self.created.append(made)
        return made.as_json()


def _put(content: BinaryIO | Path | bytes) -> tuple[str, int]:
    limit = settings.MAX_FILE_BYTES
    if isinstance(content, Path):
        with content.open("rb") as opened:
            return put(opened, max_bytes=limit)
    return put(io.BytesIO(content) if isinstance(content, bytes) else content, max_bytes=limit)
