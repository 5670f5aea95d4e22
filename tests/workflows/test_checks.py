"""The system check over frozen versions."""

import pytest
from django.core.checks import run_checks

from common import clock
from common.canonical import Json, definition_text
from tests.workflows.conftest import MakeWorkflow
from workflows.models import Workflow, WorkflowVersion

pytestmark = pytest.mark.django_db


def found() -> list[str]:
    messages = run_checks(tags=["database"], databases=["default"])
    return [message.msg for message in messages if message.id == "workflows.E001"]


def freeze(workflow: Workflow, manifest: Json) -> None:
    """A version as another release could have made it."""
    WorkflowVersion.objects.create(
        workflow=workflow,
        number=9,
        definition="{}",
        manifest=definition_text({"workflows": {}, "closure": [], **manifest}),
        digest="sha256:x",
        needs=9,
        created_at=clock.now(),
    )


def test_what_this_release_has_is_fine(make_workflow: MakeWorkflow) -> None:
    step = {"key": "get", "type": "http.request", "config": {"method": "GET", "url": "https://example.org"}}
    make_workflow("sums", step)
    assert found() == []


def test_an_action_version_that_is_gone_is_an_error(make_workflow: MakeWorkflow) -> None:
    freeze(make_workflow("sums"), {"actions": {"http.request": 99}, "expressions": 1})
    assert found() == [
        "Version 99 of the action http.request, which sums version 9 needs, is not in this release."
    ]


def test_a_newer_expression_language_is_an_error(make_workflow: MakeWorkflow) -> None:
    freeze(make_workflow("sums"), {"actions": {}, "expressions": 99})
    assert found() == [
        "Version 99 of the expression language, which sums version 9 needs, is not in this release."
    ]
