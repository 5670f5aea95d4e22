"""What a person may do with a job now; and where they may not, why."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from jobs.models import Job
from jobs.services import why_not_resumable
from workspaces.models import Role
from workspaces.permissions import Permission, can, roles_that_can


@dataclass(frozen=True, kw_only=True)
class Controls:
    """For each control the reason why it cannot be used; empty where it can."""

    run_again: str
    resume: str
    cancel: str


def controls_of(job: Job, role: Role) -> Controls:
    """The services decide again when a control is used."""
    return Controls(
        run_again=_role(role, Permission.JOB_RERUN) or _why_not_run_again(job),
        resume=_role(role, Permission.JOB_RESUME) or why_not_resumable(job),
        cancel=_role(role, Permission.JOB_CANCEL) or _why_not_cancelled(job),
    )


def _role(role: Role, permission: Permission) -> str:
    if can(role, permission):
        return ""
    return _("This takes %(roles)s.") % {"roles": roles_that_can(permission)}


def _why_not_run_again(job: Job) -> str:
    if job.workflow.archived_at is not None:
        return _("The workflow is archived.")
    if job.workflow.active_version_id is None:
        return _("The workflow is not active: activate it first.")
    return ""


def _why_not_cancelled(job: Job) -> str:
    if job.ended:
        return _("The job has ended.")
    if job.cancel_at is not None:
        return _("Somebody has asked for it already.")
    return ""
