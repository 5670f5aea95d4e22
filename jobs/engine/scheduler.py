"""The scheduler of one job's frames: lets walks go on, starts what they ask for, takes them out of what they wait for.

Everything here runs in the owner's thread, except `_perform`, which runs in a thread of the pool and never touches
the database. Nothing here commits.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from common.clock import monotonic
from jobs.engine.frames import (
    AnyOf,
    Breathe,
    Call,
    Cause,
    Frame,
    Pause,
    Request,
    Slot,
    StepFailed,
    Unwind,
    Walk,
)
from jobs.engine.recorder import Recorder
from jobs.states import WaitKind, WaitOutcome

CANCEL_GRACE = 5.0
"""Seconds that running actions have to end after a cancel."""

MAX_EFFECTS = 128
"""Actions that one owner has in hand at most; each has a thread."""
_EVERYWHERE = 1_000_000
"""The level of an unwind that no shield stops."""

_actions = ThreadPoolExecutor(max_workers=MAX_EFFECTS, thread_name_prefix="action")
_computing = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sandbox")


class Scheduler:
    """The frames of a job and what each of them waits for.

    `ready` frames go on at once; `pending` calls start with the next commit; `running` calls are in threads;
    `paused` frames hold nothing. `results` is where threads, and the beat, put what happened.
    """

    def __init__(self, recorder: Recorder, stop_child: Callable[[int, Cause], None]) -> None:
        self.recorder = recorder
        self.root = Frame()
        self.ready: deque[tuple[Frame, Any, BaseException | None]] = deque()
        self.pending: list[tuple[Call, Frame]] = []
        self.running: dict[Call, tuple[Frame, float]] = {}
        self.paused: dict[Frame, Pause] = {}
        self.results: SimpleQueue[tuple[Call | None, Any, BaseException | None]] = SimpleQueue()
        self.queueing: deque[Frame] = deque()
        """Frames that wait for a thread."""
        self.effects = 0
        self._stop_child = stop_child

    @property
    def idle(self) -> bool:
        """Whether nothing can happen but the end of a wait."""
        return not (self.ready or self.running or self.pending or self.queueing)

    # ------------------------------------------------------------ going on
    def begin(self, walk: Callable[[Frame], Walk]) -> None:
        """Start the root frame."""
        self.root.walk = walk(self.root)
        self.advance(self.root, None, None)

    def advance(self, frame: Frame, value: Any, error: BaseException | None) -> None:
        """Let a walk go on until it needs something or ends."""
        assert frame.walk is not None
        frame.request = None
        try:
            request = frame.walk.throw(error) if error is not None else frame.walk.send(value)
        except StopIteration as ended:
            frame.result = ended.value
        except (StepFailed, Unwind) as ended:
            frame.error = ended
        else:
            frame.request = request
            self._accept(frame, request)
            return
        frame.done = True
        parent = frame.parent
        if parent is not None and isinstance(parent.request, AnyOf):
            self._resume(parent)

    def _resume(self, frame: Frame, value: Any = None, error: BaseException | None = None) -> None:
        """The frame has what it waited for, and waits for nothing any more."""
        frame.request = None
        self.ready.append((frame, value, error))

    def _accept(self, frame: Frame, request: Request) -> None:
        if isinstance(request, Breathe):
            self._resume(frame)
        elif isinstance(request, AnyOf):
            if any(child.done for child in request.frames):
                self._resume(frame)
        elif isinstance(request, Slot):
            self._queue_up(frame)
        elif isinstance(request, Pause):
            self.paused[frame] = request
        elif request.effect:
            self.pending.append((request, frame))
        else:
            self._submit(request, frame)
        if frame.must_stop and frame.request is not None:
            self._interrupt(frame)

    def take_slot(self) -> bool:
        """Whether a thread is free for one more effect; it is then taken."""
        free = self.effects < MAX_EFFECTS
        self.effects += free
        return free

    def _queue_up(self, frame: Frame) -> None:
        if self.take_slot():
            self._resume(frame)
        else:
            self.queueing.append(frame)

    def _free_slot(self, call: Call) -> None:
        if not call.effect:
            return
        self.effects -= 1
        if self.queueing:
            self._queue_up(self.queueing.popleft())

    def _submit(self, call: Call, frame: Frame) -> None:
        call.started = True
        self.running[call] = (frame, monotonic())
        call.future = (_actions if call.effect else _computing).submit(self._perform, call)

    def _perform(self, call: Call) -> None:
        """In a thread of the pool: never touches the database. One that was given up while it queued never starts."""
        if call.cancelled is not None and call.cancelled.is_set():
            return
        call.began = monotonic()
        try:
            self.results.put((call, call.run(), None))
        except BaseException as error:  # noqa: BLE001 - handed to the walk, which records it
            self.results.put((call, None, error))

    def start_pending(self) -> None:
        """Start what the commit just made has announced."""
        pending, self.pending = self.pending, []
        for call, frame in pending:
            self._submit(call, frame)

    def drop_pending(self) -> None:
        """What was announced, but not committed, never started."""
        for call, _ in self.pending:
            self._unstart(call)
        self.pending = []

    def finished(self, call: Call, value: Any, error: BaseException | None) -> None:
        """A thread is done with `call`; late answers of calls that were given up are dropped."""
        if call in self.running:
            frame, _ = self.running.pop(call)
            self.recorder.urgent |= call.effect
            self._free_slot(call)
            self._resume(frame, value, error)

    def abandon(self) -> None:
        """The job is no longer ours: what runs is told to stop, what queues never starts."""
        for call in self.running:
            call.cancel()

    # ------------------------------------------------------------ frames
    def spawn(self, parent: Frame, make: Callable[[Frame], Walk], *, stopping: Cause | None = None) -> Frame:
        """Begin a walk beside the caller's and drive it as far as it goes by itself."""
        frame = Frame(parent)
        if stopping is not None:
            self._tell(frame, stopping, frame.base_shield)
        frame.walk = make(frame)
        parent.children = [child for child in parent.children if not child.done]
        parent.children.append(frame)
        self.advance(frame, None, None)
        return frame

    def stop(self, frame: Frame, cause: Cause, *, level: int | None = None) -> None:
        """Tell a frame and everything below it to stop; `finally` steps inside it still run."""
        if frame.done:
            return
        level = frame.base_shield if level is None else level
        self._tell(frame, cause, level)
        for child in frame.children:
            self.stop(child, cause, level=level)
        if frame.must_stop and frame.request is not None:
            self._interrupt(frame)

    def _tell(self, frame: Frame, cause: Cause, level: int) -> None:
        if frame.unwinding is None or level > frame.level:
            frame.unwinding = frame.unwinding or Unwind(cause)
            frame.level = level

    def _interrupt(self, frame: Frame) -> None:
        """Take a frame out of what it waits for."""
        request, unwind = frame.request, frame.unwinding
        if isinstance(request, Pause) and request.wait.kind is WaitKind.SUBJOB:
            self._stop_sub_job(frame, request)
        elif isinstance(request, Pause):
            self.settle(frame, request, WaitOutcome.WITHDRAWN, error=unwind)
        elif isinstance(request, Slot):
            self.queueing.remove(frame)
            self._resume(frame, error=unwind)
        elif isinstance(request, Call) and not request.started:
            self.pending = [(call, owner) for call, owner in self.pending if call is not request]
            self._unstart(request)
            self._free_slot(request)
            self._resume(frame, error=unwind)
        elif isinstance(request, Call) and request.effect and not request.withdraw():
            request.cancel()
            request.stop_by = request.stop_by or monotonic() + CANCEL_GRACE
        elif isinstance(request, Call):
            self.give_up(request, unwind)

    def _unstart(self, call: Call) -> None:
        """A call that was recorded as started, but not committed, never started."""
        self.recorder.forget(call.row)
        call.row.dirty = False

    def give_up(self, call: Call, error: BaseException | None) -> None:
        """Let the frame go on with `error`, whatever the thread still does."""
        call.cancel()
        frame, _ = self.running.pop(call)
        self._free_slot(call)
        self._resume(frame, error=error)

    def _stop_sub_job(self, frame: Frame, request: Pause) -> None:
        """A sub-job that is not sent off yet never is; another one is asked to stop, and its end is waited for."""
        recorder, row = self.recorder, request.row
        if request.wait in recorder.waits:
            recorder.children = [child for child in recorder.children if child.row is not row]
            recorder.resumed = [resumed for resumed in recorder.resumed if resumed is not row]
            recorder.settle(request.wait, WaitOutcome.WITHDRAWN)
            recorder.forget(row)
            row.dirty = row.stored
            del self.paused[frame]
            self._resume(frame, error=frame.unwinding)
        elif row.child_id is not None and frame.unwinding is not None:
            self._stop_child(row.child_id, frame.unwinding.cause)

    def force(self, frame: Frame) -> None:
        """`finally` steps have had their time: stop them too."""
        frame.level = _EVERYWHERE
        for child in frame.children:
            self.force(child)
        if not frame.done and frame.unwinding is not None and frame.request is not None:
            self._interrupt(frame)

    # ------------------------------------------------------------ waits
    def settle(
        self, frame: Frame, request: Pause, outcome: WaitOutcome, *, error: BaseException | None = None
    ) -> None:
        """End a wait that this owner itself ends, and let its frame go on."""
        del self.paused[frame]
        self.recorder.settle(request.wait, outcome)
        self._resume(frame, error=error)

    def wake(self, wait_key: tuple[str, str], outcome: WaitOutcome) -> None:
        """A wait was settled from outside."""
        for frame, request in list(self.paused.items()):
            if (request.wait.path, request.wait.kind.value) == wait_key:
                request.wait.outcome = outcome
                del self.paused[frame]
                self._resume(frame, error=frame.unwinding if frame.must_stop else None)
