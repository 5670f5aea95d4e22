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
from jobs.engine.frames import AnyOf, Breathe, Call, Cause, Frame, Pause, StepFailed, Unwind, Walk
from jobs.engine.recorder import Recorder
from jobs.states import StepStatus, WaitKind, WaitOutcome

CANCEL_GRACE = 5.0
"""Seconds that running actions have to end after a cancel."""

_pool = ThreadPoolExecutor(max_workers=128, thread_name_prefix="action")


class Scheduler:
    """The frames of a job and what each of them waits for.

    `ready` frames go on at once; `pending` calls start with the next commit; `running` calls are in threads;
    `paused` frames hold nothing. `results` is where threads, and the beat, put what happened.
    """

    def __init__(self, recorder: Recorder, cancel_child: Callable[[int], None]) -> None:
        self.recorder = recorder
        self.root = Frame()
        self.ready: deque[tuple[Frame, Any, BaseException | None]] = deque()
        self.pending: list[tuple[Call, Frame]] = []
        self.running: dict[Call, tuple[Frame, float]] = {}
        self.paused: dict[Frame, Pause] = {}
        self.results: SimpleQueue[tuple[Call | None, Any, BaseException | None]] = SimpleQueue()
        self.stop_at: float | None = None
        """When running actions that were told to stop are given up."""
        self._cancel_child = cancel_child

    @property
    def idle(self) -> bool:
        """Whether nothing can happen but the end of a wait."""
        return not (self.ready or self.running or self.pending)

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
            parent.request = None
            self.ready.append((parent, None, None))

    def _accept(self, frame: Frame, request: Call | Pause | AnyOf | Breathe) -> None:
        if isinstance(request, Breathe):
            self.ready.append((frame, None, None))
        elif isinstance(request, AnyOf):
            if any(child.done for child in request.frames):
                frame.request = None
                self.ready.append((frame, None, None))
        elif isinstance(request, Pause):
            self.paused[frame] = request
        elif request.effect:
            self.pending.append((request, frame))
        else:
            self._submit(request, frame)
        if frame.must_stop and frame.request is not None and not isinstance(request, Breathe):
            self._interrupt(frame)

    def _submit(self, call: Call, frame: Frame) -> None:
        call.started = True
        self.running[call] = (frame, monotonic())
        _pool.submit(self._perform, call)

    def _perform(self, call: Call) -> None:
        """In a thread of the pool: never touches the database."""
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
            self.ready.append((frame, value, error))

    # ------------------------------------------------------------ frames
    def spawn(self, parent: Frame, make: Callable[[Frame], Walk], *, stopping: Cause | None = None) -> Frame:
        """Begin a walk beside the caller's and drive it as far as it goes by itself."""
        frame = Frame(parent)
        if stopping is not None and frame.unwinding is None:
            frame.unwinding = Unwind(stopping)
        frame.walk = make(frame)
        parent.children = [child for child in parent.children if not child.done]
        parent.children.append(frame)
        self.advance(frame, None, None)
        return frame

    def stop(self, frame: Frame, cause: Cause) -> None:
        """Tell a frame and everything below it to stop; `finally` steps still run."""
        if frame.done:
            return
        if frame.unwinding is None:
            frame.unwinding = Unwind(cause)
        for child in frame.children:
            self.stop(child, cause)
        if frame.must_stop and frame.request is not None:
            self._interrupt(frame)

    def _interrupt(self, frame: Frame) -> None:
        """Take a frame out of what it waits for."""
        request, unwind = frame.request, frame.unwinding
        if isinstance(request, Pause) and request.wait.kind is WaitKind.SUBJOB:
            self._stop_sub_job(frame, request)
        elif isinstance(request, Pause):
            self.settle(frame, request, WaitOutcome.WITHDRAWN, error=unwind)
        elif isinstance(request, Call) and not request.started:
            self.pending = [(call, owner) for call, owner in self.pending if call is not request]
            self._unstart(request)
            self.ready.append((frame, None, unwind))
        elif isinstance(request, Call) and request.effect:
            request.cancel()
            self.stop_at = self.stop_at or monotonic() + CANCEL_GRACE
        elif isinstance(request, Call):
            self.give_up(request, unwind)

    def _unstart(self, call: Call) -> None:
        """A call that was recorded as started, but not committed, never started."""
        self.recorder.forget(call.row)
        if not call.row.stored:
            call.row.dirty = False

    def give_up(self, call: Call, error: BaseException | None) -> None:
        """Let the frame go on with `error`, whatever the thread still does."""
        call.cancel()
        frame, _ = self.running.pop(call)
        self.ready.append((frame, None, error))

    def _stop_sub_job(self, frame: Frame, request: Pause) -> None:
        """A sub-job that is not created yet never is; another one is asked to stop, and its end is waited for."""
        created = [child for child in self.recorder.children if child.row is not request.row]
        if len(created) < len(self.recorder.children):
            self.recorder.children = created
            self.recorder.waits.remove(request.wait)
            self.recorder.forget(request.row)
            request.row.dirty = request.row.stored
            del self.paused[frame]
            self.ready.append((frame, None, frame.unwinding))
        elif request.row.child_id is not None:
            self._cancel_child(request.row.child_id)

    def force(self, frame: Frame) -> None:
        """`finally` steps have had their time: stop them too."""
        frame.shield = 0
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
        if outcome is WaitOutcome.DUE:
            request.row.status = StepStatus.IN_PROGRESS
        self.recorder.touch(request.row)
        self.ready.append((frame, None, error))

    def wake(self, wait_key: tuple[str, str], outcome: WaitOutcome) -> None:
        """A wait was settled from outside."""
        for frame, request in list(self.paused.items()):
            if (request.wait.path, request.wait.kind.value) == wait_key:
                request.wait.outcome = outcome
                del self.paused[frame]
                error = frame.unwinding if frame.must_stop else None
                self.ready.append((frame, None, error))
