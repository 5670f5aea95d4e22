"""Activating by two people on the pages: asking, deciding, and where it is seen that something waits."""

import pytest
from django.test import Client

from tests.engine.lab import Lab
from tests.factories import make_member
from tests.pages.flows import GOOD, SET, client_of, edit, go_on, text_of
from tests.workflows.four_eyes import asked, switch
from workflows import services
from workflows.models import ActivationRequest, Workflow
from workflows.preview_shown import PreviewShown
from workspaces.models import Role

pytestmark = pytest.mark.django_db
SESSION = 3


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def sums(lab):
    """An active workflow with a changed draft, where activating takes two people."""
    lab.workflow(SET, slug="sums")
    sums = Workflow.objects.get(slug="sums")
    edit(lab, sums)
    switch(lab.actor, on=True)
    return sums


@pytest.fixture
def own(lab):
    """Who asks."""
    client = Client()
    client.force_login(lab.actor.user)
    return client


@pytest.fixture
def other(lab):
    """Who decides."""
    return client_of(lab)


def ask(client, sums, **fields):
    answer = client.post(
        "/workflows/sums/activate/", {"revision": sums.draft_revision, **fields}, follow=True
    )
    return ActivationRequest.objects.latest("id"), text_of(answer)


def test_asking_leads_to_the_request_where_who_asked_may_only_withdraw(lab, own, sums):
    page = text_of(own.get("/workflows/sums/activate/"))
    assert "It takes a second person" in page
    assert "Ask for activation" in page
    request, page = ask(own, sums, note="Doubled")
    assert "You asked for it. Somebody else who may activate decides." in page
    assert "You asked for it, so somebody else has to decide." in page
    assert "Doubled" in page
    assert "What changes from version 1 to what was asked for" in page
    address = f"/workflows/sums/requests/{request.pk}/"
    for action in ("approve", "refuse"):
        answer = own.post(address, {"action": action, "comment": "No"})
        assert (answer.status_code, "You asked for this yourself" in text_of(answer)) == (403, True)
    assert "Withdrawn. The draft is as it was." in text_of(
        own.post(address, {"action": "withdraw"}, follow=True)
    )
    request.refresh_from_db()
    assert request.status == "withdrawn"


def test_a_second_person_sees_what_changes_and_approves_it(lab, own, other, sums):
    lab.actor.workspace.refresh_from_db()
    request, _page = ask(own, sums, note="Doubled")
    address = f"/workflows/sums/requests/{request.pk}/"
    answer = other.get(address)
    digest = answer.context["proposal"].digest
    page = text_of(answer)
    assert f'value="{digest}"' in page
    assert "none was shown with the request" in page
    assert "edited since" not in page
    edit(lab, sums, name="Later")
    assert "The draft has been edited since." in text_of(other.get(address))
    page = text_of(other.post(address, {"action": "approve", "digest": digest}, follow=True))
    assert "Version 2 is frozen and active" in page
    page = text_of(other.get("/workflows/sums/versions/2/"))
    assert "Approved" in page
    assert address in page
    page = text_of(other.get(address))
    assert "Approve and activate" not in page
    assert "version 2" in page


def test_refusing_takes_a_reason_that_who_asked_reads(own, other, sums):
    request, _page = ask(own, sums)
    address = f"/workflows/sums/requests/{request.pk}/"
    answer = other.post(address, {"action": "refuse", "comment": "n" * 501})
    assert (answer.status_code, "Say why you refuse it." in text_of(answer)) == (422, True)
    assert other.post(address, {"action": "nonsense"}).status_code == 422
    assert other.post(address, {"action": "refuse", "comment": "a\x00b"}).status_code == 422
    other.post(address, {"action": "refuse", "comment": "The limit is wrong"})
    assert "The limit is wrong" in text_of(own.get(address))
    page = text_of(other.post(address, {"action": "approve", "digest": "x"}, follow=True))
    assert "is refused already" in page


def test_who_looked_at_something_else_looks_again(lab, own, other, sums):
    request, _page = ask(own, sums)
    answer = other.post(f"/workflows/sums/requests/{request.pk}/", {"action": "approve", "digest": "x"})
    assert (answer.status_code, "Look at the request again" in text_of(answer)) == (409, True)
    sums.refresh_from_db()
    assert sums.active_version.number == 1


def test_errors_since_are_told_and_the_button_is_off(lab, own, other):
    lab.workflow(SET, slug="inner")
    lab.workflow("steps: [{key: c, type: workflow, workflow: inner}]", slug="outer")
    outer = Workflow.objects.get(slug="outer")
    edit(lab, outer, steps=[{"key": "d", "type": "workflow", "workflow": "inner"}])
    switch(lab.actor, on=True)
    request = asked(lab.actor, outer)
    services.deactivate(actor=lab.actor, workflow=Workflow.objects.get(slug="inner"))
    page = text_of(other.get(f"/workflows/outer/requests/{request.pk}/"))
    assert "It cannot be approved: by now it has errors" in page
    assert 'value="approve" disabled' in page


def test_an_open_request_is_seen_wherever_the_workflow_is(lab, own, other, sums):
    assert "second person" not in text_of(other.get("/"))
    request, _page = ask(own, sums, note="Doubled")
    address = f"/workflows/sums/requests/{request.pk}/"
    for path in ("/", "/jobs/now/", "/workflows/", "/workflows/?status=requested", "/workflows/sums/",
                 "/workflows/sums/activate/", "/workflows/sums/versions/"):  # fmt: skip
        page = text_of(other.get(path))
        assert address in page, path
    assert "Another request waits" in text_of(other.get("/workflows/sums/activate/"))
    assert "takes the place of what you asked for before" in text_of(own.get("/workflows/sums/activate/"))
    answer = other.post("/workflows/sums/activate/", {"revision": sums.draft_revision})
    assert (answer.status_code, "Approve or refuse it first" in text_of(answer)) == (409, True)
    services.withdraw(actor=lab.actor, request=request)
    assert address not in text_of(other.get("/"))
    assert "Nothing waits for a second person" in text_of(other.get("/workflows/?status=requested"))


def test_the_overview_moves_when_something_is_asked_for(lab, own, other, sums):
    revision = other.get("/jobs/now/").context["revision"]
    ask(own, sums)
    assert other.get("/jobs/now/", {"revision": revision}).status_code == 200


def test_the_last_preview_goes_with_the_request(lab, own, other, sums):
    digest = asked(lab.actor, sums).digest
    shown = PreviewShown(
        id=7, workflow=sums.pk, status="completed", at="2026-11-29T08:00:00Z", until="a", effects=False, draft=digest
    )  # fmt: skip
    page = own.get("/workflows/sums/activate/", {"preview": shown.sealed()})
    assert page.context["preview"] == shown
    _request, page = ask(own, sums, preview=shown.sealed())
    assert "Preview 7 completed" in page
    assert "until the step a" in page
    assert "of an earlier draft" not in page
    _request, page = ask(own, sums, note="Anew", preview="made up")
    assert "none was shown with the request" in page


def test_a_request_of_another_workflow_is_not_found(lab, own, other, sums):
    lab.actor.workspace.refresh_from_db()
    request, _page = ask(own, sums)
    services.create_workflow(actor=lab.actor, workspace=lab.actor.workspace, slug="else")
    assert other.get(f"/workflows/else/requests/{request.pk}/").status_code == 404
    assert other.get("/workflows/sums/requests/999999999/").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.REVIEWER, Role.AUDITOR])
def test_who_may_not_activate_sees_it_and_why_the_buttons_are_off(lab, own, sums, role):
    request, _page = ask(own, sums)
    page = text_of(client_of(lab, role).get(f"/workflows/sums/requests/{request.pk}/"))
    assert "This takes the role builder or higher" in page
    assert 'value="approve" disabled' in page
    assert 'value="withdraw"' not in page


def test_the_page_costs_the_same_every_time(lab, own, other, sums, django_assert_num_queries):
    request, _page = ask(own, sums)
    with django_assert_num_queries(SESSION + 4):  # workflow, request, a version like it, callers
        other.get(f"/workflows/sums/requests/{request.pk}/")


def test_importing_and_the_samples_ask_too(lab, own):
    switch(lab.actor, on=True)
    answer = go_on(own, GOOD, "activate")
    assert answer.status_code == 302
    assert "you asked to activate it: a second person decides" in text_of(own.get("/workflows/sums/"))
    page = text_of(own.post("/jobs/samples/", follow=True))
    assert "you asked to activate them" in page
    assert not Workflow.objects.exclude(active_version=None).exists()


def test_admins_switch_it_in_the_settings_and_the_log_says_so(lab):
    admin = Client()
    admin.force_login(make_member(Role.ADMIN, workspace=lab.actor.workspace).user)
    form = {"name": "Ledger", "time_zone": "UTC"}
    admin.post("/settings/workspace/", form | {"four_eyes": "on"})
    lab.actor.workspace.refresh_from_db()
    assert lab.actor.workspace.four_eyes
    assert "checked" in text_of(admin.get("/settings/workspace/")).split('name="four_eyes"')[1][:200]
    assert "activating takes two people" in text_of(admin.get("/audit/"))
    admin.post("/settings/workspace/", form)
    lab.actor.workspace.refresh_from_db()
    assert not lab.actor.workspace.four_eyes
    assert "activating takes one person" in text_of(admin.get("/audit/"))


def test_the_log_tells_it_in_words(lab, own, other, sums):
    request, _page = ask(own, sums)
    services.withdraw(actor=lab.actor, request=request)
    request, _page = ask(own, sums)
    other.post(
        f"/workflows/sums/requests/{request.pk}/", {"action": "refuse", "comment": "The limit is wrong"}
    )
    admin = Client()
    admin.force_login(make_member(Role.ADMIN, workspace=lab.actor.workspace).user)
    page = text_of(admin.get("/audit/"))
    for said in ("asked to activate sums", "withdrew the request to activate sums", "refused to activate sums",
                 "The limit is wrong"):  # fmt: skip
        assert said in page, said
