"""The child processes of one worker process.

The threads behind a pool do not live on in a process that is forked: every call there would wait for ever. So a pool
is made on first use, and a process whose parent has made one refuses instead of waiting.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_monty import Monty

from common.errors import StepError

CHECKOUTS_PER_CHILD = 2_000
"""A child is replaced after this many, so that nothing grows for ever."""

_SLOT_POLL = 0.1


class _Process:
    """Whether a pool was made in this process, and whether in one that it was forked from."""

    started = False
    spoiled = False


class Children:
    """At most `limit` children. `request_seconds` is when the pool kills one that gives no sign."""

    def __init__(self, *, limit: int, request_seconds: float) -> None:
        self._limit = limit
        self._request_seconds = request_seconds
        self._pool: Monty | None = None
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(limit)

    @contextmanager
    def slot(self, cancel: threading.Event | None) -> Iterator[Monty]:
        """The pool, when one of its children is free. Raises `StepError` (`cancelled`) when `cancel` is set first."""
        if _Process.spoiled:
            raise RuntimeError(
                "The sandbox was used before this process was forked; use it in the forked process only."
            )
        while not self._slots.acquire(timeout=_SLOT_POLL if cancel else None):
            if cancel is not None and cancel.is_set():
                raise StepError("cancelled", "The job was cancelled.")
        try:
            yield self._pool or self._start()
        finally:
            self._slots.release()

    def close(self) -> None:
        """Ends the children; the next use starts new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(None, None, None)

    def _start(self) -> Monty:
        with self._lock:
            if self._pool is None:
                pool = Monty(
                    min_processes=1,
                    max_processes=self._limit,
                    checkout_timeout=self._request_seconds,
                    request_timeout=self._request_seconds,
                    max_checkouts_per_worker=CHECKOUTS_PER_CHILD,
                )
                _Process.started = True
                pool.__enter__()
                self._pool = pool
            return self._pool


def _after_fork() -> None:
    _Process.spoiled = _Process.spoiled or _Process.started


os.register_at_fork(after_in_child=_after_fork)
