"""The hardened cluster: django-q2's sentinel, pusher and workers, so that kill -9 of any process stalls nothing.

What differs from django-q2: nothing that processes share has a lock; children die with their parent; SIGTERM means
"finish the step in hand, hand the job back"; there is no monitor, for there are no results, but a sweep; the parent
exits with 1 when the sentinel dies, so that whoever supervises it starts it anew.
"""

import gc
import logging
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

from django.conf import settings
from django.db import connections
from django_q.cluster import Cluster, Sentinel
from django_q.pusher import pusher
from django_q.worker import worker

from common.clock import monotonic
from jobs.queue.broker import DoorbellBroker
from jobs.queue.child import die_with, end_at_sigterm, fork
from jobs.queue.drain import Drain, RunJob
from jobs.queue.flag import Flag
from jobs.queue.sweeper import sweep_forever
from jobs.queue.tokens import ResultSink, Timer, TokenQueue

logger = logging.getLogger(__name__)
logging.getLogger("django-q").setLevel(logging.WARNING)  # it would tell of every token

GUARD_SECONDS = 1.0
"""The sentinel looks after its children this often even when the kernel tells of no death."""
_KILL_AFTER = 3.0
_GIVE_UP_AFTER = 4.5
"""Seconds beyond `STOP_GRACE`: then workers are killed; then the sentinel is."""


class Guard(Sentinel):
    """The sentinel: keeps the workers, the pusher and the sweep alive until it is told to stop."""

    # Ours have the same methods, but not the types that django-q2's constructor seems to promise.
    task_queue: Any
    result_queue: Any
    start_event: Any
    event_out: Any

    def __init__(self, *, stop: Flag, cluster_id: object, workers: int, run: RunJob) -> None:
        self._run = run
        tokens = TokenQueue()
        broker = DoorbellBroker(tokens=tokens.tokens, workers=workers)
        super().__init__(stop, Flag(), cluster_id, broker=broker, start=False)  # type: ignore[no-untyped-call] # django-q2 has no types
        # A dead sentinel must not matter to whoever sets the flag, nor must a SIGTERM to the whole group end this.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.pool_size = workers
        self.task_queue = tokens
        self.result_queue = ResultSink()
        self.event_out = Flag()
        self.sweeper: BaseProcess | None = None

    def spawn_cluster(self) -> None:
        """Start every child."""
        connections.close_all()
        for _ in range(self.pool_size):
            self.spawn_worker()
        self.pusher = self.spawn_pusher()
        self.sweeper = self.spawn_sweeper()

    def spawn_worker(self) -> None:
        """One more worker."""
        timer = Timer()
        process = self._spawn(_work, self.task_queue, self.result_queue, timer, self._run)
        process.timer = timer  # type: ignore[attr-defined] # read by django-q2's `reincarnate`
        self.pool.append(process)

    def spawn_pusher(self) -> Any:
        """The process that rings."""
        return self._spawn(_push, self.task_queue, self.event_out, self.broker)

    def spawn_sweeper(self) -> BaseProcess:
        """The process that sweeps."""
        return self._spawn(sweep_forever)

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a dead child."""
        if process is not self.sweeper:
            super().reincarnate(process)  # type: ignore[no-untyped-call] # django-q2 has no types
            return
        logger.critical("The sweep died and is started anew.")
        self.sweeper = self.spawn_sweeper()
        self.reincarnations += 1

    def guard(self) -> None:
        """Replace whatever dies, until told to stop."""
        self.start_event.set()
        while not self.stop_event.is_set():
            wait([*(child.sentinel for child in self._children()), self.stop_event.fd], GUARD_SECONDS)
            dead = [child for child in self._children() if not child.is_alive()]
            # Who stops the whole group kills children first: give the order to stop time to arrive.
            if dead and not self.stop_event.wait(0.1):
                for child in dead:
                    self.reincarnate(child)
        self.stop()

    def stop(self) -> None:
        """Ask every child to end; kill who has not after `STOP_GRACE` and a little."""
        end = monotonic() + settings.STOP_GRACE + _KILL_AFTER
        while (living := self._living()) and monotonic() < end:
            for child in living:
                os.kill(child.pid or 0, signal.SIGTERM)  # again and again: one sent just after a fork is lost
            wait([child.sentinel for child in living], 0.2)
        for child in self._living():
            logger.error("Process %s did not end in time and is killed; its job is taken over.", child.pid)
            child.kill()
        for child in self._children():
            child.join()

    def _children(self) -> list[BaseProcess]:
        return [child for child in (*self.pool, self.pusher, self.sweeper) if child is not None]

    def _living(self) -> list[BaseProcess]:
        return [child for child in self._children() if child.is_alive()]

    def _spawn(self, target: Callable[..., None], *args: Any) -> BaseProcess:
        process = fork.Process(target=target, args=(os.getpid(), *args), daemon=True)
        process.start()
        return process


class HardenedCluster(Cluster):
    """The parent: starts the sentinel, passes the order to stop on, and says by its exit status how it ended."""

    sentinel: Any

    def __init__(self, *, workers: int, run: RunJob) -> None:
        self._stop = Flag()
        self._workers = workers
        self._run = run
        super().__init__()

    def sig_handler(self, signum: int, frame: object) -> None:  # noqa: ARG002 - the shape of a signal handler
        """SIGTERM or SIGINT: order everything to stop."""
        self._stop.set()

    def run(self) -> int:
        """Run until told to stop; returns the exit status: 0, or 1 when the sentinel died or had to be killed."""
        connections.close_all()
        gc.collect()
        gc.freeze()  # what is loaded by now stays in pages that all processes share
        self.sentinel = fork.Process(target=self._guard, args=(os.getpid(),))
        self.sentinel.start()
        wait([self.sentinel.sentinel, self._stop.fd])
        if not self._stop.is_set():
            self.sentinel.join()
            logger.critical("The sentinel of the cluster died (%s).", self.sentinel.exitcode)
            return 1
        self.sentinel.join(settings.STOP_GRACE + _GIVE_UP_AFTER)
        if self.sentinel.is_alive():
            self.sentinel.kill()
            self.sentinel.join()
        return 0 if self.sentinel.exitcode == 0 else 1

    def _guard(self, parent: int) -> None:
        die_with(parent)
        guard = Guard(stop=self._stop, cluster_id=self.cluster_id, workers=self._workers, run=self._run)
        guard.start()  # type: ignore[no-untyped-call] # django-q2 has no types


def _work(parent: int, tokens: TokenQueue, results: ResultSink, timer: Timer, run: RunJob) -> None:
    die_with(parent)
    stop = Flag()
    stop.set_on_sigterm()
    drain = Drain(stop=stop, run=run)
    drain.begin()
    tokens.serve(stop=stop, work=drain)
    worker(cast(Any, tokens), cast(Any, results), timer, -1)
    drain.close()
    logging.shutdown()
    os._exit(0)  # an action that was given up may still run in a thread: it must not keep the process


def _push(parent: int, tokens: TokenQueue, stop: Flag, broker: DoorbellBroker) -> None:
    die_with(parent)
    end_at_sigterm()
    pusher(cast(Any, tokens), stop, broker)
