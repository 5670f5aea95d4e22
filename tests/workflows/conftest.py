"""What tests of workflows need: an actor, definitions, and workflows that are active."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import make_actor
from workflows import services
from workflows.models import Workflow, WorkflowVersion
from workspaces.actors import Actor


@pytest.fixture
def builder(db: None) -> Actor:
    return make_actor("builder")


def definition(*steps: Any, name: str = "Sums", **fields: Any) -> dict[str, Any]:
    """A definition that can be activated; by default with one step."""
    steps = steps or ({"key": "a", "type": "set", "values": {"x": 1}},)
    return {"format": 1, "name": name, "steps": list(steps), **fields}


def call(slug: str, key: str = "", **inputs: Any) -> dict[str, Any]:
    """A step that calls the workflow `slug`."""
    return {"key": key or slug.replace("-", "_"), "type": "workflow", "workflow": slug, "inputs": inputs}


MakeWorkflow = Callable[..., Workflow]


@pytest.fixture
def make_workflow(builder: Actor) -> MakeWorkflow:
    """Makes a workflow in the builder's workspace, and activates it unless `active=False`."""

    def make(slug: str, *steps: Any, active: bool = True, **fields: Any) -> Workflow:
        workflow = services.create_workflow(
            actor=builder, workspace=builder.workspace, slug=slug, definition=definition(*steps, **fields)
        )
        if active:
            services.activate(actor=builder, workflow=workflow)
            workflow.refresh_from_db()
        return workflow

    return make


def active(workflow: Workflow) -> WorkflowVersion:
    """The version of a workflow that new jobs run."""
    assert workflow.active_version is not None
    return workflow.active_version
