"""Stand-ins for the queues that django-q2 passes between its processes. They hold no lock that a dead process
could keep, and nothing that could be lost: a token says "look", the rows say what there is to do."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.sharedctypes import RawValue
from typing import Any

from common.clock import now
from jobs.queue.flag import Flag, Tokens

logger = logging.getLogger(__name__)

Task = dict[str, Any]


class TokenQueue:
    """The task queue. The pusher's side only counts; the worker's side makes a task of its own for each token."""

    def __init__(self) -> None:
        self.tokens = Tokens()
        self._stop: Flag | None = None
        self._work: Callable[[], None] | None = None

    def serve(self, *, stop: Flag, work: Callable[[], None]) -> None:
        """In a worker process, after the fork: each token is a call of `work`, until `stop` is set."""
        self._stop, self._work = stop, work

    def put(self, task: Task) -> None:  # noqa: ARG002 - a token has no content
        """Called by django-q2's pusher."""
        self.tokens.give()

    def get(self) -> Task | str:
        """Called by django-q2's worker; `STOP` ends it. `timeout: -1` keeps django-q2's alarm away."""
        if self._stop is None or self._work is None or not self.tokens.take(self._stop):
            return "STOP"
        return {
            "id": "drain",
            "name": "drain",
            "func": self._work,
            "args": (),
            "kwargs": {},
            "timeout": -1,
            "save": False,
            "started": now(),
        }


class ResultSink:
    """The result queue: nobody reads results, for jobs tell their own. A failure here is a fault of ours."""

    def put(self, task: Task) -> None:
        """Called by django-q2's worker after each task."""
        if not task["success"]:
            logger.error("A worker's task failed: %s", task["result"])


class Timer:
    """What a worker tells of itself to the sentinel (busy, idle, recycled), without a lock."""

    def __init__(self) -> None:
        self._shared = RawValue("d", -1.0)

    @property
    def value(self) -> float:
        """-1: idle or without a time limit; -2: recycled."""
        return float(self._shared.value)

    @value.setter
    def value(self, value: float) -> None:
        self._shared.value = value

    def get_lock(self) -> AbstractContextManager[None]:
        """None: one process writes, one reads."""
        return nullcontext()
