"""The owner of a job: drives its walks, commits what they record, starts what they ask for.

One thread does all of this and alone touches the database; actions and the sandbox run in threads of a pool. The
loop: take what has finished, let the walks go on, commit, start what was committed, sleep until something happens.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from queue import Empty
from typing import Any

from common.clock import monotonic
from common.errors import StepError
from jobs.engine.commits import Commits, FencedOut
from jobs.engine.frames import Call, Cause, Frame, Walk
from jobs.engine.recorder import MAX_AGE
from jobs.engine.run import JobRun
from jobs.engine.scheduler import Scheduler
from jobs.engine.times import later
from jobs.engine.worker import WorkerHandle
from jobs.states import WaitOutcome

logger = logging.getLogger(__name__)

SHOW_AFTER = 0.010
"""Seconds after which something that runs gets its row."""
OVERDUE_GRACE = 5.0
"""Seconds after its deadline at which an action that has not come back is given up."""
FINALLY_SECONDS = 300.0
"""Seconds that `finally` steps have after a cancel."""
LONGEST_SLEEP = 30.0


class Owner:
    """Drives one job from its claim until it ends, parks, or is given back."""

    def __init__(self, *, run: JobRun, scheduler: Scheduler, commits: Commits, worker: WorkerHandle) -> None:
        self.run = run
        self.scheduler = scheduler
        self.commits = commits
        self.worker = worker

    def drive(self, walk: Callable[[Frame], Walk]) -> bool:
        """Walk until the root frame has ended (True), or until the job was parked or handed back (False).
        Raises `FencedOut`.
        """
        root = self.scheduler.root
        self.scheduler.begin(walk)
        while True:
            self._go_on()
            if root.done:
                return True
            if self.worker.lost.is_set():
                raise FencedOut
            if self.worker.stopping.is_set():
                self._stop_work()
                return False
            if not self._commit_if_needed():
                continue
            self.scheduler.start_pending()
            if not self.scheduler.idle:
                self._sleep()
                self._look_at_timers()
            elif self._park():
                return False

    def _go_on(self) -> None:
        """Let every frame that is ready now go on once, so that what they record shares a commit."""
        for _ in range(len(self.scheduler.ready)):
            self._go_on_once()

    def _go_on_once(self) -> None:
        frame, value, error = self.scheduler.ready.popleft()
        if not frame.done:
            self.scheduler.advance(frame, value, error)

    # ------------------------------------------------------------ committing
    def _commit_if_needed(self) -> bool:
        """Commit when something is urgent or about to start. False: the job has changed; look around first."""
        if not (self.scheduler.pending or self.run.recorder.wants_commit):
            return True
        return self.commits.flush()

    def _park(self) -> bool:
        """Everything waits: let go of the job. False: something came meanwhile, or is due already."""
        due_at = min(self._due_times(), default=None)
        if due_at is not None and due_at <= self.run.moment():
            self._look_at_timers()
            return False
        return self.commits.park(due_at)

    def _stop_work(self) -> None:
        """The worker stops: start nothing, let effects that must not be repeated end, hand the job back."""
        scheduler = self.scheduler
        scheduler.drop_pending()
        until = monotonic() + self.commits.stop_grace
        while any(not call.idempotent for call in scheduler.running) and monotonic() < until:
            try:
                self._take(*scheduler.results.get(timeout=max(0.0, until - monotonic())))
            except Empty:
                break
            while scheduler.ready:
                self._go_on_once()
            scheduler.drop_pending()
            self.commits.flush()
        for call in scheduler.running:
            call.cancel()
            self.run.leave(call.row)
        self.commits.hand_back()

    # ------------------------------------------------------------ sleeping
    def _sleep(self) -> None:
        """Until something finishes, a timer is due, or the beat pokes."""
        if self.scheduler.ready:
            return
        results = self.scheduler.results
        try:
            self._take(*results.get(timeout=self._seconds_to_next()))
            while not results.empty():
                self._take(*results.get_nowait())
        except Empty:
            self._show_what_runs()

    def _take(self, call: Call | None, value: Any, error: BaseException | None) -> None:
        if call is None:
            self.commits.look()
        else:
            self.scheduler.finished(call, value, _as_step_error(error))

    def _seconds_to_next(self) -> float:
        now, moment = monotonic(), self.run.moment()
        until = [LONGEST_SLEEP]
        for call, (_, since) in self.scheduler.running.items():
            shown = call.row.dirty or call.row.stored or call.effect
            until.append(since + (call.deadline + OVERDUE_GRACE if shown else SHOW_AFTER) - now)
        if self.run.recorder.since is not None:
            until.append(self.run.recorder.since + MAX_AGE - now)
        until += [(due_at - moment).total_seconds() for due_at in self._due_times()]
        until += [call.stop_by - now for call in self.scheduler.running if call.stop_by is not None]
        return max(0.0, min(until))

    def _due_times(self) -> list[datetime]:
        """When waits, the job's time limit and the time of its `finally` steps are due."""
        due = [pause.wait.due_at for pause in self.scheduler.paused.values() if pause.wait.due_at is not None]
        if self.run.deadline_at is not None and self.scheduler.root.unwinding is None:
            due.append(self.run.deadline_at)
        finally_until = self._finally_until()
        if finally_until is not None and self.scheduler.root.level == 0:
            due.append(finally_until)
        return due

    def _finally_until(self) -> datetime | None:
        """When `finally` steps must have ended: some time after the cancel, or after the job's time was over."""
        unwinding = self.scheduler.root.unwinding
        if unwinding is None or unwinding.cause in (Cause.FINISH, Cause.UNTIL):
            return None
        since = self.run.cancel_at if unwinding.cause is Cause.CANCEL else self.run.deadline_at
        return later(since, FINALLY_SECONDS) if since is not None else None

    def _show_what_runs(self) -> None:
        """What has run for 10 ms gets its row, together with what is finished."""
        now = monotonic()
        for call, (_, since) in self.scheduler.running.items():
            if not call.effect and now - since >= SHOW_AFTER and not (call.row.stored or call.row.dirty):
                self.run.started(call.row)
        if not self.run.recorder.empty:
            self.run.recorder.urgent = True

    # ------------------------------------------------------------ timers
    def _look_at_timers(self) -> None:
        moment, now, root = self.run.moment(), monotonic(), self.scheduler.root
        for frame, request in list(self.scheduler.paused.items()):
            if request.wait.due_at is not None and request.wait.due_at <= moment:
                self.scheduler.settle(frame, request, WaitOutcome.DUE)
        deadline = self.run.deadline_at
        if deadline is not None and deadline <= moment and root.unwinding is None:
            self.scheduler.stop(root, Cause.LIMIT)
        self._give_up_overdue(now)
        finally_until = self._finally_until()
        if finally_until is not None and finally_until <= moment and root.level == 0:
            self.scheduler.force(root)

    def _give_up_overdue(self, now: float) -> None:
        for call, (frame, _) in list(self.scheduler.running.items()):
            if call.stop_by is not None and now >= call.stop_by:
                self.scheduler.give_up(call, frame.unwinding)
            elif call.began is not None and now >= call.began + call.deadline + OVERDUE_GRACE:
                late = StepError("timeout", f"No answer within {call.deadline:g} seconds.", answered=False)
                self.scheduler.give_up(call, late)


def _as_step_error(error: BaseException | None) -> BaseException | None:
    """What a thread raised, as the walk takes it: anything unexpected is our machinery failing."""
    if error is None or isinstance(error, StepError):
        return error
    logger.error("An action raised an unexpected error.", exc_info=error)
    return StepError("internal_error", f"{type(error).__name__} while the step was running.", answered=False)
