"""The body of a request: JSON, a form, a text, a file, or several parts."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from common import canonical
from common.canonical import Json
from common.errors import StepError
from integrations.actions import ActionContext
from integrations.outbound.requests import Body

_PIECE_BYTES = 64 * 1024
_UNQUOTABLE = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(;[\x20-\x7e]*)?")


@dataclass(frozen=True, kw_only=True)
class RequestBody:
    """`length` in bytes where `content` is read piece by piece; `media_type` empty if there is no body."""

    content: Body | None = None
    length: int | None = None
    media_type: str = ""


def body_of(config: Mapping[str, Json], context: ActionContext) -> RequestBody:
    """The body that `config` describes; the schema allows one of the kinds. Raises `StepError`."""
    if "json" in config:
        return RequestBody(content=_json(config["json"]), media_type="application/json")
    if "form" in config:
        return RequestBody(content=_form(config["form"]), media_type="application/x-www-form-urlencoded")
    if "body" in config:
        return RequestBody(content=_utf8(config["body"]), media_type="text/plain; charset=utf-8")
    if "file" in config:
        part = _file_part(config["file"], context)
        return RequestBody(content=part.read, length=part.length, media_type=part.media_type)
    if "multipart" in config:
        return _multipart(config["multipart"], context)
    return RequestBody()


def text_of(value: Json) -> str:
    """A scalar as text: `true`, `false`, empty for null, numbers as in JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical.dumps(value)


@dataclass(frozen=True, kw_only=True)
class _FilePart:
    name: str
    media_type: str
    length: int
    read: Callable[[], Iterator[bytes]]


def _file_part(file: Json, context: ActionContext) -> _FilePart:
    value = {"id": file} if isinstance(file, str) else file
    with context.files.open(value) as opened:
        length = opened.seek(0, 2)

    def read() -> Iterator[bytes]:
        with context.files.open(value) as content:
            while piece := content.read(_PIECE_BYTES):
                yield piece

    media_type = str(value.get("media_type", ""))
    return _FilePart(
        name=str(value.get("name", "file")),
        media_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream",
        length=length,
        read=read,
    )


def _multipart(fields: Mapping[str, Json], context: ActionContext) -> RequestBody:
    boundary = secrets.token_hex(16)
    parts: list[tuple[bytes, bytes | _FilePart]] = []
    for name, value in fields.items():
        quoted = name.translate(_UNQUOTABLE)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"'
        if isinstance(value, dict) or (isinstance(value, str) and re.fullmatch("file_[0-9a-f]{32}", value)):
            part = _file_part(value, context)
            file_name = part.name.translate(_UNQUOTABLE)
            head += f'; filename="{file_name}"\r\nContent-Type: {part.media_type}'
            parts.append((_utf8(head + "\r\n\r\n"), part))
        else:
            parts.append((_utf8(head + "\r\n\r\n"), _utf8(text_of(value))))
    end = f"--{boundary}--\r\n".encode()
    length = len(end) + sum(
        len(head) + 2 + (part.length if isinstance(part, _FilePart) else len(part)) for head, part in parts
    )

    def read() -> Iterator[bytes]:
        for head, part in parts:
            yield head
            if isinstance(part, _FilePart):
                yield from part.read()
            else:
                yield part
            yield b"\r\n"
        yield end

    return RequestBody(content=read, length=length, media_type=f"multipart/form-data; boundary={boundary}")


def _form(form: Mapping[str, Json]) -> bytes:
    pairs = [
        (name, text_of(one))
        for name, value in form.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    try:
        return urlencode(pairs).encode("ascii")
    except UnicodeEncodeError as error:
        raise _unsendable() from error


def _json(value: Json) -> bytes:
    try:
        return canonical.dumps(value).encode()
    except (canonical.NotJson, UnicodeEncodeError) as error:
        raise StepError("wrong_type", f"The field json cannot be sent as JSON: {error}.") from error


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise _unsendable() from error


def _unsendable() -> StepError:
    return StepError(
        "wrong_type", "A text to be sent has half of a surrogate pair in it, which no encoding can hold."
    )
