"""The answer of a service: its body, bounded, and what its status means."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
import httpx

from common.canonical import Json
from common.clock import now, rfc3339
from common.errors import StepError
from integrations.outbound.decoding import Undecodable, bounded, decoded
from integrations.outbound.json_text import NotReadable, read_json
from integrations.outbound.limits import DeadlinePassed, Stopped
from integrations.outbound.requests import shown

DETAIL_BYTES = 4096
"""How much of a refusing answer's body is kept."""
LONGEST_RETRY_AFTER = 3600.0
"""Seconds. A service that asks for a longer pause fails the step, as `rate_limited`."""
TRANSIENT_STATUSES = frozenset({408, 425, 429}) | (frozenset(range(500, 600)) - {501, 505})
"""With these a service says that the same request may well succeed later."""
_NO_BODY = frozenset({204, 205, 304})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, headers (lower case) and a body that is read once, while the exchange lasts."""

    status: int
    headers: tuple[tuple[str, str], ...]
    url: httpx.URL
    method: str
    raw: Iterable[bytes] = field(repr=False)

    def header(self, name: str) -> str:
        """The first value of the header `name` (lower case), or an empty text."""
        return next((value for key, value in self.headers if key == name), "")

    def headers_json(self) -> dict[str, Json]:
        """The headers as an object; values of a repeated one are joined with a comma."""
        joined: dict[str, Json] = {}
        for name, value in self.headers:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return joined

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower case; empty when there is none."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset that `Content-Type` names, or an empty text."""
        parameters = self.header("content-type").split(";")[1:]
        found = (p.partition("=")[2] for p in parameters if p.strip().lower().startswith("charset="))
        return next(found, "").strip().strip("\"'").lower()

    def pieces(self, max_bytes: int) -> Iterator[bytes]:
        """The decoded body. Raises `StepError` `limit_exceeded` past `max_bytes`, `bad_response` if damaged."""
        if self.method == "HEAD" or self.status in _NO_BODY:
            return iter(())
        return bounded(decoded(self.raw, self.header("content-encoding")), max_bytes)

    def read(self, max_bytes: int) -> bytes:
        """The whole decoded body. Raises like `pieces`."""
        return b"".join(self.pieces(max_bytes))

    def stream(self, max_bytes: int) -> "io.BufferedReader":
        """The decoded body as a file to read from. Raises like `pieces`."""
        return io.BufferedReader(_Pieces(self.pieces(max_bytes)))


class _Pieces(io.RawIOBase):
    """An iterator of bytes as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def refusal(answer: Answer, *, connected: bool = False) -> StepError:
    """The error that a status outside the accepted ones is: `rate_limited`, `connection_expired` (401 with a
    connection) or `http_error`, with status, headers, the beginning of the body and the time to try again.
    """
    pause = retry_after(answer.header("retry-after"))
    retry_at = rfc3339(now() + timedelta(seconds=pause)) if pause is not None else None
    detail: dict[str, Json] = {
        "status": answer.status,
        "headers": answer.headers_json(),
        "body": _beginning(answer),
        "retry_at": retry_at,
    }
    place = f"{answer.method} {shown(answer.url)}"
    too_long = answer.status in TRANSIENT_STATUSES and pause is not None and pause > LONGEST_RETRY_AFTER
    if answer.status == 429 or too_long:
        what = ": too many requests" if answer.status == 429 else ""
        wait = f" It asks to wait until {retry_at}." if retry_at else ""
        message = f"{place} answered {answer.status}{what}.{wait}"
        return StepError("rate_limited", message, detail=detail, retry_after=pause)
    if answer.status == 401 and connected:
        return StepError(
            "connection_expired", f"{place} no longer accepts the connection (401).", detail=detail
        )
    return StepError("http_error", f"{place} answered {answer.status}.", detail=detail, retry_after=pause)


def retry_after(text: str) -> float | None:
    """Seconds from now that a `Retry-After` header asks for: a number, or a date. None for anything else, and
    for what lies in the past.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text) if len(text) <= 9 else float(10**9)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - now()).total_seconds()
    return seconds if seconds > 0 else None


def read_answer_json(answer: Answer, max_bytes: int) -> Json:
    """The body as JSON; empty is null. Raises `StepError` `bad_response` with the detail of the answer."""
    content = answer.read(max_bytes)
    try:
        return read_json(content)
    except NotReadable as error:
        raise unreadable(answer, f"is not the JSON that was expected: {error}", content) from error


def unreadable(answer: Answer, what: str, content: bytes) -> StepError:
    """A `bad_response` for an accepted answer whose body cannot be used."""
    beginning = content[:DETAIL_BYTES].decode("utf-8", "replace")
    detail: Mapping[str, Json] = {
        "status": answer.status,
        "headers": answer.headers_json(),
        "body": beginning,
        "retry_at": None,
    }
    return StepError(
        "bad_response", f"The answer of {answer.method} {shown(answer.url)} {what}.", detail=dict(detail)
    )


def _beginning(answer: Answer) -> Json:
    """Parsed JSON if it is JSON of up to 4 kB, else the text up to there; null if there is none to be had."""
    content = b""
    try:
        for piece in answer.pieces(1 << 30):
            content += piece
            if len(content) > DETAIL_BYTES:
                break
    except (StepError, Undecodable, DeadlinePassed, Stopped, httpcore.NetworkError, httpcore.ProtocolError):
        pass  # the status says more than why its body could not be read
    if not content:
        return None
    if len(content) <= DETAIL_BYTES:
        try:
            return read_json(content)
        except NotReadable:
            pass
    return content[:DETAIL_BYTES].decode("utf-8", "replace")
