"""Making a workflow's draft active, or its active definition anew, and taking a workflow out of use."""

from django.db import transaction

from audit.actions import Action
from common import clock
from common.canonical import Json
from common.errors import Problem
from workflows.models import ActivationRequest, Workflow
from workflows.preview_shown import PreviewShown
from workflows.services.drafts import refuse_stale
from workflows.services.freezing import Activation, prepare, put_into_use, refuse_note
from workflows.services.locking import lock_workflow, refuse_archived, tell
from workflows.services.requests import ask, outdate_request, takes_two
from workspaces.actors import Actor
from workspaces.permissions import Permission, require


@transaction.atomic
def activate(
    *, actor: Actor | None, workflow: Workflow, note: str = "", expected_revision: int | None = None
) -> Activation:
    """Freeze the draft as the next version and make it the one that new jobs run.

    When definition and manifest are both those of an earlier version, that one becomes active. `expected_revision`
    is as in `save_draft`. `Problem`: 403; 409 `has_problems` with `problems`, `workflow_archived`, `draft_changed`,
    and `second_person_needed` where activating takes two people: `activate_or_ask` asks for it there.
    """
    done = activate_or_ask(actor=actor, workflow=workflow, note=note, expected_revision=expected_revision)
    if isinstance(done, ActivationRequest):
        raise Problem(
            409,
            "second_person_needed",
            f"In the workspace {workflow.workspace.slug} activating takes a second person. Ask for it.",
        )
    return done


@transaction.atomic
def activate_or_ask(
    *,
    actor: Actor | None,
    workflow: Workflow,
    note: str = "",
    expected_revision: int | None = None,
    preview: PreviewShown | None = None,
) -> Activation | ActivationRequest:
    """The same; but where activating takes two people, a request for this very draft, with what its last `preview`
    came to. What is active already needs nobody. `Problem`: as `activate`, and 409 `request_open`.
    """
    require(actor, Permission.WORKFLOW_ACTIVATE)
    workflow = lock_workflow(workflow, actor=actor)
    refuse_archived(workflow)
    refuse_stale(workflow, expected_revision)
    return _bring(
        workflow,
        text=workflow.draft,
        revision=workflow.draft_revision,
        actor=actor,
        note=note,
        preview=preview,
    )


@transaction.atomic
def reactivate(*, actor: Actor | None, workflow: Workflow, note: str = "") -> Activation | ActivationRequest:
    """Freeze the active definition anew, so that it calls the versions that are active today; the draft, which
    somebody may be editing, plays no part. Where activating takes two people, a request for it.

    `Problem`: 403; 409 `workflow_not_active`, `workflow_archived`, `request_open`, and `has_problems` with `problems`
    where it no longer fits what it calls.
    """
    require(actor, Permission.WORKFLOW_ACTIVATE)
    workflow = lock_workflow(workflow, actor=actor)
    refuse_archived(workflow)
    if workflow.active_version is None:
        raise Problem(409, "workflow_not_active", f"The workflow {workflow.slug} has no active version.")
    text = workflow.active_version.definition
    return _bring(workflow, text=text, revision=None, actor=actor, note=note)


@transaction.atomic
def deactivate(*, actor: Actor | None, workflow: Workflow) -> Workflow:
    """Let no new job start; running ones finish. Without an active version nothing changes."""
    require(actor, Permission.WORKFLOW_ACTIVATE)
    workflow = lock_workflow(workflow, actor=actor)
    if workflow.active_version is not None:
        number = workflow.active_version.number
        workflow.active_version = None
        workflow.updated_at = clock.now()
        workflow.save(update_fields=["active_version", "updated_at"])
        tell(Action.WORKFLOW_DEACTIVATED, workflow, actor=actor, number=number)
    return workflow


@transaction.atomic
def archive(*, actor: Actor | None, workflow: Workflow) -> Workflow:
    """Put a workflow away: no new jobs, no more edits. Its versions and jobs stay. An archived one does not change."""
    require(actor, Permission.WORKFLOW_ARCHIVE)
    workflow = lock_workflow(workflow, actor=actor)
    if workflow.archived_at is None:
        workflow.active_version = None
        workflow.archived_at = workflow.updated_at = clock.now()
        workflow.save(update_fields=["active_version", "archived_at", "updated_at"])
        tell(Action.WORKFLOW_ARCHIVED, workflow, actor=actor)
        outdate_request(workflow, actor=actor)
    return workflow


@transaction.atomic
def restore(*, actor: Actor | None, workflow: Workflow) -> Workflow:
    """Take a workflow out of the archive. It is a draft then; activating makes it run again."""
    require(actor, Permission.WORKFLOW_ARCHIVE)
    workflow = lock_workflow(workflow, actor=actor)
    if workflow.archived_at is not None:
        workflow.archived_at = None
        workflow.updated_at = clock.now()
        workflow.save(update_fields=["archived_at", "updated_at"])
        tell(Action.WORKFLOW_RESTORED, workflow, actor=actor)
    return workflow


def _bring(
    workflow: Workflow,
    *,
    text: str,
    revision: int | None,
    actor: Actor | None,
    note: str,
    preview: PreviewShown | None = None,
) -> Activation | ActivationRequest:
    """Make the `text` of a definition active, or ask for it; `revision` is None for the active definition anew."""
    refuse_note(note)
    prepared = prepare(workflow, text)
    if not prepared.is_active(workflow):
        if actor is not None and takes_two(workflow, actor):
            return ask(workflow, prepared, actor=actor, revision=revision, note=note, preview=preview)
        outdate_request(workflow, actor=actor)
    told: dict[str, Json] = {"anew": True} if revision is None else {}
    return put_into_use(workflow, prepared, actor=actor, note=note, told=told)
