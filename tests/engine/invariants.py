"""What is always true of a job that has ended, and of its sub-jobs."""

import re
from typing import Any

from django.db.models import Q

from audit.models import AuditEntry
from audit.verify import verify_workspace
from common.canonical import loads
from jobs.models import Job, Payload, StepRun, Wait
from jobs.states import STEP_ENDED, JobStatus, PayloadKind, StepStatus
from tests.engine.disturbances import World


def family(job: Job) -> list[Job]:
    return list(Job.objects.filter(Q(pk=job.pk) | Q(root=job)).order_by("pk"))


def check_ended(job: Job, world: World, kept: frozenset[str]) -> None:
    """The invariants of an outermost job that has ended. `kept`: keys of steps that run after a cancel too."""
    assert not world.wrong, world.wrong
    for effect, times in world.effects.items():
        assert times == 1, f"{effect} ran {times} times"
    for one in family(job):
        _check_rows(one, world)
        _check_chain(one)
        _check_cancel(one, kept)
    report = verify_workspace(job.workspace)
    assert report.ok, report.findings


def _check_rows(job: Job, world: World) -> None:
    assert job.ended, (job, job.status)
    assert job.owner_id is None
    assert job.finished_at is not None
    assert job.done <= job.total, (job.done, job.total)
    assert not Wait.objects.filter(job=job, settled_at=None).exists(), "an ended job waits for nothing"
    values = set(Payload.objects.filter(job=job).values_list("path", "kind", "attempt"))
    rows = list(StepRun.objects.filter(job=job))
    assert len({row.ordinal for row in rows}) == len(rows)
    for row in rows:
        assert row.status in STEP_ENDED, (row.path, row.status)
        assert bool(row.error) == (row.status == StepStatus.FAILED), (row.path, row.status, row.error)
        if row.status == StepStatus.COMPLETED and row.type != "finish":
            assert (row.path, PayloadKind.OUTPUT, row.attempt) in values, row.path
        if row.status == StepStatus.COMPLETED and row.type == "text.render":
            assert world.effects[str(job.uid), row.path, row.attempt] == 1, row.path
    if job.status == JobStatus.COMPLETED:
        assert ("", PayloadKind.OUTPUTS, job.generation + 1) in values
    assert bool(job.error) == (job.status == JobStatus.FAILED)


def _check_chain(job: Job) -> None:
    sequence = list(
        AuditEntry.objects.filter(stream=job.stream).order_by("seq").values_list("seq", flat=True)
    )
    assert sequence == list(range(1, job.head_seq + 1))


def _check_cancel(job: Job, kept: frozenset[str]) -> None:
    """No step outside `finally` starts after a committed cancel."""
    begun: set[tuple[str, int]] = set()
    cancelled = False
    keys = dict(StepRun.objects.filter(job=job).values_list("path", "key"))
    for action, body in (
        AuditEntry.objects.filter(stream=job.stream).order_by("seq").values_list("action", "body")
    ):
        if action == "job.cancel_requested":
            cancelled = True
        if action != "steps.recorded":
            continue
        for event in loads(body)["data"]["events"]:
            one = (event["path"], event["attempt"])
            starts = event["status"] in (StepStatus.IN_PROGRESS, StepStatus.WAITING) and one not in begun
            begun.add(one)
            key = keys.get(event["path"])
            assert not (cancelled and starts) or key in kept, f"{one} started after the cancel"


def outcome(job: Job) -> dict[str, Any]:
    """What must not depend on who died on the way: how everything ended, with which values."""
    found: dict[str, Any] = {}
    for number, one in enumerate(_in_order(job)):
        rows = {row.path: row.status for row in StepRun.objects.filter(job=one)}
        found[f"job {number}"] = (one.status, one.error_code)
        found |= {f"job {number} status of {path}": status for path, status in rows.items()}
        values = Payload.objects.filter(job=one, kind__in=[PayloadKind.OUTPUT, PayloadKind.OUTPUTS])
        found |= {
            f"job {number} value of {payload.path}": re.sub(r'Job #\d+|"job":\d+', "", payload.body or "")
            for payload in values.order_by("path", "attempt")
            if not payload.path or rows[payload.path] == StepStatus.COMPLETED
        }
    return found


def _in_order(job: Job) -> list[Job]:
    return sorted(family(job), key=lambda one: (one.parent_path, one.parent_attempt))


def interrupted(job: Job) -> bool:
    """Whether a death left a step of which nobody can tell whether it took effect."""
    return StepRun.objects.filter(job__in=family(job), error__contains='"interrupted"').exists()
