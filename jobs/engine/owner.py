"""The owner of a job: drives its walks, commits what they record, starts what they ask for.

One thread does all of this and alone touches the database; actions and the sandbox run in threads of a pool. The
loop: take what has finished, let the walks go on, commit, start what was committed, sleep until something happens.
"""

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

from common.clock import monotonic
from common.errors import StepError
from jobs.engine.claim import Claim
from jobs.engine.commits import Commits, FencedOut
from jobs.engine.frames import AnyOf, Breathe, Call, Cause, Frame, Pause, StepFailed, Unwind, Walk
from jobs.engine.run import JobRun
from jobs.engine.worker import WorkerHandle
from jobs.states import StepStatus, WaitKind, WaitOutcome

logger = logging.getLogger(__name__)

SHOW_AFTER = 0.010
"""Seconds after which something that runs gets its row."""
CANCEL_GRACE = 5.0
"""Seconds that running actions have to end after a cancel."""
OVERDUE_GRACE = 5.0
"""Seconds after its deadline at which an action that has not come back is given up."""
FINALLY_SECONDS = 300.0
"""Seconds that `finally` steps have after a cancel."""

_pool = ThreadPoolExecutor(max_workers=128, thread_name_prefix="action")


class Owner:
    """Drives one job from its claim until it ends, parks, or is given back."""

    def __init__(self, claim: Claim, worker: WorkerHandle) -> None:
        self.claim = claim
        self.worker = worker
        self.run: JobRun
        self.commits: Commits
        self.root = Frame()
        self.ready: deque[tuple[Frame, Any, BaseException | None]] = deque()
        self.running: dict[Call, tuple[Frame, float]] = {}
        self.pending: list[tuple[Call, Frame]] = []
        self.paused: dict[Frame, Pause] = {}
        self.results: SimpleQueue[tuple[Call | None, Any, BaseException | None]] = SimpleQueue()
        self.stop_at: float | None = None
        self.force_at: float | None = None

    # ------------------------------------------------------------ the loop
    def drive(self, walk: Callable[[Frame], Walk]) -> bool:
        """Walk until the root frame has ended (True), or until the job was parked or handed back (False).
        Raises `FencedOut`.
        """
        self.root.walk = walk(self.root)
        self._advance(self.root, None, None)
        while True:
            self._go_on()
            if self.root.done:
                return True
            if self.worker.lost.is_set():
                raise FencedOut
            if self.worker.stopping.is_set():
                self._stop_work()
                return False
            if not self._commit_if_needed():
                continue
            self._start_committed()
            if self._all_wait():
                if self._park():
                    return False
                continue
            self._sleep()
            self._look_at_timers()

    def _go_on(self) -> None:
        while self.ready:
            frame, value, error = self.ready.popleft()
            if not frame.done:
                self._advance(frame, value, error)
            if self.run.recorder.wants_commit and self.ready:
                self._commit_if_needed()

    def _advance(self, frame: Frame, value: Any, error: BaseException | None) -> None:
        """Let a walk go on until it needs something."""
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

    # ------------------------------------------------------------ frames
    def spawn(self, parent: Frame, make: Callable[[Frame], Walk], *, stopping: Cause | None = None) -> Frame:
        """Begin a walk beside the caller's and drive it as far as it goes by itself."""
        frame = Frame(parent)
        if stopping is not None and frame.unwinding is None:
            frame.unwinding = Unwind(stopping)
        frame.walk = make(frame)
        parent.children = [child for child in parent.children if not child.done]
        parent.children.append(frame)
        self._advance(frame, None, None)
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
            self._settle(frame, request, WaitOutcome.WITHDRAWN, error=unwind)
        elif isinstance(request, Call) and not request.started:
            self.pending = [(call, owner) for call, owner in self.pending if call is not request]
            self._unstart(request)
            self.ready.append((frame, None, unwind))
        elif isinstance(request, Call) and request.effect:
            request.cancelled.set()
            self.stop_at = self.stop_at or monotonic() + CANCEL_GRACE
        elif isinstance(request, Call):
            self._give_up(request, unwind)

    def _unstart(self, call: Call) -> None:
        """A call that was recorded as started, but not committed, never started."""
        self.run.recorder.forget(call.row)
        if not call.row.stored:
            call.row.dirty = False

    def _give_up(self, call: Call, error: BaseException | None) -> None:
        call.cancelled.set()
        frame, _ = self.running.pop(call)
        self.ready.append((frame, None, error))

    def _stop_sub_job(self, frame: Frame, request: Pause) -> None:
        if any(child.row is request.row for child in self.run.recorder.children):
            self.run.recorder.children = [
                child for child in self.run.recorder.children if child.row is not request.row
            ]
            self.run.recorder.waits.remove(request.wait)
            self.run.recorder.forget(request.row)
            request.row.dirty = request.row.stored
            del self.paused[frame]
            self.ready.append((frame, None, frame.unwinding))
        elif request.row.child_id is not None:
            self.commits.cancel_child(request.row.child_id)

    # ------------------------------------------------------------ waits
    def _settle(
        self, frame: Frame, request: Pause, outcome: WaitOutcome, *, error: BaseException | None = None
    ) -> None:
        """End a wait that this owner itself ends, and let its frame go on."""
        del self.paused[frame]
        self.run.recorder.settle(request.wait, outcome)
        if outcome is WaitOutcome.DUE:
            request.row.status = StepStatus.IN_PROGRESS
        self.run.recorder.touch(request.row)
        self.ready.append((frame, None, error))

    def wake(self, wait_key: tuple[str, str], outcome: WaitOutcome) -> None:
        """A wait was settled from outside."""
        for frame, request in list(self.paused.items()):
            if (request.wait.path, request.wait.kind.value) == wait_key:
                request.wait.outcome = outcome
                del self.paused[frame]
                error = frame.unwinding if frame.must_stop else None
                self.ready.append((frame, None, error))

    def _look_at_timers(self) -> None:
        moment, now = self.run.moment(), monotonic()
        for frame, request in list(self.paused.items()):
            if request.wait.due_at is not None and request.wait.due_at <= moment:
                self._settle(frame, request, WaitOutcome.DUE)
        deadline = self.run.deadline_at
        if deadline is not None and deadline <= moment and self.root.unwinding is None:
            self.stop(self.root, Cause.LIMIT)
        self._give_up_overdue(now)
        if self.root.unwinding is not None and self.force_at is None:
            self.force_at = now + FINALLY_SECONDS
        if self.force_at is not None and now >= self.force_at:
            self._force(self.root)

    def _give_up_overdue(self, now: float) -> None:
        for call, (frame, since) in list(self.running.items()):
            if self.stop_at is not None and now >= self.stop_at and frame.must_stop:
                self._give_up(call, frame.unwinding)
            elif now >= since + call.deadline + OVERDUE_GRACE:
                late = StepError("timeout", f"No answer within {call.deadline:g} seconds.", answered=False)
                self._give_up(call, late)

    def _force(self, frame: Frame) -> None:
        """`finally` steps have had their time: stop them too."""
        frame.shield = 0
        for child in frame.children:
            self._force(child)
        if not frame.done and frame.unwinding is not None and frame.request is not None:
            self._interrupt(frame)

    # ------------------------------------------------------------ sleeping
    def _sleep(self) -> None:
        """Until something finishes, a timer is due, or the beat pokes."""
        if self.ready:
            return
        try:
            call, value, error = self.results.get(timeout=self._seconds_to_next())
        except Empty:
            self._show_what_runs()
            return
        while True:
            self._take(call, value, error)
            try:
                call, value, error = self.results.get_nowait()
            except Empty:
                return

    def _take(self, call: Call | None, value: Any, error: BaseException | None) -> None:
        if call is None:
            self.commits.look()
        elif call in self.running:
            frame, _ = self.running.pop(call)
            self.run.recorder.urgent |= call.effect
            self.ready.append((frame, value, _as_step_error(error)))

    def _seconds_to_next(self) -> float:
        now, moment = monotonic(), self.run.moment()
        until = [30.0]
        for call, (_, since) in self.running.items():
            shown = call.row.dirty or call.row.stored or call.effect
            until.append(since + (call.deadline + OVERDUE_GRACE if shown else SHOW_AFTER) - now)
        if self.run.recorder.since is not None:
            until.append(self.run.recorder.since + SHOW_AFTER - now)
        due = [pause.wait.due_at for pause in self.paused.values() if pause.wait.due_at is not None]
        if self.run.deadline_at is not None and self.root.unwinding is None:
            due.append(self.run.deadline_at)
        until += [(due_at - moment).total_seconds() for due_at in due]
        until += [at - now for at in (self.stop_at, self.force_at) if at is not None and at > now]
        return max(0.0, min(until))

    def _show_what_runs(self) -> None:
        """What has run for 10 ms gets its row, together with what is finished."""
        now = monotonic()
        for call, (_, since) in self.running.items():
            if not call.effect and now - since >= SHOW_AFTER and not (call.row.stored or call.row.dirty):
                self.run.started(call.row)
        if not self.run.recorder.empty:
            self.run.recorder.urgent = True

    # ------------------------------------------------------------ committing
    def _commit_if_needed(self) -> bool:
        """Commit when something is urgent or about to start. False: the job has changed; look around first."""
        if not (self.pending or self.run.recorder.wants_commit):
            return True
        return self.commits.flush()

    def _start_committed(self) -> None:
        pending, self.pending = self.pending, []
        for call, frame in pending:
            self._submit(call, frame)

    def _all_wait(self) -> bool:
        return not (self.ready or self.running or self.pending)

    def _park(self) -> bool:
        """Everything waits: let go of the job. False: something came meanwhile, or is due already."""
        due = [pause.wait.due_at for pause in self.paused.values() if pause.wait.due_at is not None]
        if self.run.deadline_at is not None and self.root.unwinding is None:
            due.append(self.run.deadline_at)
        due_at = min(due, default=None)
        if due_at is not None and due_at <= self.run.moment():
            self._look_at_timers()
            return False
        return self.commits.park(due_at)

    def _stop_work(self) -> None:
        """The worker stops: start nothing, let effects that must not be repeated end, hand the job back."""
        for call, _ in self.pending:
            self._unstart(call)
        self.pending = []
        until = monotonic() + self.commits.stop_grace
        while any(not call.idempotent for call in self.running) and monotonic() < until:
            try:
                call, value, error = self.results.get(timeout=max(0.0, until - monotonic()))
            except Empty:
                break
            self._take(call, value, error)
            while self.ready:
                frame, value, error = self.ready.popleft()
                if not frame.done:
                    self._advance(frame, value, error)
            for started, _ in self.pending:
                self._unstart(started)
            self.pending = []
            self.commits.flush()
        for call in self.running:
            call.cancelled.set()
        self.commits.hand_back()


def _as_step_error(error: BaseException | None) -> BaseException | None:
    """What a thread raised, as the walk takes it: anything unexpected is our machinery failing."""
    if error is None or isinstance(error, StepError):
        return error
    logger.error("An action raised an unexpected error.", exc_info=error)
    return StepError("internal_error", f"{type(error).__name__} while the step was running.", answered=False)
