"""Reading an upload: as it comes into a temporary file that has no name, so that an abort leaves nothing behind."""

import tempfile
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from rest_framework.parsers import MultiPartParser

from jobs.storage.blobs import storage_root
from jobs.uploads import too_large

_FORM_ITSELF = 64 << 10
"""Bytes that a form takes beside its file."""
_IN_MEMORY = 1 << 20


class UploadParser(MultiPartParser):
    """multipart/form-data, whatever its boundary."""

    media_type = "multipart/form-data"


class Received:
    """A file that has come whole. Not Django's own, which changes names; `jobs.storage` cleans them."""

    def __init__(self, *, name: str, media_type: str, content: IO[bytes], size: int) -> None:
        self.name = name
        self.media_type = media_type
        self.size = size
        self._content = content

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        return self._content.read(size)

    def close(self) -> None:
        """Let go of the temporary file, which removes it. Django calls this at the end of the request."""
        self._content.close()


class UploadHandler(FileUploadHandler):
    """Writes a file to disk as it comes, at most `MAX_FILE_BYTES` of it."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._writing: IO[bytes] | None = None
        self._size = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_rest: Any) -> None:  # noqa: ARG002, N803
        """The form begins. Raises `Problem` 413 when it announces more than a file may have."""
        if content_length > settings.MAX_FILE_BYTES + _FORM_ITSELF:
            raise too_large()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        root = storage_root()
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._size = 0
        self._writing = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(root))  # noqa: SIM115 - `Received` closes it

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django names it
        """More of it. Raises `Problem` 413."""
        assert self._writing is not None
        self._size += len(raw_data)
        if self._size > settings.MAX_FILE_BYTES:
            self._writing.close()
            raise too_large()
        self._writing.write(raw_data)

    def file_complete(self, file_size: int) -> Any:  # noqa: ARG002 - as above
        """It ended."""
        assert self._writing is not None
        self._writing.seek(0)
        return Received(
            name=self.file_name or "",
            media_type=self._media_type(),
            content=self._writing,
            size=self._size,
        )

    def upload_interrupted(self) -> None:
        """It did not."""
        if self._writing is not None:
            self._writing.close()

    def _media_type(self) -> str:
        return f"{self.content_type}; charset={self.charset}" if self.charset else self.content_type or ""


class _WholeBody:
    """The body, which must have as many bytes as were announced: a connection that broke is no end of a file."""

    def __init__(self, stream: IO[bytes], announced: int) -> None:
        self._stream, self._left = stream, announced

    def read(self, *size: int) -> bytes:
        """Up to `size` bytes. Raises `UnreadablePostError` when the sender went away."""
        piece = self._stream.read(*size)
        self._left -= len(piece)
        if not piece and self._left > 0:
            raise UnreadablePostError("the sender went away in the middle of the upload")
        return piece


def prepare(request: HttpRequest) -> None:
    """Have the body of `request` read by the above, whoever reads it first."""
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    request.upload_handlers = [UploadHandler(request)]
    request._stream = _WholeBody(request._stream, announced)  # type: ignore[assignment]  # all that is asked of it is to be read
