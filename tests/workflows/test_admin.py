"""Workflows and versions in the admin site: to look at, with their proof, and by those who may."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.triggers import without_triggers
from tests.factories import make_member, make_user
from tests.workflows.conftest import MakeWorkflow, active
from tests.workflows.four_eyes import asked, switch
from workflows import services
from workflows.models import Workflow, WorkflowVersion
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(builder: Actor) -> Client:
    client = Client()
    client.force_login(make_member("auditor", workspace=builder.workspace).user)
    return client


def page(kind: str, row: Any) -> str:
    return reverse(f"admin:workflows_{kind}_change", args=[row.pk])


def listed(kind: str) -> str:
    return reverse(f"admin:workflows_{kind}_changelist")


@pytest.fixture
def workflow(make_workflow: MakeWorkflow) -> Workflow:
    step = {"key": "a", "type": "set", "values": {"x": "<script>alert(1)</script>"}}
    return make_workflow("sums", step)


def test_a_version_is_shown_as_yaml_with_its_digest_verified(auditor: Client, workflow: Workflow) -> None:
    text = auditor.get(page("workflowversion", active(workflow))).content.decode()
    assert "Yes: it is the SHA-256" in text
    assert active(workflow).digest in text
    assert "slug: sums\nname: Sums" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(1)" not in text


def test_a_version_that_was_tampered_with_shows(auditor: Client, workflow: Workflow) -> None:
    with without_triggers(connection):
        WorkflowVersion.objects.update(definition='{"format":1,"name":"Other","steps":[]}')
    assert (
        "NO: definition and manifest"
        in auditor.get(page("workflowversion", active(workflow))).content.decode()
    )


def test_a_workflow_links_its_versions(auditor: Client, workflow: Workflow) -> None:
    text = auditor.get(page("workflow", workflow)).content.decode()
    assert page("workflowversion", active(workflow)) in text


@pytest.mark.parametrize("kind", ["workflow", "workflowversion"])
def test_rows_are_found_by_slug(auditor: Client, workflow: Workflow, kind: str) -> None:
    assert "1 result" in auditor.get(f"{listed(kind)}?q=sums").content.decode()
    assert "0 results" in auditor.get(f"{listed(kind)}?q=other").content.decode()


@pytest.mark.parametrize("kind", ["workflow", "workflowversion"])
def test_nobody_changes_a_row_here(workflow: Workflow, kind: str) -> None:
    client = Client()
    client.force_login(make_user(is_superuser=True, is_staff=True))
    row = workflow if kind == "workflow" else active(workflow)
    assert client.post(page(kind, row), {"name": "x"}).status_code == 403
    assert client.get(reverse(f"admin:workflows_{kind}_add")).status_code == 403
    assert client.get(reverse(f"admin:workflows_{kind}_delete", args=[row.pk])).status_code == 403


def test_an_auditor_of_another_workspace_sees_nothing(workflow: Workflow) -> None:
    client = Client()
    client.force_login(make_member("auditor").user)
    assert client.get(page("workflow", workflow)).status_code == 302
    assert client.get(page("workflowversion", active(workflow))).status_code == 302
    assert "0 workflows" in client.get(listed("workflow")).content.decode()


def test_a_builder_does_not_enter(builder: Actor, workflow: Workflow) -> None:
    client = Client()
    client.force_login(builder.user)
    assert client.get(listed("workflow")).status_code == 302


@pytest.mark.parametrize("kind", ["workflow", "workflowversion"])
def test_lists_cost_the_same_however_long_they_are(
    auditor: Client, make_workflow: MakeWorkflow, kind: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        make_workflow(f"w{number}")
    with django_assert_max_num_queries(8):
        auditor.get(listed(kind))


def test_requests_to_activate_are_shown_with_their_snapshot_to_auditors_of_their_workspace(
    auditor: Client, builder: Actor, workflow: Workflow, django_assert_max_num_queries: Any
) -> None:
    services.save_draft(actor=builder, workflow=workflow, expected_revision=None, name="<b>Renamed</b>")
    switch(builder, on=True)
    request = asked(builder, workflow, note="Better")
    text = auditor.get(page("activationrequest", request)).content.decode()
    assert "&lt;b&gt;Renamed" in text
    assert request.digest in text
    with django_assert_max_num_queries(8):
        assert "1 result" in auditor.get(f"{listed('activationrequest')}?q=sums").content.decode()
    stranger = Client()
    stranger.force_login(make_member("auditor").user)
    assert stranger.get(page("activationrequest", request)).status_code == 302
    assert "0 activation requests" in stranger.get(listed("activationrequest")).content.decode()
