"""Workers that sleep beyond their lease, and workers that are all busy while others die."""

import os
import signal
import sqlite3
import time
from contextlib import closing, suppress
from typing import Any

from django.db import connection

from benchmarks.faults import workloads
from benchmarks.faults.kills import judge_interrupted, pause
from benchmarks.faults.processes import Cluster, alive
from benchmarks.faults.rig import LEASE, Rig
from common.clock import now
from jobs.models import Job, StepRun, Wait, Worker
from jobs.states import JobStatus, WaitKind

BUSY_MILLISECONDS = 600_000
SOON = 2.0


def stale_workers(rig: Rig) -> None:
    """F9: they run on what says it is another machine, for here a sleeping process would be provably alive."""
    rig.cluster(workers=rig.scale(4, 1))
    far = rig.cluster(workers=rig.scale(10, 2), elsewhere="elsewhere.example")
    put = workloads.repeatable(rig, milliseconds=900)
    post = rig.workflow(
        "once", [workloads.request("pay", f"{rig.outside.url}/effect/900", "POST", retry="none")]
    )
    wanted, sleepers = rig.scale(200, 2), 0
    for _ in range(wanted):
        if sleepers >= wanted:
            break
        for _ in range(rig.scale(16, 4)):
            rig.start(rig.chance.choice([put, put, post]))
        sleepers += _sleep_and_wake(rig, far)
        if sleepers < wanted:
            rig.wait(lambda: len(rig.workers(far)) >= far.size, within=30, what="new workers")
    rig.finish(within=60)
    rig.measured["sleepers"] = sleepers
    rig.expect(sleepers >= wanted, f"Only {sleepers} workers slept with a job in hand.")
    judge_interrupted(rig, len(rig.started))


def _sleep_and_wake(rig: Rig, far: Cluster) -> int:
    """Stop every worker of `far` that has a job, wake them when others have ended these; how many there were."""
    rig.wait(lambda: rig.owned_by(rig.workers(far)), within=20, what="jobs to be claimed elsewhere")
    pause(rig, 0.05, 0.7)
    asleep = rig.workers(far)
    _put_to_sleep(asleep)
    asleep = [worker for worker in asleep if alive(worker.pid)]
    held = list(
        rig.jobs().filter(owner__in=asleep, status=JobStatus.IN_PROGRESS).values_list("pk", flat=True)
    )
    try:
        rig.wait(
            lambda: not rig.owned_by(asleep), within=LEASE + 10, what="the sleepers' jobs to be taken over"
        )
        rig.wait(
            lambda: not rig.unfinished(Job.objects.filter(pk__in=held)), within=60, what="these jobs to end"
        )
        before = _everything(held)
    finally:
        _send(asleep, signal.SIGCONT)
    rig.wait(lambda: not any(alive(worker.pid) for worker in asleep), within=15, what="the sleepers to leave")
    rig.expect(_everything(held) == before, f"A sleeper changed one of the jobs {held} after it woke.")
    return len(held)


def _put_to_sleep(workers: list[Worker]) -> None:
    """Stop them; on SQLite at a moment in which none holds the write lock, for everybody would wait for it."""
    for _ in range(100):
        _send(workers, signal.SIGSTOP)
        if connection.vendor == "postgresql" or _can_write():
            return
        _send(workers, signal.SIGCONT)
        time.sleep(0.01)
    raise AssertionError("There was no moment without a writer.")


def _send(workers: list[Worker], how: signal.Signals) -> None:
    for worker in workers:
        with suppress(ProcessLookupError):  # it may leave by itself meanwhile
            os.kill(worker.pid, how)


def _can_write() -> bool:
    """Whether SQLite's write lock is free soon."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0.2, isolation_level=None)) as raw:
        try:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
    return True


def _everything(jobs: list[int]) -> list[Any]:
    """All that is stored of these jobs and their steps."""
    return [
        *Job.objects.filter(pk__in=jobs).order_by("pk").values(),
        *StepRun.objects.filter(job__in=jobs).order_by("pk").values(),
    ]


def everybody_busy(rig: Rig) -> None:
    """BUSY."""
    near = rig.cluster()
    rig.workflow("later", [{"key": "wait", "type": "delay", "duration": "6s"}])
    delayed = rig.start("later")
    rig.wait(lambda: _status(delayed) == JobStatus.WAITING, within=10, what="the delay to begin")
    far = rig.cluster(elsewhere="elsewhere.example")
    hold = f"{rig.outside.url}/effect/{BUSY_MILLISECONDS}"
    rig.workflow("hold", [workloads.request("hold", hold, timeout="1h")])
    jobs = rig.start_many("hold", 4)
    rig.wait(lambda: rig.owned_by(rig.workers()) == len(jobs), within=20, what="every worker to be busy")
    lost = rig.workers(far)
    far.kill()
    over = max(Worker.objects.get(pk=worker.pk).lease_until for worker in lost)
    _judge_delay(rig, delayed)
    rig.wait(lambda: not rig.owned_by(lost), within=LEASE + 10, what="the dead owners to be found")
    found = max(0.0, (now() - over).total_seconds())
    rig.measured["dead_owner_found_s"] = round(found, 2)
    rig.expect(
        rig.in_time(found, SOON), f"The dead owners were found {found:.2f} s after their lease was over."
    )
    rig.expect(rig.owned_by(rig.workers(near)) == 2, "A busy worker lost its job.")
    for job in jobs:
        rig.cancel(job)
    rig.finish(within=30)


def _judge_delay(rig: Rig, job: Job) -> None:
    due = Wait.objects.get(job=job, kind=WaitKind.DELAY).due_at
    assert due is not None
    rig.wait(lambda: _status(job) != JobStatus.WAITING, within=20, what="the delay to end")
    late = (now() - due).total_seconds()
    rig.measured["delay_ended_late_s"] = round(late, 2)
    rig.expect(late >= 0 and rig.in_time(late, SOON), f"The delay ended {late:.2f} s after its time.")


def _status(job: Job) -> str:
    return str(Job.objects.values_list("status", flat=True).get(pk=job.pk))
