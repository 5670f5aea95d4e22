"""What people do to running jobs: cancel them, and stop the cluster."""

from collections import Counter

from audit.actions import Action
from audit.models import AuditEntry
from benchmarks.faults import workloads
from benchmarks.faults.invariants import events
from benchmarks.faults.kills import pause
from benchmarks.faults.processes import alive
from benchmarks.faults.rig import Rig
from common.clock import monotonic
from common.errors import Problem
from jobs.models import Job
from jobs.states import JOB_ENDED, JobKind, JobStatus, StepStatus

CANCEL_SECONDS = 5.5
"""An action that does not heed its cancel is given up after 5 s; then that is committed."""
STOP_SECONDS = 30.0


def cancels(rig: Rig) -> None:
    """F19."""
    rig.start_clusters(rig.scale(2, 1), 4)
    in_hand = rig.scale(6, 3)  # fewer than workers: a job that waits needs one to end
    kinds = _kinds(rig)
    waiting: list[Job] = []
    asked, late = 0, 0
    wanted = rig.scale(500, 20)
    while asked < wanted:
        if len(waiting) < in_hand:
            waiting.append(rig.start(rig.chance.choice(kinds), items=list(range(200))))
        pause(rig, 0.0, 0.12)
        if len(waiting) == in_hand or rig.chance.random() < 0.3:
            try:
                rig.cancel(waiting.pop(rig.chance.randrange(len(waiting))))
                asked += 1
            except Problem as problem:
                rig.expect(problem.code == "job_ended", f"A cancel was refused: {problem}")
                late += 1
    for job in waiting:
        _cancel_softly(rig, job)
    rig.finish(within=60)
    rig.measured |= {
        "cancels": asked,
        "too_late": late,
        "ended_as": rig.by_status(),
        "codes": rig.failed_with(),
    }
    _judge_cancels(rig)


def _kinds(rig: Rig) -> list[str]:
    items = [{"key": "items", "type": "list"}]
    url = rig.outside.url
    put, long = (
        workloads.request("put", f"{url}/effect/20"),
        workloads.request("long", f"{url}/effect/20000"),
    )
    last = workloads.request("last", f"{url}/effect/5")
    rig.workflow("child", [put, long])
    return [
        rig.workflow("running", [put, long, last], inputs=items),
        rig.workflow(
            "delayed", [put, {"key": "wait", "type": "delay", "duration": "1h"}, last], inputs=items
        ),
        rig.workflow(
            "briefly", [{"key": "wait", "type": "delay", "duration": "1s"}, put, last], inputs=items
        ),
        rig.workflow("coding", [workloads.code("spin", "while True: pass", timeout="30s")], inputs=items),
        workloads.loop(rig, "looping", [put], concurrency=4),
        rig.workflow(
            "calling", [{"key": "call", "type": "workflow", "workflow": "child", "inputs": {}}], inputs=items
        ),
    ]


def _cancel_softly(rig: Rig, job: Job) -> None:
    try:
        rig.cancel(job)
    except Problem as problem:
        rig.expect(problem.code == "job_ended", f"A cancel was refused: {problem}")


def _judge_cancels(rig: Rig) -> None:
    took: list[tuple[float, str]] = []
    for job in rig.jobs().filter(kind=JobKind.JOB, cancel_at__isnull=False).select_related("workflow"):
        rig.expect(job.status in JOB_ENDED, f"Job #{job.pk} is {job.status} after its cancel.")
        rig.expect(
            job.status != JobStatus.FAILED, f"Job #{job.pk} ({job.workflow.slug}) failed: {job.error_code}."
        )
        if job.finished_at is not None and job.cancel_at is not None:
            took.append((round((job.finished_at - job.cancel_at).total_seconds(), 2), job.workflow.slug))
    slow = [each for each in took if not rig.in_time(each[0], CANCEL_SECONDS)]
    rig.measured["longest_s"] = max(took)
    rig.expect(not slow, f"{len(slow)} of {len(took)} jobs took longer than 5 s to end: {slow[:3]}")
    asked = dict(
        AuditEntry.objects.filter(
            workspace=rig.actor.workspace, action=Action.JOB_CANCEL_REQUESTED
        ).values_list("stream", "seq")
    )
    told = {
        (stream, commit, event["path"]): event
        for stream, seq, commit, event in events(rig)
        if seq > asked.get(stream, seq)
    }
    begun = [where for where, event in told.items() if _begins(event)]
    shown = sum(event["status"] == StepStatus.IN_PROGRESS for event in told.values())
    rig.measured["shown_after_cancel"] = shown - len(begun)
    rig.expect(not begun, f"{len(begun)} steps started after the cancel was committed: {begun[:3]}")


def _begins(event: dict[str, str]) -> bool:
    """Whether an event tells of an effect or a wait that begins. Code that ran already may be shown later, and so may
    a block around it."""
    in_progress = event["status"] == StepStatus.IN_PROGRESS and "input" in event
    return in_progress or event["status"] == StepStatus.WAITING


def terminations(rig: Rig) -> None:
    """F22."""
    slug = workloads.mixed(rig, milliseconds=150)
    rig.workflow("hold", [workloads.request("hold", f"{rig.outside.url}/effect/{rig.scale(15_000, 3_000)}")])
    took: list[float] = []
    for _ in range(rig.scale(20, 1)):
        cluster = rig.cluster()
        rig.start_many(slug, rig.scale(30, 6))
        rig.start("hold")
        rig.wait(lambda: rig.jobs().filter(status=JobStatus.IN_PROGRESS).exists(), within=20, what="work")
        pause(rig, 0.0, 0.8)
        everybody = cluster.everybody()
        start = monotonic()
        status = cluster.stop(STOP_SECONDS + 15)
        took.append(monotonic() - start)
        rig.expect(status == 0, f"The cluster ended with {status}.")
        left = [pid for pid in everybody if alive(pid)]
        rig.expect(not left, f"Processes {left} outlived their cluster.")
        owned = rig.jobs().filter(status=JobStatus.IN_PROGRESS).count()
        rig.expect(not owned, f"{owned} jobs were not handed back.")
    rig.cluster()
    rig.finish(within=rig.scale(300, 60))
    rig.measured |= {"stops": len(took), "longest_s": round(max(took), 2)}
    rig.expect(max(took) <= STOP_SECONDS, f"A stop took {max(took):.1f} s.")
    rig.expect(
        rig.by_status() == {JobStatus.COMPLETED: len(rig.started)}, f"{rig.by_status()} {rig.failed_with()}"
    )
    actions = Counter(
        AuditEntry.objects.filter(workspace=rig.actor.workspace).values_list("action", flat=True)
    )
    rig.expect(not actions[Action.JOB_TAKEN_OVER], "A stop was counted as a death.")
    rig.measured["handed_back"] = actions[Action.JOB_CONTINUED]
