"""Files: names of a workspace for blobs. Everything here is called by whoever may use the database."""

import re
import secrets
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from common.canonical import Json
from common.clock import now
from jobs.models import Blob, File

FILE_ID = re.compile("file_[0-9a-f]{32}")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(; ?[\x20-\x7e]{0,50})?", re.ASCII)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class FileValue:
    """A file as definitions, inputs and outputs show it."""

    id: str
    name: str
    media_type: str
    bytes: int
    sha256: str

    def as_json(self) -> dict[str, Json]:
        """The five fields as an object."""
        return {
            "id": self.id,
            "name": self.name,
            "media_type": self.media_type,
            "bytes": self.bytes,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, kw_only=True)
class NewFile(FileValue):
    """A file that a step has made: its bytes are stored, its row is inserted by the job's owner."""

    created_at: datetime


def new_file(*, name: str, media_type: str, sha256: str, size: int) -> NewFile:
    """A file with an id of its own (128 random bits), a clean name and a plain media type."""
    return NewFile(
        id=f"file_{secrets.token_hex(16)}",
        name=clean_name(name),
        media_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream",
        bytes=size,
        sha256=sha256,
        created_at=now(),
    )


def register(
    *, workspace_id: int, name: str, media_type: str, sha256: str, size: int, job_id: int | None = None
) -> File:
    """The row of a new file whose bytes were just `put`. Blob and file appear together."""
    value = new_file(name=name, media_type=media_type, sha256=sha256, size=size)
    with transaction.atomic():
        touch(sha256=sha256, size=size)
        return File.objects.create(
            id=value.id,
            workspace_id=workspace_id,
            job_id=job_id,
            name=value.name,
            media_type=value.media_type,
            blob_id=sha256,
            created_at=value.created_at,
        )


def touch(*, sha256: str, size: int) -> None:
    """Make or renew the blob's row: for a day it is not removed, whatever names it or not."""
    Blob.objects.bulk_create(
        [Blob(sha256=sha256, bytes=size, touched_at=now())],
        update_conflicts=True,
        unique_fields=["sha256"],
        update_fields=["touched_at"],
    )


def file_value(file: File) -> dict[str, Json]:
    """`file` as JSON. Its blob is read: select it with the file in lists."""
    return _value(file).as_json()


def file_ids(value: Json) -> set[str]:
    """The ids of all files that `value` names anywhere, as objects with an `id` or as bare ids."""
    return {text for text in _texts(value) if FILE_ID.fullmatch(text)}


def known_files(*, workspace_id: int, ids: Collection[str]) -> dict[str, FileValue]:
    """Those of `ids` that are files of the workspace, in one query; none for no ids."""
    if not ids:
        return {}
    files = File.objects.filter(workspace_id=workspace_id, id__in=ids).select_related("blob")
    return {file.id: _value(file) for file in files}


def clean_name(name: str) -> str:
    """The last part of a path, without characters that cannot be seen, in at most 255 characters."""
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in _UNSEEN)
    cleaned = visible.strip(" .")
    if _DEVICES.match(cleaned):
        cleaned = f"_{cleaned}"
    if len(cleaned) > 255:
        stem, dot, ending = cleaned.rpartition(".")
        kept = f"{dot}{ending}" if stem and len(ending) <= 20 else ""
        cleaned = cleaned[: 255 - len(kept)] + kept
    return cleaned or "file"


def _value(file: File) -> FileValue:
    return FileValue(
        id=file.id, name=file.name, media_type=file.media_type, bytes=file.blob.bytes, sha256=file.blob_id
    )


def _texts(value: Json) -> Iterator[str]:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
