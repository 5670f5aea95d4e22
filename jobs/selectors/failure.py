"""Why a job failed, down to the step where it began, through loops and sub-jobs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from common.canonical import Json, loads
from integrations.guidance import guide
from jobs.models import Job
from jobs.selectors.outline import outline_of
from jobs.selectors.spots import trail
from workflows.definition.model import WorkflowStep

_DEEPEST: Final = 20


class FixedAt(StrEnum):
    """Where a person mends it."""

    CONNECTIONS = "connections"
    WORKFLOW = "workflow"
    CALLED_WORKFLOW = "called_workflow"
    INPUTS = "inputs"
    RESUME = "resume"


_FIXED_AT: Final[dict[str, FixedAt]] = {
    "connection_expired": FixedAt.CONNECTIONS,
    "connection_missing": FixedAt.CONNECTIONS,
    "wrong_type": FixedAt.INPUTS,
    "step_failed": FixedAt.INPUTS,
    "approval_rejected": FixedAt.INPUTS,
    "bad_response": FixedAt.INPUTS,
    "http_error": FixedAt.INPUTS,
    "cancelled": FixedAt.INPUTS,
    "expression_error": FixedAt.WORKFLOW,
    "code_error": FixedAt.WORKFLOW,
    "output_invalid": FixedAt.WORKFLOW,
    "limit_exceeded": FixedAt.WORKFLOW,
    "subworkflow_not_active": FixedAt.CALLED_WORKFLOW,
}
"""By code; what is not here is mended outside, and the job then resumed."""


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """A step (`path`) of a job, or the job itself, on the way to where it failed."""

    text: str
    job_id: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What the failure box says. `job_id` and `path` are where it began; `path` is empty for the job as a whole."""

    code: str
    message: str
    happened: str
    fix: str
    prevent: str
    help_url: str
    detail: Json
    job_id: int
    path: str
    trail: tuple[Crumb, ...]
    fixed_at: FixedAt
    slug: str
    """The workflow to look at: the one that failed, or the one that it could not call."""


def failure_of(job: Job, *, sees_payloads: bool) -> Failure | None:
    """The failure of a failed job; one query for each sub-job on the way down, and one for a definition that this
    process has not read yet.
    """
    if not job.error_code:
        return None
    error = _stored(job.error) or {"code": job.error_code, "message": job.error_summary}
    crumbs: list[Crumb] = []
    for _depth in range(_DEEPEST):
        path = error.get("path") or ""
        if path:
            crumbs.append(Crumb(text=trail(outline_of(job), path), job_id=job.pk, path=path))
        inner, child = _inner(job, error)
        if child is None:
            break
        job, error = child, inner
        text = _("sub-job #%(id)s %(name)s") % {"id": job.pk, "name": job.workflow.name}
        crumbs.append(Crumb(text=text, job_id=job.pk, path=""))
    return _failure(job, error, crumbs, sees_payloads=sees_payloads)


def _inner(job: Job, error: dict[str, Any]) -> tuple[dict[str, Any], Job | None]:
    """The error of the sub-job that made this step fail."""
    detail = error.get("detail")
    if error.get("code") != "subworkflow_failed" or not isinstance(detail, dict) or not detail.get("error"):
        return {}, None
    children = Job.objects.filter(workspace=job.workspace_id, pk=int(detail.get("job") or 0))
    children = children.select_related("workflow")
    return detail["error"], children.only(
        "version_id", "workspace_id", "workflow__name", "workflow__slug"
    ).first()


def _failure(job: Job, error: dict[str, Any], crumbs: list[Crumb], *, sees_payloads: bool) -> Failure:
    code = error["code"]
    words = guide(code, step=error.get("step") or "")
    fixed_at = _FIXED_AT.get(code, FixedAt.RESUME)
    slug = job.workflow.slug
    if fixed_at is FixedAt.CALLED_WORKFLOW:
        step = outline_of(job).steps.get(error.get("step") or "")
        slug = step.workflow if isinstance(step, WorkflowStep) else slug
    return Failure(
        code=code,
        message=error.get("message", ""),
        happened=error.get("happened") or words.happened,
        fix=error.get("fix") or words.fix,
        prevent=error.get("prevent") or words.prevent,
        help_url=error.get("help_url") or words.help_url,
        detail=error.get("detail") if sees_payloads else None,
        job_id=job.pk,
        path=error.get("path") or "",
        trail=tuple(crumbs),
        fixed_at=fixed_at,
        slug=slug,
    )


def _stored(text: str) -> dict[str, Any]:
    error: dict[str, Any] = loads(text) if text else {}
    return error
