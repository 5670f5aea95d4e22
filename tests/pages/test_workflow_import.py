"""Importing workflows on their pages: what is told, refused and kept."""

from io import BytesIO

import pytest

from audit.models import AuditEntry
from tests.engine.lab import Lab
from tests.pages.flows import BAD, GOOD, SET, checked, client_of, edit, go_on, text_of
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


def test_a_file_is_checked_then_imported_and_activated(client):
    upload = BytesIO(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    upload.name = "sums.yaml"
    answer = client.post("/workflows/import/", {"file": upload, "action": "check"})
    assert "Nothing stands against it" in text_of(answer)
    assert not Workflow.objects.exists()
    form = answer.context["form"]
    data = {name: form[name].value() for name in ("text", "checked", "seen")} | {"action": "activate"}
    data["text"] = data["text"].replace("\n", "\r\n")  # as a browser sends it
    page = text_of(client.post("/workflows/import/", data, follow=True))
    assert "sums is imported and active" in page
    assert Workflow.objects.get().status is WorkflowStatus.ACTIVE


def test_a_draft_with_problems_is_kept_only_as_a_draft(client):
    answer, _form = checked(client, BAD)
    assert "Line 6" in text_of(answer)
    assert not AuditEntry.objects.exists()
    assert go_on(client, BAD, "activate").status_code == 200
    assert not Workflow.objects.exists()
    assert go_on(client, BAD, "import")["Location"] == "/workflows/sums/"
    assert Workflow.objects.get().status is WorkflowStatus.DRAFT


def test_several_documents_come_together_or_not_at_all(client):
    outer = GOOD.replace("sums", "outer").replace(
        "type: set, values: {x: 1}", "type: workflow, workflow: sums"
    )
    both = f"{outer}---\n{GOOD}"
    assert (
        go_on(client, f"{both}---\n{BAD.replace('slug: sums', 'slug: bad')}", "activate").status_code == 200
    )
    assert not Workflow.objects.exists()
    assert go_on(client, both, "activate")["Location"] == "/workflows/"
    assert {row.status for row in Workflow.objects.all()} == {WorkflowStatus.ACTIVE}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1\nb: }", "Line 2"),
        ("slug: a\n\tname: x", "Line 2"),
        ("just a text", "Expected an object with slug"),
        ("name: x", "Expected the slug"),
        ("slug: [1]", "Expected the slug"),
        ("slug: Not A Slug", "Line 1"),
        ("slug: import", "is part of an address"),
        (GOOD + "---\n" + GOOD, "Expected each slug once"),
        ('{"workflows": 3}', "not a list"),
        ('{"workflows": [{"slug": "a", "steps": [{"key": 3}]}]}', "steps[0].type"),
        ('{"slug": "a", "slug": "b"}', "twice"),
        ("slug: a\nname: !!python/object:os.system x", "not allowed"),
        ("a: &a [1, 2]\nb: *nothing", "Line 2"),
        ("\n---\n---\n", "Expected 1 to 100 workflows"),
        ("---\n".join(f"slug: s{n}\n" for n in range(101)), "Expected 1 to 100 workflows"),
        ("slug: a\nname: " + "x" * 300, "Line 2"),
        ("slug: a\nsteps: " + "[" * 300 + "]" * 300, "nested"),
        ("slug: a\nn: 99999999999999999999", "Line 2"),
        ('{"slug": "a", "name": "\\ud800"}', "half a character"),
        ('slug: a\nname: "<script>alert(1)</script>"\nsteps: 1', "&lt;script&gt;"),
    ],
)
def test_a_text_that_is_wrong_is_told_at_its_line_and_nothing_is_kept(client, text, said):
    answer = client.post("/workflows/import/", {"text": text, "action": "activate"})
    assert answer.status_code in (200, 409, 422)
    assert said in text_of(answer)
    assert "<script>alert" not in answer.content.decode()
    answer = go_on(client, text, "activate")
    assert answer.status_code in (200, 409, 422)
    assert not Workflow.objects.exists()
    assert not WorkflowVersion.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a file or write a text"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"slug: a\x00b", "cannot"),
        (b"x" * ((1 << 20) + 1), "larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(client, content, said):
    upload = BytesIO(content)
    upload.name = "bad.yaml"
    answer = client.post("/workflows/import/", {"file": upload, "action": "activate"})
    assert answer.status_code == 422
    if said != "cannot":
        assert said in text_of(answer)
    assert not Workflow.objects.exists()


def test_nothing_given_is_told(client):
    answer = client.post("/workflows/import/", {})
    assert answer.status_code == 422
    assert "Choose a file or write a text" in text_of(answer)


def test_a_text_that_was_changed_after_it_was_checked_is_shown_again(client):
    _answer, form = checked(client, GOOD)
    form["text"] = BAD
    answer = client.post("/workflows/import/", form | {"action": "import"})
    assert answer.status_code == 409
    assert "is not the one that was checked" in text_of(answer)
    assert not Workflow.objects.exists()


def test_a_slug_that_is_taken_is_refused_unless_drafts_shall_be_replaced(client, sums):
    answer, _form = checked(client, BAD)
    assert answer.status_code == 422
    assert "Choose to replace drafts" in text_of(answer)
    answer, _form = checked(client, BAD, replace="on")
    assert "Replaces the draft, revision 1" in text_of(answer)
    assert go_on(client, BAD, "import", replace="on").status_code == 302
    sums.refresh_from_db()
    assert (sums.name, sums.draft_revision) == ("Sums", 2)


@pytest.mark.parametrize("path", ["/workflows/import/", "/workflows/sums/import/"])
def test_a_draft_that_somebody_changed_meanwhile_is_not_overwritten(lab, client, sums, path):
    _answer, form = checked(client, BAD, path, replace="on", seen="")
    edit(lab, sums)
    answer = client.post(path, form | {"replace": "on", "action": "import"})
    assert answer.status_code == 409
    assert "Somebody changed the draft of sums meanwhile" in text_of(answer)
    sums.refresh_from_db()
    assert sums.draft_revision == 2
    again = {name: answer.context["form"][name].value() for name in ("text", "checked", "seen")}
    assert client.post(path, again | {"replace": "on", "action": "import"}).status_code == 302


def test_the_draft_of_a_workflow_is_replaced_whatever_slug_the_text_names(client, sums):
    assert "slug: sums" in text_of(client.get("/workflows/sums/import/"))
    other = GOOD.replace("sums", "other").replace("x: 1", "x: 7")
    answer, _form = checked(client, other, "/workflows/sums/import/")
    assert "The text is for the slug other; here it becomes the draft of sums." in text_of(answer)
    assert go_on(client, other, "import", "/workflows/sums/import/").status_code == 302
    sums.refresh_from_db()
    assert '"x":7' in sums.draft
    assert Workflow.objects.count() == 1
    answer, _form = checked(client, f"{GOOD}---\n{GOOD}", "/workflows/sums/import/")
    assert "Expected one workflow, got 2 documents" in text_of(answer)
    assert "Expected a workflow" in text_of(checked(client, "text", "/workflows/sums/import/")[0])
