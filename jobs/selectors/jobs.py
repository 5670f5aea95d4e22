"""A job as JSON: whole for its own page, without values for lists."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from common import clock
from common.canonical import Json, loads
from jobs.inputs import shown
from jobs.models import Job
from jobs.selectors.values import Values
from jobs.selectors.waits import waiting_for
from jobs.states import JobKind, JobStatus, PayloadKind
from jobs.transitions import is_silent

JOB_FIELDS: Final = (
    "uid", "kind", "workspace_id", "status", "title", "reference", "source", "done", "total", "cancel_at",
    "parent_id", "parent_path", "root_id", "rerun_of_id", "generation", "created_at", "started_at", "finished_at",
    "error_code", "error_summary", "head_seq", "workflow__slug", "version__number", "version__digest",
    "created_by__username",
)  # fmt: skip
"""The columns that a job in a list is made of: no value, no whole error, no definition."""


def jobs_for_lists(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """`jobs` with all that `job_row` shows, in one query."""
    return jobs.select_related("workflow", "version", "created_by").only(*JOB_FIELDS)


def job_row(job: Job, *, preview: bool = False) -> dict[str, Json]:
    """A job as lists show it; `error` has code and message only. No query for a row of `jobs_for_lists`.

    `preview`: it is a preview or one of its sub-jobs.
    """
    return {
        "id": job.pk,
        "url": f"/workflows/{job.workflow.slug}/preview/{job.pk}/" if preview else f"/jobs/{job.pk}/",
        "workflow": job.workflow.slug,
        "version": job.version.number if job.version else None,
        "digest": job.version.digest if job.version else None,
        "status": job.status,
        "title": job.title,
        "reference": job.reference,
        "source": job.source,
        "error": {"code": job.error_code, "message": job.error_summary} if job.error_code else None,
        "progress": {"done": job.done, "total": job.total},
        "can_resume": can_resume(job),
        "cancel_requested_at": moment(job.cancel_at),
        "parent": job.parent_id,
        "rerun_of": job.rerun_of_id,
        "resumed": job.generation,
        "created_at": clock.rfc3339(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
        "created_by": job.created_by.username if job.created_by else None,
    }


def job_view(job: Job, *, sees_payloads: bool, inputs: Json = None) -> dict[str, Json]:
    """A whole job. Without the right to see payloads its values are null, and `payloads_hidden` is true.

    `inputs`: those of a job that was just made, which saves reading them; secrets masked.
    """
    view = job_row(job, preview=is_silent(job))
    view |= {"inputs": None, "outputs": None, "error": _error(job, whole=sees_payloads)}
    view["waiting_for"] = waiting_for(job) if job.fence or job.status == JobStatus.WAITING else []
    if not sees_payloads:
        return view | {"payloads_hidden": True}
    if inputs is not None:
        return view | {"inputs": inputs}
    values = Values.of_job(job.pk)
    view["inputs"] = shown(values.read("", PayloadKind.INPUTS))
    if job.status == JobStatus.COMPLETED:
        view["outputs"] = values.read("", PayloadKind.OUTPUTS)
    return view


def can_resume(job: Job) -> bool:
    """Whether a person may let it go on: an outermost job that has failed."""
    return job.status == JobStatus.FAILED and job.kind == JobKind.JOB


def shown_error(text: str, *, whole: bool) -> Json:
    """A stored error; its `detail` may hold what a service answered, so it is shown with payloads only."""
    if not text:
        return None
    error: dict[str, Json] = loads(text)
    return error if whole else error | {"detail": None}


def moment(value: datetime | None) -> str | None:
    """A moment as the API writes it."""
    return clock.rfc3339(value) if value else None


def _error(job: Job, *, whole: bool) -> Json:
    if job.error:
        return shown_error(job.error, whole=whole)
    return {"code": job.error_code, "message": job.error_summary} if job.error_code else None
