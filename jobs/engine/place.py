"""Where steps are walked, and what a walk may ask of whoever drives it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from jobs.engine.frames import Cause, Frame, Walk
from workflows.expressions.scope import Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a sequence of steps runs: its frame, the prefix of its paths, and what expressions see there.

    `prefixes` has one prefix per loop around it, the job's own (empty) first. `again`: `catch` and `finally`
    steps, which a resume walks anew. `counts`: its steps count in the job's progress (steps in loops do not).
    """

    frame: Frame
    scope: Scope
    prefixes: tuple[str, ...] = ("",)
    again: bool = False
    counts: bool = True

    @property
    def prefix(self) -> str:
        return self.prefixes[-1]


class Driver(Protocol):
    """What a walk may ask of the owner."""

    def spawn(self, parent: Frame, make: Callable[[Frame], Walk], *, stopping: Cause | None = None) -> Frame:
        """Begin a walk beside the caller's and drive it as far as it goes by itself."""
        ...

    def take_slot(self) -> bool:
        """Whether a thread is free for one more effect; it is then taken. Else yield `Slot`."""
        ...

    def stop(self, frame: Frame, cause: Cause) -> None:
        """Tell a frame and everything below it to stop."""
        ...
