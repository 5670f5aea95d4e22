"""How many requests a caller may make: a bucket of tokens for each, in this process's memory."""

import math
import threading
from collections.abc import Hashable

from common import clock
from common.errors import Problem

_MOST_CALLERS = 10_000


class RateLimit:
    """At most `per_minute` requests a minute for each caller, in bursts of as many; 0 is no limit.

    Each server process counts by itself: it guards a server against a runaway loop, it is not a quota.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._left: dict[Hashable, tuple[float, float]] = {}
        """What each caller has left, and the moment of that count."""

    def take(self, caller: Hashable) -> None:
        """Count one request. Raises `Problem` 429 `rate_limited` with `Retry-After`."""
        if self._per_minute <= 0:
            return
        a_second = self._per_minute / 60
        now = clock.monotonic()
        with self._lock:
            if len(self._left) >= _MOST_CALLERS:
                self._left.clear()
            left, since = self._left.get(caller, (float(self._per_minute), now))
            left = min(self._per_minute, left + (now - since) * a_second)
            self._left[caller] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            wait = str(math.ceil((1 - left) / a_second))
            detail = f"More than {self._per_minute} requests in a minute. Wait {wait} s, then send it again."
            raise Problem(429, "rate_limited", detail, headers={"Retry-After": wait})
