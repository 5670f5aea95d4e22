"""Freezing a draft as a version, and taking a workflow out of use."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from audit.actions import Action
from common import clock
from common.canonical import sha256_hex
from common.errors import Problem
from workflows.checking import Checked, check_draft
from workflows.definition.problems import DefinitionProblem
from workflows.manifest import Frozen, freeze
from workflows.models import Workflow, WorkflowVersion
from workflows.selectors import Caller, callers_of
from workflows.services.drafts import refuse_stale
from workflows.services.locking import lock_workflow, refuse_archived, tell
from workspaces.actors import Actor
from workspaces.permissions import Permission, require

NOTE_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class Activation:
    """What activating came to. `created` is False when a version with this content was there already.

    `callers` are the workflows that go on calling an earlier version until they are activated anew, `problems` the
    warnings about the draft.
    """

    version: WorkflowVersion
    created: bool
    problems: tuple[DefinitionProblem, ...] = ()
    callers: tuple[Caller, ...] = ()


@transaction.atomic
def activate(
    *, actor: Actor | None, workflow: Workflow, note: str = "", expected_revision: int | None = None
) -> Activation:
    """Freeze the draft as the next version and make it the one that new jobs run.

    When definition and manifest are both those of an earlier version, that one becomes active. `expected_revision`
    is as in `save_draft`. `Problem`: 403; 409 `has_problems` with `problems`, `workflow_archived`, `draft_changed`.
    """
    require(actor, Permission.WORKFLOW_ACTIVATE)
    workflow = lock_workflow(workflow, actor=actor)
    refuse_archived(workflow)
    refuse_stale(workflow, expected_revision)
    checked = check_draft(workflow)
    frozen = _frozen(workflow, checked)
    version = workflow.versions.filter(digest=frozen.digest).first()
    created = version is None
    if version is None:
        version = _next_version(workflow, frozen, note=note, actor=actor)
    if workflow.active_version_id != version.pk:
        workflow.active_version = version
        workflow.active_digest = sha256_hex(version.definition)
        workflow.updated_at = clock.now()
        workflow.save(update_fields=["active_version", "active_digest", "updated_at"])
        tell(
            Action.WORKFLOW_ACTIVATED,
            workflow,
            actor=actor,
            number=version.number,
            digest=version.digest,
            created=created,
            note=note[:NOTE_LENGTH],
        )
    outdated = (caller for caller in callers_of(workflow) if caller.calls != version.number)
    return Activation(version=version, created=created, problems=checked.problems, callers=tuple(outdated))


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


def _frozen(workflow: Workflow, checked: Checked) -> Frozen:
    """The checked draft, frozen. `Problem` 409 `has_problems` while anything stands against it."""
    if checked.has_errors:
        raise Problem(
            409,
            "has_problems",
            f"The workflow {workflow.slug} cannot be activated: solve the errors among its problems first.",
            extra={"problems": [problem.as_json() for problem in checked.problems]},
        )
    return freeze(checked.raw, actions=checked.actions, callees=checked.callees, reachable=checked.reachable)


def _next_version(workflow: Workflow, frozen: Frozen, *, note: str, actor: Actor | None) -> WorkflowVersion:
    last = workflow.versions.aggregate(last=Max("number"))["last"] or 0
    return WorkflowVersion.objects.create(
        workflow=workflow,
        number=last + 1,
        definition=frozen.definition,
        manifest=frozen.manifest,
        digest=frozen.digest,
        needs=frozen.needs,
        note=note[:NOTE_LENGTH],
        created_at=clock.now(),
        created_by=actor.user if actor else None,
    )
