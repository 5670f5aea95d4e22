"""The child processes of one worker process.

A pool must never be used on both sides of a fork: the child would wait for ever for answers that go to its parent.
So every pool is made on first use, and forgotten in a process that was forked.
"""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_monty import Monty

from common.errors import StepError

CHECKOUTS_PER_CHILD = 2_000
"""A child is replaced after this many, so that nothing grows for ever."""

_SLOT_POLL = 0.1
_all: "weakref.WeakSet[Children]" = weakref.WeakSet()
_left_behind: list[Monty] = []
"""Pools of the parent process: never closed here, for their children are the parent's."""


class Children:
    """At most `limit` children. `request_seconds` is when the pool kills one that gives no sign."""

    def __init__(self, *, limit: int, request_seconds: float) -> None:
        self._limit = limit
        self._request_seconds = request_seconds
        self._pool: Monty | None = None
        self._renew()
        _all.add(self)

    @contextmanager
    def slot(self, cancel: threading.Event | None) -> Iterator[Monty]:
        """The pool, when one of its children is free. Raises `StepError` (`cancelled`) when `cancel` is set first."""
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

    def forget(self) -> None:
        """In a forked process: leaves the parent's pool alone, whatever state it was in."""
        if self._pool is not None:
            _left_behind.append(self._pool)
        self._pool = None
        self._renew()

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(self._limit)

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
                pool.__enter__()
                self._pool = pool
            return self._pool


def _forget_all() -> None:
    for children in list(_all):
        children.forget()


os.register_at_fork(after_in_child=_forget_all)
