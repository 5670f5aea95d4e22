"""Many who want the same thing at once: jobs, claims, activations."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from benchmarks.faults import workloads
from benchmarks.faults.rig import Rig
from common.canonical import loads
from common.clock import now
from common.errors import Problem
from jobs.engine.claim import claim_next
from jobs.models import Job, Worker
from jobs.queue.bell import ring
from jobs.states import JobStatus
from workflows.models import Workflow, WorkflowVersion
from workflows.services.activation import activate
from workflows.services.drafts import save_draft

CLAIMANTS = 16
LONG = 60.0


def rings(rig: Rig) -> None:
    """F7."""
    rig.start_clusters(2)
    slug = workloads.repeatable(rig, milliseconds=5, steps=1)
    for _ in range(rig.scale(1_000, 25)):
        rig.start(slug)
        for _ in range(3):
            ring("default")
            if connection.vendor == "sqlite":  # there a ring is any commit
                Worker.objects.filter(pk=uuid.uuid4()).update(beat_at=Now())
    rig.finish(within=rig.scale(300, 60))
    times = Counter(rig.outside.times().values())
    rig.measured |= {"rings": 3 * len(rig.started), "effects_by_times": dict(times)}
    rig.expect(times == {1: len(rig.started)}, f"Effects by how often they came: {dict(times)}")


def claims(rig: Rig) -> None:
    """F8: the rows alone, without clusters."""
    rounds = rig.scale(10_000, 150)
    job = rig.start(workloads.quick(rig))
    workers = [_worker() for _ in range(CLAIMANTS)]
    won: list[int] = [0] * rounds
    fence = job.fence
    errors: list[str] = []
    lock = threading.Lock()

    def prepare() -> None:
        moment = now() - timedelta(seconds=1)
        Job.objects.filter(pk=job.pk).update(
            status=JobStatus.QUEUED, owner=None, run_at=moment, claim_at=moment
        )

    ready = threading.Barrier(CLAIMANTS)

    def claim(worker: Worker) -> None:
        try:
            for number in range(rounds):
                if ready.wait(LONG) == 0:
                    prepare()
                ready.wait(LONG)
                if claim_next(worker, ["default"], 1_000_000):
                    with lock:
                        won[number] += 1
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
            ready.abort()
            raise
        finally:
            connection.close()

    _together([partial(claim, worker) for worker in workers])
    winners = Counter(won)
    rig.measured |= {"rounds": rounds, "winners": dict(winners)}
    rig.expect(not errors, f"A claim failed: {errors[:2]}")
    rig.expect(winners == {1: rounds}, f"Rounds by the number of winners: {dict(winners)}")
    job.refresh_from_db()
    rig.expect(job.fence == fence + rounds, f"The fence is {job.fence} after {rounds} claims.")
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED, owner=None)
    rig.cancel(job)
    Worker.objects.filter(pk__in=[worker.pk for worker in workers]).update(gone_at=Now())
    rig.cluster()
    rig.finish(within=30)


def _worker() -> Worker:
    moment = now()
    return Worker.objects.create(
        cluster="claimants",
        queues="default",
        host="nowhere",
        boot_id="",
        pid_ns="",
        pid=1,
        pid_start="",
        release="faults",
        started_at=moment,
        beat_at=moment,
        lease_until=moment + timedelta(hours=1),
    )


def activations(rig: Rig) -> None:
    """F18."""
    slug = workloads.quick(rig, "edited")
    found = Workflow.objects.get(workspace=rig.actor.workspace, slug=slug)
    rounds = rig.scale(1_000, 25)
    ready = threading.Barrier(3)
    errors: list[str] = []
    refused: list[str] = []

    def edit(number: int) -> None:
        save_draft(actor=rig.actor, workflow=_fresh(found), definition=_draft(number), expected_revision=None)

    def switch(_number: int) -> None:
        try:
            activate(actor=rig.actor, workflow=_fresh(found))
        except Problem as problem:
            refused.append(problem.code)

    def repeat(act: Callable[[int], None]) -> None:
        try:
            for number in range(rounds):
                ready.wait(LONG)
                act(number)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
            ready.abort()
            raise
        finally:
            connection.close()

    _together([partial(repeat, act) for act in (edit, switch, switch)])
    rig.expect(not errors, f"Something failed: {errors[:2]}")
    _judge_versions(rig, found, rounds)
    rig.measured["refused"] = dict(Counter(refused))


def _judge_versions(rig: Rig, workflow: Workflow, rounds: int) -> None:
    versions = list(WorkflowVersion.objects.filter(workflow=workflow).order_by("number"))
    numbers = [version.number for version in versions]
    rig.measured |= {"rounds": rounds, "versions": len(versions)}
    rig.expect(numbers == list(range(1, len(numbers) + 1)), "A version's number is missing or twice.")
    mixed = []
    for version in versions[1:]:
        frozen = loads(version.definition)
        marks = {frozen["description"], frozen["steps"][0]["values"]["n"], frozen["steps"][1]["values"]["n"]}
        if len({str(mark) for mark in marks}) != 1:
            mixed.append(version.number)
    rig.expect(not mixed, f"Versions {mixed[:5]} mix several drafts.")
    workflow.refresh_from_db()
    assert workflow.active_version is not None
    rig.expect(workflow.active_version.number == numbers[-1], "The active version is not the newest.")


def _draft(number: int) -> dict[str, Any]:
    """A draft that says its number in three places."""
    steps = [{"key": key, "type": "set", "values": {"n": number}} for key in ("first", "second")]
    return {
        "format": 1,
        "name": "edited",
        "description": str(number),
        "inputs": [],
        "steps": steps,
        "outputs": [],
    }


def _fresh(workflow: Workflow) -> Workflow:
    return Workflow.objects.get(pk=workflow.pk)


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
