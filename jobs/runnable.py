"""Which frozen version a new job runs, and whether it can be run at all."""

from collections.abc import Mapping

from django.db.models import BigIntegerField, CharField, QuerySet

from common.canonical import Json
from common.errors import FieldError, Problem
from common.prepared import Given, Prepared
from jobs.models import Job
from workflows.models import Workflow, WorkflowVersion
from workspaces.actors import Actor
from workspaces.permissions import Permission, require


def version_to_run(
    *, actor: Actor, workflow: str, number: int | None = None, rerun_of: Job | None = None
) -> WorkflowVersion:
    """The version that a job of `workflow` (a slug) runs: the active one unless `number` names another. Whoever may
    run a job again may also run its version again. It comes with its workflow and without its texts.

    Raises `Problem` 422 `unknown`, 409 `workflow_not_active`, 403.
    """
    found = workflow_to_run(actor, workflow)
    active = found.active_version
    if active is None:
        raise not_active(found)
    if rerun_of is not None and rerun_of.workflow_id != found.pk:
        raise _unknown("rerun_of", f"Job #{rerun_of.pk} is not one of the workflow '{found.slug}'.")
    if number is None or number == active.number:
        active.workflow = found
        return active
    if rerun_of is None or rerun_of.version is None or rerun_of.version.number != number:
        require(actor, Permission.JOB_PICK_VERSION)
    frozen = found.versions.filter(number=number).defer("definition", "manifest").first()
    if frozen is None:
        raise _unknown("version", f"The workflow '{found.slug}' has no version {number}.")
    frozen.workflow = found
    return frozen


def workflow_to_run(actor: Actor, slug: str) -> Workflow:
    """A workflow of the workspace with its active version; an archived one has none. Raises `Problem` 422 `unknown`."""
    found = _WITH_ACTIVE.rows(workspace=actor.workspace.pk, slug=slug)
    if not found:
        raise _unknown("workflow", f"There is no workflow '{slug[:80]}' in this workspace.")
    return found[0]


def _with_active() -> QuerySet[Workflow]:
    named = Workflow.objects.filter(
        workspace=Given("workspace", BigIntegerField()), slug=Given("slug", CharField())
    )
    with_version = named.select_related("active_version")
    return with_version.defer("draft", "active_version__definition", "active_version__manifest")


_WITH_ACTIVE = Prepared(_with_active)


def not_active(workflow: Workflow) -> Problem:
    """409: nothing of it is active."""
    what = "is in the archive" if workflow.archived_at else "is not active"
    fix = "Take it out and activate it first." if workflow.archived_at else "Activate it first."
    detail = f"The workflow '{workflow.slug}' {what}, so it cannot run jobs. {fix}"
    return Problem(409, "workflow_not_active", detail)


def require_active_callees(actor: Actor, manifest: Mapping[str, Json]) -> None:
    """Every workflow that a job can reach must be active when it starts."""
    called = {entry["slug"] for entry in manifest.get("closure", ())}
    if not called:
        return
    active = set(
        Workflow.objects.filter(
            workspace=actor.workspace, slug__in=called, active_version__isnull=False
        ).values_list("slug", flat=True)
    )
    for slug in sorted(called - active):
        raise Problem(
            409,
            "subworkflow_not_active",
            f"This workflow calls '{slug}', which is not active. Activate it first.",
            extra={"workflow": slug},
        )


def _unknown(path: str, message: str) -> Problem:
    return Problem(422, "invalid", message, errors=[FieldError(path=path, code="unknown", message=message)])
