"""What the page of the Builder costs, and what it says besides the forms."""

import pytest

from tests.pages.builder.support import URL, part
from tests.pages.flows import text_of
from workflows import services

pytestmark = pytest.mark.django_db


def test_the_page_the_save_and_the_graph_cost_a_fixed_number_of_queries(
    client, flow, django_assert_num_queries
):
    client.get(URL)
    with django_assert_num_queries(5):
        client.get(URL, {"at": "step:each"})
    form = part(client, "step:rows", "step", "steps[0]")
    with django_assert_num_queries(17):
        client.post(URL, form | {"f.name": "Other"}, headers={"HX-Request": "true"})
    with django_assert_num_queries(4):
        client.get(f"{URL}graph/", headers={"HX-Request": "true"})


def test_the_script_gets_the_outline_and_the_form_alone_and_is_told_the_address(client, flow):
    form = part(client, "step:rows", "step", "steps[0]")
    answer = client.post(URL, form | {"f.key": "lines"}, headers={"HX-Request": "true"})
    assert answer.content.strip().startswith(b'<div class="builder"')
    assert answer["HX-Replace-Url"] == f"{URL}?at=step%3Alines"
    assert "draft-saved" in answer["HX-Trigger"]


def test_an_archived_workflow_is_not_edited(lab, client, flow):
    services.archive(actor=lab.actor, workflow=flow)
    assert client.get(URL).status_code == 409
    assert client.post(URL, {"do": "add:set", "place": "steps"}).status_code == 409


def test_an_empty_draft_says_how_a_workflow_is_built(lab, client):
    services.create_workflow(actor=lab.actor, workspace=lab.actor.workspace, slug="flow")
    assert "How a workflow is built" in text_of(client.get(URL))
