"""What leaves as an attachment: the bytes of files and stored values. It never runs as part of this site."""

import re
from typing import IO, Final

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from jobs import storage
from jobs.models import File
from workspaces.actors import Actor
from workspaces.reading import record_payload_reading

GUARDS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=0, must-revalidate",
}
"""A file never runs as part of this site, whatever it says it is."""
_NOT_FOR_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


def file_response(*, actor: Actor, file: File, if_none_match: str = "") -> HttpResponseBase:
    """The bytes of `file` as an attachment with its media type; that an auditor reads them is recorded.

    `ETag` is the digest: 304 when `if_none_match` names it.
    """
    etag = f'"{file.blob_id}"'
    headers = {**GUARDS, "ETag": etag}
    if etag in if_none_match:
        return HttpResponse(status=304, headers=headers)
    opened: IO[bytes] = storage.open_blob(file.blob_id)
    record_payload_reading(actor=actor, target=("file", file.pk, file.name[:200]), paths=["content"])
    return FileResponse(
        opened, as_attachment=True, filename=file.name, content_type=file.media_type, headers=headers
    )


def text_response(content: str | IO[bytes], *, name: str, media_type: str) -> HttpResponseBase:
    """A stored text as an attachment; `name` loses what file names should not have."""
    safe = _NOT_FOR_NAMES.sub("-", name).strip("-.")[:150]
    if isinstance(content, str):
        headers = {**GUARDS, "Content-Disposition": f'attachment; filename="{safe}"'}
        return HttpResponse(content, content_type=media_type, headers=headers)
    return FileResponse(content, as_attachment=True, filename=safe, content_type=media_type, headers=GUARDS)
