"""The order in which the services of this app take their locks."""

from audit.actions import Action
from audit.services import SYSTEM, lock_head, record
from common.canonical import Json
from common.errors import Problem
from workflows.models import Workflow
from workspaces.actors import Actor
from workspaces.models import Workspace


def lock_workspace(workspace: Workspace, *, actor: Actor | None) -> None:
    """Take the lock of the workspace's audit stream, which every change of a workflow appends to, at the beginning.

    So all changes of a workspace's workflows happen one after the other: none sees half of another one, and a change
    of many workflows cannot wait for one that waits for it. Starting jobs does not take this lock.
    A `Problem` 404 refuses an actor of another workspace.
    """
    if actor is not None and actor.workspace.pk != workspace.pk:
        raise Problem(404, "not_found", "There is no such workflow in this workspace.")
    lock_head(workspace)


def lock_workflow(workflow: Workflow, *, actor: Actor | None) -> Workflow:
    """The workflow as it is now, locked until the transaction ends, after its workspace."""
    lock_workspace(workflow.workspace, actor=actor)
    rows = Workflow.objects.select_related("workspace", "active_version")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=workflow.pk)


def refuse_archived(workflow: Workflow) -> None:
    """A `Problem` 409 where the workflow is archived."""
    if workflow.archived_at is not None:
        raise Problem(
            409,
            "workflow_archived",
            f"The workflow {workflow.slug} is in the archive, so it cannot be changed. Take it out first.",
        )


def tell(action: Action, workflow: Workflow, *, actor: Actor | None, **told: Json) -> None:
    """Append the entry of a change of `workflow` to its workspace's stream, in the same transaction."""
    record(
        workspace=workflow.workspace,
        action=action,
        actor=actor.label if actor else SYSTEM,
        target_type="workflow",
        target_id=str(workflow.pk),
        label=workflow.slug,
        data=told,
        request_id=actor.request_id if actor else "",
    )
