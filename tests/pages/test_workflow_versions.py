"""The versions of a workflow: compared, run, made the draft again; and callers of earlier ones, brought along."""

import pytest
from django.test import Client

from tests.engine.lab import Lab
from tests.pages.flows import SET, client_of, edit, text_of
from tests.workflows.four_eyes import switch
from workflows import services
from workflows.models import ActivationRequest, Workflow
from workspaces.models import Role

pytestmark = pytest.mark.django_db
CALLS = "steps: [{key: c, type: workflow, workflow: sums}]"


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab)


@pytest.fixture
def sums(lab):
    """With two versions, the second one active, and a draft that no version holds."""
    lab.workflow(SET, slug="sums")
    sums = Workflow.objects.get(slug="sums")
    edit(lab, sums)
    services.activate(actor=lab.actor, workflow=sums, note="Doubled")
    edit(lab, sums, name="Unfinished")
    return sums


def test_the_list_says_which_is_active_who_froze_it_and_why(lab, client, sums):
    page = text_of(client.get("/workflows/sums/versions/"))
    assert page.index('id="version-2"') < page.index("Active</span>", page.index('id="version-2"'))
    assert "Doubled" in page
    assert lab.actor.user.username in page
    assert "/jobs/new/?workflow=sums&amp;version=1" in page
    assert "/workflows/sums/deactivate/" in page
    assert "/workflows/sums/archive/" in page
    assert "Requests to activate" not in page


def test_any_two_are_compared_the_older_first(client, sums):
    for a, b, title in (
        ("1", "2", "from version 1 to version 2"),
        ("2", "1", "from version 1 to version 2"),
        ("draft", "1", "from version 1 to the draft"),
        ("draft", "draft", "from the draft to the draft"),
    ):
        page = text_of(client.get("/workflows/sums/versions/", {"a": a, "b": b}))
        assert f"What changes {title}" in page
    for wrong in ("3", "x", "-1", "9" * 5000, "²", "1 "):
        assert client.get("/workflows/sums/versions/", {"a": wrong, "b": "1"}).status_code == 404
    assert "Close the comparison" not in text_of(client.get("/workflows/sums/versions/", {"a": "1"}))


def test_a_workflow_without_versions_says_how_to_get_one(lab, client):
    services.create_workflow(actor=lab.actor, workspace=lab.actor.workspace, slug="fresh")
    assert "None yet" in text_of(client.get("/workflows/fresh/versions/"))


def test_a_builder_starts_a_job_on_an_earlier_version_and_an_operator_reads_why_not(lab, client, sums):
    page = client.get("/jobs/new/", {"workflow": "sums", "version": "1"})
    assert page.context["choice"].version.number == 1
    page = text_of(client_of(lab, Role.OPERATOR).get("/workflows/sums/versions/"))
    assert "/jobs/new/?workflow=sums&amp;version=2" in page
    assert "/jobs/new/?workflow=sums&amp;version=1" not in page
    assert "This takes the role builder or higher" in page
    services.deactivate(actor=lab.actor, workflow=sums)
    assert "/jobs/new/" not in text_of(client.get("/workflows/sums/versions/1/")).split("<main")[1]


def test_making_a_version_the_draft_again_shows_first_what_it_replaces(lab, client, sums):
    page = text_of(client.get("/workflows/sums/versions/1/draft/"))
    assert "The draft has edits that no version holds" in page
    assert "Unfinished" in page
    revision = sums.draft_revision
    edit(lab, sums, name="Quicker")
    answer = client.post("/workflows/sums/versions/1/draft/", {"revision": revision})
    assert (answer.status_code, "Somebody changed the draft meanwhile" in text_of(answer)) == (409, True)
    sums.refresh_from_db()
    assert sums.name == "Quicker"
    page = text_of(
        client.post("/workflows/sums/versions/1/draft/", {"revision": sums.draft_revision}, follow=True)
    )
    assert "The draft is what version 1 holds" in page
    sums.refresh_from_db()
    assert sums.draft == sums.versions.get(number=1).definition
    assert sums.active_version.number == 2
    assert "The draft is exactly what version 1 holds" in text_of(
        client.get("/workflows/sums/versions/1/draft/")
    )
    assert "Nothing is lost" in text_of(client.get("/workflows/sums/versions/2/draft/"))
    assert client.get("/workflows/sums/versions/9/draft/").status_code == 404
    services.archive(actor=lab.actor, workflow=sums)
    assert client.post("/workflows/sums/versions/2/draft/", {"revision": 9}).status_code == 409
    assert "take it out first" in text_of(client.get("/workflows/sums/versions/2/"))


def test_after_an_activation_the_callers_are_brought_along_one_after_the_other(lab, client, sums):
    lab.workflow(CALLS, slug="outer")
    lab.workflow("steps: [{key: c, type: workflow, workflow: outer}]", slug="outermost")
    page = text_of(client.post("/workflows/sums/activate/", {"revision": sums.draft_revision}, follow=True))
    assert "outer goes on calling an earlier version" in page
    assert "Behind version 3" in page
    assert "after outer" in page
    assert "Activate anew on version 3" in page
    page = text_of(client.post("/workflows/sums/callers/", {"only": "outer"}, follow=True))
    assert "outer is active as version 2." in page
    assert "outermost" in page
    assert "after outer" not in page
    page = text_of(client.post("/workflows/sums/callers/", {"only": "outermost"}, follow=True))
    assert "Every active workflow that calls it, directly or through others, calls version 3." in page
    assert "There was nothing" in text_of(client.post("/workflows/sums/callers/", follow=True))


def test_all_of_them_at_once(lab, client, sums):
    lab.workflow(CALLS, slug="outer")
    lab.workflow("steps: [{key: c, type: workflow, workflow: outer}]", slug="outermost")
    services.activate(actor=lab.actor, workflow=sums)
    page = text_of(client.post("/workflows/sums/callers/", follow=True))
    assert "outer is active as version 2." in page
    assert "outermost is active as version 2." in page


def test_one_that_no_longer_fits_is_told_with_the_fix(lab, client, sums):
    lab.workflow(CALLS, slug="outer")
    edit(lab, sums, inputs=[{"key": "limit", "label": "Limit", "type": "number"}])
    services.activate(actor=lab.actor, workflow=sums)
    answer = client.post("/workflows/sums/callers/")
    page = text_of(answer)
    assert answer.status_code == 409
    assert "outer stays as it is" in page
    assert "What it does no longer fits what it calls:" in page
    assert "limit" in page


def test_where_it_takes_two_people_each_is_asked_for(lab, sums):
    lab.workflow(CALLS, slug="outer")
    services.activate(actor=lab.actor, workflow=sums)
    switch(lab.actor, on=True)
    client = Client()
    client.force_login(lab.actor.user)
    assert "Ask for all of them" in text_of(client.get("/workflows/sums/callers/"))
    page = text_of(client.post("/workflows/sums/callers/", follow=True))
    request = ActivationRequest.objects.get()
    assert "You asked to activate outer anew; somebody else decides." in page
    assert f"/workflows/outer/requests/{request.pk}/" in page
    page = text_of(client_of(lab).get(f"/workflows/outer/requests/{request.pk}/"))
    assert "the active definition anew, with what it calls today" in page
    assert "The definitions mean the same." in page
    assert "edited since" not in page


def test_who_may_not_activate_sees_who_is_behind_and_why_the_buttons_are_off(lab, sums):
    lab.workflow(CALLS, slug="outer")
    services.activate(actor=lab.actor, workflow=sums)
    page = text_of(client_of(lab, Role.VIEWER).get("/workflows/sums/callers/"))
    assert "outer" in page
    assert "This takes the role builder or higher" in page


def test_a_workflow_that_is_not_active_has_nobody_behind_it(lab, client, sums):
    services.deactivate(actor=lab.actor, workflow=sums)
    assert "No version of it is active" in text_of(client.get("/workflows/sums/callers/"))
    assert client.post("/workflows/sums/callers/").status_code == 302
