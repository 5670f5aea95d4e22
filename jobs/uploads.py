"""Files that people and programs bring: stored under their digest, named in the workspace, told in its log."""

import mimetypes
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from audit import services as audit
from audit.actions import Action
from common.errors import Problem
from jobs import storage
from jobs.models import File
from jobs.storage.blobs import Readable
from jobs.storage.files import clean_name
from workspaces.actors import Actor
from workspaces.permissions import Permission, require

_UNTOLD = frozenset({"", "application/octet-stream"})
"""Media types that say nothing: then the ending of the name says it."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Bytes that are stored and have no name yet. Unless `add_file` names them, they are removed after a day."""

    name: str
    media_type: str
    sha256: str
    bytes: int


def store_upload(*, actor: Actor, name: str, media_type: str, content: Readable) -> Stored:
    """Store the bytes. Slow; call it outside of a transaction. Raises `Problem` 403, 413 `too_large`."""
    require(actor, Permission.FILE_UPLOAD)
    try:
        sha256, size = storage.put(content, max_bytes=settings.MAX_FILE_BYTES)
    except storage.BlobTooLarge as error:
        raise too_large() from error
    name = clean_name(name)
    return Stored(name=name, media_type=_media_type(media_type, name), sha256=sha256, bytes=size)


@transaction.atomic
def add_file(*, actor: Actor, stored: Stored) -> File:
    """Name stored bytes as a file of the actor's workspace. Raises `Problem` 403."""
    require(actor, Permission.FILE_UPLOAD)
    file = storage.register(
        workspace_id=actor.workspace.pk,
        name=stored.name,
        media_type=stored.media_type,
        sha256=stored.sha256,
        size=stored.bytes,
    )
    audit.record(
        workspace=actor.workspace,
        action=Action.FILE_UPLOADED.value,
        actor=actor.label,
        target_type="file",
        target_id=file.pk,
        label=file.name[:200],
        data={"bytes": stored.bytes, "media_type": file.media_type},  # no digest: the bytes may be purged
        request_id=actor.request_id,
    )
    return file


def too_large() -> Problem:
    """413 for a file."""
    return Problem(
        413, "too_large", f"Expected a file of at most {settings.MAX_FILE_BYTES:,} bytes; nothing was stored."
    )


def _media_type(declared: str, name: str) -> str:
    """What was declared; where that says nothing, what the name's ending means. The bytes are never looked at."""
    if declared.strip().lower() not in _UNTOLD:
        return declared.strip()
    return mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"
