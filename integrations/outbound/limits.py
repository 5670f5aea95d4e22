"""The time that one exchange has, in force for everything that its thread does on a socket."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from common.clock import monotonic

LOOK_AROUND_SECONDS = 0.25
"""How long a blocked read or write waits before it looks whether to stop."""


class DeadlinePassed(Exception):  # noqa: N818 - says what happened
    """The total time of the exchange is over."""


class Stopped(Exception):  # noqa: N818 - says what happened
    """The step was cancelled."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`deadline` is on `common.clock.monotonic`'s scale and ends everything, however often bytes trickle in."""

    deadline: float
    cancelled: threading.Event = field(default_factory=threading.Event)

    def patience(self, at_most: float = LOOK_AROUND_SECONDS) -> float:
        """Seconds (above 0) that the next blocking call may take. Raises `DeadlinePassed` or `Stopped`."""
        if self.cancelled.is_set():
            raise Stopped
        left = self.deadline - monotonic()
        if left <= 0:
            raise DeadlinePassed
        return min(left, at_most)

    def seconds_left(self) -> float:
        """All that is left, above 0. Raises like `patience`."""
        return self.patience(at_most=float("inf"))


_current: ContextVar[Limits] = ContextVar("outbound_limits")


@contextmanager
def in_force(limits: Limits) -> Iterator[None]:
    """Let `limits` hold for the sockets that this thread uses. Pooled sockets outlive an exchange, limits do not."""
    token = _current.set(limits)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Limits:
    """The limits of the exchange that this thread is in."""
    return _current.get()
