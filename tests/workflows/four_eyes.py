"""What tests of activations by two people share."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from common.errors import Problem
from tests.factories import make_actor, make_token
from workflows import services
from workflows.models import ActivationRequest, Workflow
from workspaces.actors import Actor
from workspaces.models import Role
from workspaces.services import change_workspace


def switch(actor: Actor, *, on: bool) -> None:
    """Let activating take two people in the actor's workspace, or one again."""
    change_workspace(workspace=actor.workspace, four_eyes=on, actor=None)
    actor.workspace.refresh_from_db()


def second(actor: Actor, role: Role | str = Role.BUILDER) -> Actor:
    """Another member of the actor's workspace."""
    return make_actor(role, workspace=actor.workspace)


def by_token(actor: Actor) -> Actor:
    """The same person through a token of theirs."""
    token, _key = make_token(actor.role, workspace=actor.workspace, user=actor.user)
    return replace(actor, token=token)


def asked(actor: Actor, workflow: Workflow, note: str = "") -> ActivationRequest:
    """The request that activating the draft came to."""
    found = services.activate_or_ask(actor=actor, workflow=workflow, note=note)
    assert isinstance(found, ActivationRequest)
    return found


def refusal(service: Callable[..., Any], **given: Any) -> tuple[int, str]:
    """The status and the code with which a service refuses."""
    with pytest.raises(Problem) as refused:
        service(**given)
    return refused.value.status, refused.value.code


def active_number(workflow: Workflow) -> int | None:
    """The number of the version that new jobs run."""
    workflow = Workflow.objects.select_related("active_version").get(pk=workflow.pk)
    return workflow.active_version.number if workflow.active_version else None
