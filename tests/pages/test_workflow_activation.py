"""Putting workflows into use and out of it on their pages."""

import pytest

from tests.engine.lab import Lab
from tests.pages.flows import GOOD, SET, checked, client_of, edit, text_of
from workflows import services
from workflows.models import Workflow, WorkflowStatus, WorkflowVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab)


@pytest.fixture
def sums(lab):
    lab.workflow(SET, slug="sums")
    return Workflow.objects.get(slug="sums")


def test_activating_tells_the_number_and_the_digest_and_who_goes_on_with_an_earlier_version(
    lab, client, sums
):
    lab.workflow("steps: [{key: c, type: workflow, workflow: sums}]", slug="outer")
    edit(lab, sums)
    page = text_of(client.get("/workflows/sums/activate/"))
    assert "What changes from version 1 to the draft" in page
    assert "Who calls it" in page
    data = {"revision": sums.draft_revision, "note": "Better"}
    page = text_of(client.post("/workflows/sums/activate/", data, follow=True))
    version = WorkflowVersion.objects.get(workflow=sums, number=2)
    assert f"Version 2 is frozen and active, with the digest {version.digest}" in page
    assert "outer goes on calling an earlier version" in page
    assert version.note == "Better"
    assert "Nothing to activate" in text_of(client.get("/workflows/sums/activate/"))


def test_a_draft_with_errors_is_refused_with_each_fix(lab, client, sums):
    edit(lab, sums, steps=[{"key": "a", "type": "nonsense"}])
    page = text_of(client.get("/workflows/sums/activate/"))
    assert "solve the errors first" in page
    assert "Choose one of the list of step types." in page
    assert 'name="revision"' not in page
    answer = client.post("/workflows/sums/activate/", {"revision": sums.draft_revision})
    assert answer.status_code == 409
    assert "cannot be activated" in text_of(answer)
    assert sums.versions.count() == 1


def test_a_draft_that_moved_on_is_shown_anew_and_the_note_is_kept(lab, client, sums):
    edit(lab, sums)
    answer = client.post("/workflows/sums/activate/", {"revision": 1, "note": "What I saw"})
    assert answer.status_code == 409
    assert "changed meanwhile" in text_of(answer)
    assert 'value="What I saw"' in text_of(answer)
    assert client.post("/workflows/sums/activate/", {"revision": "nonsense"}).status_code == 409
    for note in ("n" * 501, "a\x00b"):
        data = {"revision": sums.draft_revision, "note": note}
        assert client.post("/workflows/sums/activate/", data).status_code == 422
    assert sums.versions.count() == 1


def test_going_back_makes_the_earlier_version_active_again(lab, client, sums):
    edit(lab, sums)
    services.activate(actor=lab.actor, workflow=sums)
    edit(lab, sums, name="sums", steps=[{"key": "a", "type": "set", "values": {"x": 1}}])
    assert "Version 1 holds exactly this already" in text_of(client.get("/workflows/sums/activate/"))


def test_deactivate_archive_and_restore_say_what_they_mean_and_when_somebody_was_quicker(lab, client, sums):
    lab.workflow("steps: [{key: c, type: workflow, workflow: sums}]", slug="outer")
    page = text_of(client.get("/workflows/sums/deactivate/"))
    assert "No new job of it starts" in page
    assert "outer" in page
    for path, status, said in (
        ("deactivate", WorkflowStatus.DRAFT, "is no longer active"),
        ("archive", WorkflowStatus.ARCHIVED, "is in the archive"),
        ("restore", WorkflowStatus.DRAFT, "is a draft again"),
    ):
        assert said in text_of(client.post(f"/workflows/sums/{path}/", follow=True))
        sums.refresh_from_db()
        assert sums.status is status
    assert "so nothing was changed" in text_of(client.post("/workflows/sums/restore/", follow=True))
    assert "so nothing was changed" in text_of(client.get("/workflows/sums/deactivate/"))


def test_what_is_in_the_archive_can_neither_be_activated_nor_replaced(lab, client, sums):
    services.archive(actor=lab.actor, workflow=sums)
    assert "Restore it first" in text_of(client.get("/workflows/sums/activate/"))
    sums.refresh_from_db()
    answer = client.post("/workflows/sums/activate/", {"revision": sums.draft_revision})
    assert (answer.status_code, "in the archive" in text_of(answer)) == (409, True)
    assert client.get("/workflows/sums/import/").status_code == 409
    answer, _form = checked(client, GOOD, replace="on")
    assert "Restore it first" in text_of(answer)
