"""Jobs that meet bad values, and what must hold of one that failed."""

import json
from typing import Any

from jobs.models import Job
from jobs.states import JobStatus
from tests.bad_input.asking import answered, refused
from tests.bad_input.world import World
from tests.engine.lab import error_of, outputs
from tests.factories import ApiClient


def run(world: World, api: ApiClient, *steps: dict[str, Any], **fields: Any) -> Job | None:
    """A job of these steps, as it is once nothing is due any more; None where the activation was refused already."""
    document = {"slug": "flow", "format": 1, "name": "Flow", "steps": list(steps), **fields}
    made = api.post("/workflows/import/?activate=true", json.dumps(document))
    if made.status_code != 201:
        assert refused(made, 409)["problems"]
        return None
    job = world.start()
    world.drain()
    job.refresh_from_db()
    return job


def failed(world: World, api: ApiClient, job: Job) -> dict[str, Any]:
    """The error of a job that must have failed, looked at from every side. Another job runs after it."""
    assert job.status == JobStatus.FAILED, (job.status, outputs(job))
    for part in ("", "steps/", "audit/", "outputs/", "wait/"):
        answered(api.get(f"/jobs/{job.pk}/{part}"))
    error: dict[str, Any] = error_of(job)
    assert error["message"]
    assert error["code"] not in ("internal_error", "interrupted"), error
    shown = api.get(f"/jobs/{job.pk}/").json()["error"]
    assert shown["happened"]
    assert shown["fix"]
    following = world.start("sums", a=1)
    world.drain()
    following.refresh_from_db()
    assert following.status == JobStatus.COMPLETED
    return error
