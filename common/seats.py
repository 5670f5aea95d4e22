"""Seats for requests that take long: at most half of the server's threads, so that these never stop the others."""

import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from django.conf import settings

from common.errors import Problem

RETRY_SECONDS = 5

_free = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))


class Seat:
    """A thread that a long request may keep. Leave it at the end; leaving it again changes nothing."""

    def __init__(self) -> None:
        self._taken = True

    def leave(self) -> None:
        """Let another request have it."""
        if self._taken:
            self._taken = False
            _free.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()


class SeatedLines:
    """The lines of a streamed answer; its seat is left when the server closes it, also if it never read a line."""

    def __init__(self, lines: Iterable[str], seat: Seat) -> None:
        self._lines = lines
        self._seat = seat

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def close(self) -> None:
        """What Django calls at the end of the answer."""
        self._seat.leave()


def take_seat() -> Seat | None:
    """A seat; None when all are taken."""
    return Seat() if _free.acquire(blocking=False) else None


def require_seat() -> Seat:
    """A seat. Raises `Problem` 503 `busy` when all are taken."""
    seat = take_seat()
    if seat is None:
        raise Problem(
            503,
            "busy",
            "Half of the server's threads are busy with requests that take long. Send this one again in a few seconds.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    return seat
