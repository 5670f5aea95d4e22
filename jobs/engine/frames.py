"""The tree of frames: a frame is a walk through some steps that can stop and go on.

A walk is a generator. It yields a `Request` when it cannot go on by itself and is resumed with what came of it.
What can be done in place (plain references, decisions, finished rows) yields nothing.
"""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from typing import Any

from common.canonical import Json
from jobs.engine.rows import StepRow, WaitRow
from jobs.states import WaitOutcome

Walk = Generator["Request", Any, Any]
"""Yields requests, is sent their answers, returns the walk's value."""


class StepFailed(Exception):  # noqa: N818 - not an error of ours: the work said no
    """A step failed for good. `error` is the object that people and programs see."""

    def __init__(self, error: dict[str, Json]) -> None:
        super().__init__(error["message"])
        self.error = error


class Cause(Enum):
    """Why frames are told to stop."""

    CANCEL = "cancel"  # a person asked
    LIMIT = "limit"  # the job's time is over
    FINISH = "finish"  # a `finish` step ended the workflow
    UNTIL = "until"  # a preview has come to the step that it was to run until
    LOST = "lost"  # another branch of a `parallel` won


class Unwind(Exception):  # noqa: N818 - control flow, not an error
    """Thrown into a walk that must stop: it runs its `finally` steps and raises on."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(slots=True, eq=False)
class Call:
    """Run something in a thread. An `effect` starts only after a commit that holds its row; anything else starts
    at once. `row` is the step run that shows it if it takes long. Answer: what `run` returns or raises.
    """

    run: Callable[[], Any]
    row: StepRow
    effect: bool
    deadline: float
    cancelled: threading.Event | None = None
    """Set to tell what runs that nobody waits for it any more."""
    started: bool = False
    idempotent: bool = True
    began: float | None = None
    """When its thread began, on the monotonic clock; None while it waits for a thread."""
    stop_by: float | None = None
    """When it is given up after it was told to stop."""
    future: Future[None] | None = None

    def withdraw(self) -> bool:
        """Take it back while it waits for a thread. False: its thread has begun."""
        return self.future is not None and self.future.cancel()

    def cancel(self) -> None:
        """Tell what runs to stop, if it can be told."""
        if self.cancelled is not None:
            self.cancelled.set()


@dataclass(slots=True, eq=False)
class Pause:
    """Wait without holding a thread. Answer: how the wait ended."""

    row: StepRow
    wait: WaitRow

    @property
    def outcome(self) -> WaitOutcome | None:
        return self.wait.outcome


@dataclass(slots=True, eq=False)
class AnyOf:
    """Wait until at least one of the frames has ended. Answer: None."""

    frames: "list[Frame]"


@dataclass(slots=True, eq=False)
class Slot:
    """Wait until a thread is free for one more effect. Answer: None; the slot is then taken."""


@dataclass(slots=True, eq=False)
class Breathe:
    """Let the owner commit what is recorded and look around, then go on."""


Request = Call | Pause | AnyOf | Slot | Breathe


class Frame:
    """One walk, its parent, and what it is waiting for."""

    __slots__ = (
        "base_shield", "children", "done", "error", "level", "parent", "request", "result", "shield", "unwinding", "walk",
    )  # fmt: skip

    def __init__(self, parent: "Frame | None" = None) -> None:
        self.parent = parent
        self.walk: Walk | None = None
        self.children: list[Frame] = []
        self.request: Request | None = None
        self.done = False
        self.result: Any = None
        self.error: Exception | None = None
        self.shield: int = parent.shield if parent else 0
        """How many `finally` are around what it does; what is inside is not stopped by an unwind from outside."""
        self.base_shield = self.shield
        self.unwinding: Unwind | None = parent.unwinding if parent else None
        self.level: int = parent.level if parent else 0
        """Where the unwind comes from: it stops what has no more shields than this."""

    @property
    def must_stop(self) -> bool:
        """Whether the walk may start nothing new."""
        return self.unwinding is not None and self.shield <= self.level
