"""JSON in and out: what comes in is read strictly, what goes out survives every value that came in."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, NoReturn
from uuid import UUID

from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from common import clock
from common.canonical import Json
from common.errors import Problem

MEBIBYTE = 1 << 20
DEEPEST = 100
"""How many lists and objects may lie inside each other."""


class JsonParser(BaseParser):
    """A body of at most the view's `max_body_bytes` (1 MiB) that is one JSON object, in UTF-8.

    Refused as 400 `malformed`, because two readers could understand them differently: keys that come twice, NaN and
    infinities, numbers too large for a double, integers of more than 4,300 digits, deeper nesting than 100.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - REST framework names it
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Json]:
        """The object. Raises `Problem` 400 `malformed` or 413 `too_large`."""
        view = (parser_context or {}).get("view")
        text = decode(read_bounded(stream, getattr(view, "max_body_bytes", MEBIBYTE)))
        value = loads_strictly(text)
        if not isinstance(value, dict):
            raise malformed(f"expected a JSON object, got {kind_of(value)}")
        return value


class JsonRenderer(BaseRenderer):
    """Compact JSON in UTF-8; moments as RFC 3339 in UTC. Lone surrogates go out escaped, as they came in."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002 - as above
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> bytes:
        """`data` as bytes; nothing for None."""
        return b"" if data is None else dump_bytes(data)


def dump_bytes(value: Any) -> bytes:
    """`value` as the API writes it."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=_plain, separators=(",", ":"), allow_nan=False).encode()


def announced_bytes(headers: Mapping[str, Any]) -> int:
    """What `CONTENT_LENGTH` in a request's `META` says; 0 for nothing, and for what is no number of bytes."""
    given = str(headers.get("CONTENT_LENGTH") or "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0


def read_bounded(stream: IO[Any], limit: int) -> bytes:
    """All of `stream`. Raises `Problem` 413 `too_large` when that is more than `limit` bytes."""
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        size = f"{limit // MEBIBYTE} MiB" if limit >= MEBIBYTE else f"{limit} bytes"
        raise Problem(
            413, "too_large", f"Expected at most {size} of text here. Upload large content as a file."
        )
    return body


def decode(body: bytes) -> str:
    """`body` as text. Raises `Problem` 400 `malformed` when it is not UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed(f"expected UTF-8, got the byte 0x{body[error.start]:02X} at {error.start}") from error


def loads_strictly(text: str) -> Json:
    """The value of a JSON text. Raises `Problem` 400 `malformed`."""
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise malformed(f"expected JSON, but at {where}: {error.msg}") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise malformed("expected integers of at most 4,300 digits") from error
    if text.count("[") + text.count("{") > DEEPEST and _depth_exceeds(value, DEEPEST):
        raise _too_deep()
    return value


def kind_of(value: object) -> str:
    """What came, in words, for messages: `the text 'abc'`, `the number 5`, `a list of 3`. Never long."""
    match value:
        case None:
            words = "null"
        case bool():
            words = "true" if value else "false"
        case int() if abs(value) >= 10**20:
            words = "a very large number"
        case int() | float():
            words = f"the number {value}"
        case str():
            short = value if len(value) <= 40 else value[:40] + "…"
            words = f"the text {repr(short) if short.isprintable() else ascii(short)}"
        case list() | tuple():
            words = f"a list of {len(value)}"
        case Mapping():
            words = "an object"
        case _:
            words = "a file"
    return words


def malformed(what: str) -> Problem:
    """400: the body is not what every reader would understand alike."""
    return Problem(400, "malformed", f"The body is not readable: {what}.")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise malformed(f"the key {twice[:80]!a} comes twice in one object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise malformed(f"the number {text[:40]} is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise malformed(f"{name} is not JSON")


def _depth_exceeds(value: Json, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _too_deep() -> Problem:
    return malformed(f"expected lists and objects at most {DEEPEST} deep")


def _plain(value: object) -> Json:
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    if isinstance(value, UUID | date | Decimal):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
