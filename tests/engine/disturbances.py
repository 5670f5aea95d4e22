"""Runs a job to its end while workers die, stop, or a cancel comes at chosen commits; watches every commit."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, ClassVar

import pytest

from common.canonical import Json
from common.errors import StepError
from integrations.actions import ActionContext
from jobs import transitions
from jobs.engine import sweep
from jobs.engine.journal import Journal
from jobs.engine.recorder import Batch
from jobs.models import Job, StepRun
from jobs.states import JOB_MOVES, STEP_MOVES, JobStatus, StepStatus
from tests.engine.lab import Lab, LabWorker
from tests.engine.moments import replace_action
from tests.engine.test_takeover import Killed, take_over


class Disturbance(Enum):
    """What happens at a commit."""

    DIE_BEFORE = "the worker dies before it"
    DIE_AFTER = "the worker dies after it"
    STOP = "the worker is told to stop"
    CANCEL = "the job is cancelled"


class World:
    """What is outside the engine: it counts the effects, and can be broken for a while."""

    def __init__(self) -> None:
        self.healthy = True
        self.effects: Counter[tuple[str, str, int]] = Counter()
        self.committed: set[tuple[str, str, int]] = set()
        self.wrong: list[str] = []

    def act(self, config: dict[str, Json], context: ActionContext) -> Json:
        uid, rest = context.idempotency_key.split(":", 1)
        path = rest.rpartition(":")[0]
        effect = (uid, path, context.attempt)
        self.effects[effect] += 1
        if effect not in self.committed:
            self.wrong.append(f"{effect} started before its row was committed")
        if config["text"] == "flaky" and not self.healthy:
            raise StepError("http_error", "The service is broken.", detail={"status": 400})
        return {"text": config["text"], "file": None}


class WatchedJournal(Journal):
    """Counts commits, does what is planned for them, and compares each with the tables of moves."""

    lab: ClassVar[Lab]
    world: ClassVar[World]
    job: ClassVar[Job]
    plan: ClassVar[dict[int, Disturbance]] = {}
    count: ClassVar[int] = 0

    def write(self, batch: Batch) -> bool:
        cls = type(self)
        cls.count += 1
        planned = cls.plan.pop(cls.count, None)
        if planned is Disturbance.DIE_BEFORE:
            raise Killed
        before = dict(StepRun.objects.filter(job_id=batch.job_id).values_list("path", "status"))
        written = super().write(batch)
        if written:
            self._watch(batch, before)
        if planned is Disturbance.DIE_AFTER:
            raise Killed
        if planned is Disturbance.STOP:
            cls.lab.worker.stopping.set()
        elif planned is Disturbance.CANCEL:
            transitions.request_cancel(cls.job.pk, actor="test")
            cls.lab.worker.poke()
        return written

    def _watch(self, batch: Batch, before: dict[str, str]) -> None:
        uid = str(Job.objects.values_list("uid", flat=True).get(pk=batch.job_id))
        if batch.job.status is not JobStatus.IN_PROGRESS:
            assert batch.job.status in JOB_MOVES[JobStatus.IN_PROGRESS]
        for row in (*batch.inserts, *batch.updates):
            old = StepStatus(before[row.path]) if row.path in before else None
            if row.status is not old and row.status not in _reachable(old):
                self.world.wrong.append(f"{row.path}: {old} → {row.status}")
            if row.status is StepStatus.IN_PROGRESS:
                self.world.committed.add((uid, row.path, row.attempt))


def _reachable(old: StepStatus | None) -> frozenset[StepStatus]:
    """Where one commit may take a step run: a step may begin and be stopped within the same one."""
    moves = STEP_MOVES[old]
    return moves | {StepStatus.CANCELLED} if StepStatus.IN_PROGRESS in moves else moves


@contextmanager
def watching(patch: pytest.MonkeyPatch, lab: Lab) -> Iterator[World]:
    """Everything that runs inside is watched."""
    world = World()
    with patch.context() as inside:
        inside.setattr("jobs.engine.commits.Journal", WatchedJournal)
        replace_action(inside, "text.render", world.act)
        WatchedJournal.lab, WatchedJournal.world = lab, world
        yield world


def run_to_the_end(lab: Lab, job: Job, plan: dict[int, Disturbance]) -> None:
    """Run until the job has ended, letting time pass whenever everything waits."""
    WatchedJournal.job, WatchedJournal.plan, WatchedJournal.count = job, dict(plan), 0
    for _ in range(60):
        _rest(lab)
        job.refresh_from_db()
        if job.ended:
            return
        assert sweep.orphans() == 0, "a waiting job has an open wait or a due time"
        lab.pass_time(7200)
    raise AssertionError(f"never ended: {job.status}, {_story(job)}")


def _rest(lab: Lab) -> None:
    for _ in range(300):
        try:
            if not lab.step():
                return
        except Killed:
            take_over(lab)
        if lab.worker.stopping.is_set():
            lab.worker = LabWorker()
    raise AssertionError("the jobs never come to rest")


def _story(job: Job) -> list[Any]:
    return list(StepRun.objects.filter(job=job).order_by("ordinal").values_list("path", "status", "attempt"))
