"""A preview goes with the request to activate what it ran: the person's last one, sealed, of exactly this draft or not."""

import pytest
from django.test import Client

from tests.factories import make_member
from tests.workflows.four_eyes import switch
from workflows.models import ActivationRequest, Workflow
from workflows.preview_shown import PreviewShown

pytestmark = pytest.mark.django_db
SET = "steps: [{key: a, type: set, values: {x: 1}}, {key: b, type: set, values: {x: 2}}]"
SHOWN = "/workflows/flow/preview/shown/"


@pytest.fixture
def client(bench):
    switch(bench.actor, on=True)
    client = Client()
    client.force_login(bench.actor.user)
    return client


def ask(client, **fields):
    revision = Workflow.objects.get(slug="flow").draft_revision
    client.post("/workflows/flow/activate/", {"revision": revision, **fields})
    return ActivationRequest.objects.latest("id")


def test_the_form_shows_it_and_the_request_keeps_it(bench, client):
    job = bench.preview(SET, until="a")
    assert SHOWN in client.get("/workflows/flow/activate/").content.decode()
    answer = client.get(SHOWN, headers={"HX-Request": "true"})
    assert "of an earlier draft" not in answer.content.decode()
    shown = answer.context["preview"]
    request = ask(client, preview=shown.sealed())
    kept = PreviewShown.of_text(request.preview)
    assert kept is not None
    assert (kept.id, kept.status, kept.until, kept.effects) == (job.pk, "completed", "a", False)
    assert kept.draft == request.digest


def test_one_of_an_earlier_draft_says_so(bench, client):
    bench.preview(SET)
    bench.draft("steps: [{key: a, type: set, values: {x: 3}}]")
    answer = client.get(SHOWN, headers={"HX-Request": "true"})
    assert "of an earlier draft" in answer.content.decode()


def test_without_a_script_the_way_leads_back_to_the_form_with_it(bench, client):
    bench.preview(SET)
    page = client.get(SHOWN, follow=True)
    assert page.redirect_chain[0][0].startswith("/workflows/flow/activate/?preview=")
    assert "The request shows your last preview:" in page.content.decode()


def test_nobody_shows_the_preview_of_another_person(bench, client, django_assert_num_queries):
    bench.preview(SET)
    other = Client()
    other.force_login(make_member("builder", workspace=bench.actor.workspace).user)
    with django_assert_num_queries(3 + 2):  # the session; workflow, preview
        answer = other.get(SHOWN, headers={"HX-Request": "true"})
    assert "You have no preview of it" in answer.content.decode()
    assert other.get(SHOWN)["Location"] == "/workflows/flow/activate/"
