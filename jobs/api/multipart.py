"""Reading an upload: as it comes into a temporary file that has no name, so that an abort leaves nothing behind."""

import tempfile
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from rest_framework.parsers import MultiPartParser

from common.api.bodies import announced_bytes, malformed
from jobs.storage.blobs import storage_root
from jobs.uploads import too_large

_FORM_ITSELF = 64 << 10
"""Bytes that a form takes beside its file."""
_IN_MEMORY = 1 << 20
_TAIL = 512


class UploadParser(MultiPartParser):
    """multipart/form-data, whatever its boundary."""

    media_type = "multipart/form-data"


class Received:
    """A file that has come whole. Not Django's own, which changes names; `jobs.storage` cleans them."""

    def __init__(self, *, name: str, media_type: str, content: IO[bytes], size: int) -> None:
        self.name = name
        self.media_type = media_type
        self.size = size
        self.content = content

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        return self.content.read(size)

    def close(self) -> None:
        """Let go of the temporary file, which removes it. Django calls this at the end of the request."""
        self.content.close()


class WholeBody:
    """The body, which must have as many bytes as were announced: a connection that broke is no end of a file."""

    def __init__(self, stream: IO[bytes], announced: int) -> None:
        self._stream, self._left = stream, announced
        self.tail = b""
        """Its last bytes."""

    def read(self, *size: int) -> bytes:
        """Up to `size` bytes. Raises `UnreadablePostError` when the sender went away."""
        piece = self._stream.read(*size)
        self._left -= len(piece)
        if not piece and self._left > 0:
            raise UnreadablePostError("the sender went away in the middle of the upload")
        self.tail = (self.tail + piece)[-_TAIL:] if len(piece) < _TAIL else piece[-_TAIL:]
        return piece

    def readline(self) -> bytes:
        """The next piece, whatever lines it has: Django asks so for what it throws away."""
        return self.read(_FORM_ITSELF)


class UploadHandler(FileUploadHandler):
    """Writes a file to disk as it comes, at most `MAX_FILE_BYTES` of it."""

    def __init__(self, body: WholeBody) -> None:
        super().__init__()
        self._body = body
        self._closing = b""
        self._writing: IO[bytes] | None = None
        self._size = 0

    def handle_raw_input(  # type: ignore[override]  # the rest is the encoding
        self, _input: Any, _meta: Any, content_length: int, boundary: bytes, *_rest: Any
    ) -> None:
        """The form begins. Raises `Problem` 413 when it announces more than a file may have."""
        self._closing = b"--" + boundary + b"--"
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

    def upload_complete(self) -> None:
        """The form ended. Raises `Problem` 400 when it was cut off: a part of a file is no file."""
        if self._closing not in self._body.tail:
            raise malformed("the form ends without its closing boundary")

    def upload_interrupted(self) -> None:
        """It did not."""
        if self._writing is not None:
            self._writing.close()

    def _media_type(self) -> str:
        charset = self.charset.decode("ascii", "replace") if isinstance(self.charset, bytes) else self.charset
        return f"{self.content_type}; charset={charset}" if charset else self.content_type or ""


def prepare(request: HttpRequest) -> None:
    """Have the body of `request` read by the above, whoever reads it first."""
    body = WholeBody(request._stream, announced_bytes(request.META))
    request.upload_handlers = [UploadHandler(body)]
    request._stream = body  # type: ignore[assignment]  # all that is asked of it is to be read
