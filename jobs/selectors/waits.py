"""What a job waits for: one entry for each innermost wait, with its path from the outer job."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common import clock
from common.canonical import Json
from jobs.models import Job, Wait
from jobs.states import JobStatus, WaitKind

WAITS_AT_MOST = 1_000
"""So many waits are listed; more are those of a very wide loop, and all of one kind."""
_OUTSIDE = frozenset({WaitKind.APPROVAL, WaitKind.FORM, WaitKind.CALLBACK, WaitKind.CONNECTION})
"""Waits that a person or another system ends."""


def waiting_for(job: Job) -> list[dict[str, Json]]:
    """`[{kind, path, since, until, who}]`, those of sub-jobs included with their outer path.

    A sub-job stands as `subjob` only while it is itself queued or in progress. One query for the job and one more
    for each depth of sub-jobs that waits; none for a job that has ended.
    """
    if job.ended:
        return []
    found: list[dict[str, Json]] = []
    level: Mapping[int, str] = {job.pk: ""}
    while level and len(found) < WAITS_AT_MOST:
        rows = _open_waits(level, WAITS_AT_MOST - len(found))
        called = {(row["job_id"], row["path"]) for row in rows if row["kind"] == WaitKind.SUBJOB}
        children = _children(called)
        below: dict[int, str] = {}
        for row in rows:
            path = level[row["job_id"]] + row["path"]
            child = children.get((row["job_id"], row["path"])) if row["kind"] == WaitKind.SUBJOB else None
            if child is not None:
                below[child["pk"]] = f"{path}/"
            if child is None or child["status"] in (JobStatus.QUEUED, JobStatus.IN_PROGRESS):
                found.append(_entry(row, path))
        level = below
    return found


def waits_for_outside(job: Job) -> bool:
    """Whether something in it waits for a person or for another system."""
    return any(wait["kind"] in _OUTSIDE for wait in waiting_for(job))


def _open_waits(level: Mapping[int, str], most: int) -> list[Mapping[str, Any]]:
    waits = Wait.objects.filter(job__in=list(level), settled_at__isnull=True).order_by("id")
    return list(waits.values("job_id", "path", "kind", "since", "due_at")[:most])


def _children(called: set[tuple[int, str]]) -> dict[tuple[int, str], Mapping[str, Any]]:
    """The sub-jobs that these steps wait for, which have not ended, by job and path of the step."""
    if not called:
        return {}
    parents, paths = {job_id for job_id, _ in called}, {path for _, path in called}
    rows = Job.objects.filter(parent__in=parents, parent_path__in=paths, finished_at__isnull=True)
    return {
        (row["parent_id"], row["parent_path"]): row
        for row in rows.values("pk", "parent_id", "parent_path", "status")
    }


def _entry(row: Mapping[str, Any], path: str) -> dict[str, Json]:
    return {
        "kind": row["kind"],
        "path": path,
        "since": clock.rfc3339(row["since"]),
        "until": _moment(row["due_at"]),
        "who": None,
    }


def _moment(moment: datetime | None) -> str | None:
    return clock.rfc3339(moment) if moment else None
