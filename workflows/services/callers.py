"""Bringing callers along after a workflow they call got a new version."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from common.errors import Problem
from workflows.behind import Behind, callers_behind
from workflows.models import ActivationRequest, Workflow
from workflows.services.activation import reactivate
from workflows.services.freezing import Activation
from workflows.services.locking import lock_workflow
from workspaces.actors import Actor
from workspaces.permissions import Permission, require


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What became of one caller: it was activated anew, that was asked for, or it was refused."""

    workflow: Workflow
    done: Activation | ActivationRequest | None
    refusal: Problem | None = None


@transaction.atomic
def bring_callers_along(
    *, actor: Actor | None, workflow: Workflow, only: Collection[str] | None = None
) -> list[Brought]:
    """Activate anew the workflows that are behind the active version of `workflow`, callees first; `only` those with
    these slugs, where it is given. Their drafts play no part.

    One that is refused, or only asked for, does not stop others; those that call it stay as they are, since they would
    pin its earlier version again. `Problem`: 403; 404 for a workflow of another workspace.
    """
    require(actor, Permission.WORKFLOW_ACTIVATE)
    workflow = lock_workflow(workflow, actor=actor)
    behind = callers_behind(workflow)
    missing = {each.workflow.slug for each in behind}
    brought: list[Brought] = []
    for each in behind:
        if (only is not None and each.workflow.slug not in only) or missing & {*each.after}:
            continue
        one = _brought(each, of=workflow, actor=actor)
        brought.append(one)
        if isinstance(one.done, Activation):
            missing.discard(each.workflow.slug)
    return brought


def _brought(each: Behind, *, of: Workflow, actor: Actor | None) -> Brought:
    assert of.active_version is not None
    note = f"Anew, with {of.slug} version {of.active_version.number}"
    try:
        with transaction.atomic():
            return Brought(
                workflow=each.workflow, done=reactivate(actor=actor, workflow=each.workflow, note=note)
            )
    except Problem as refusal:
        return Brought(workflow=each.workflow, done=None, refusal=refusal)
