"""The pages of workflows: what they say to whom, what they refuse and keep, and what they cost."""

from io import BytesIO

import pytest
from django.test import Client

from audit.models import AuditEntry
from jobs.demo.samples import WORKFLOWS
from tests.engine.lab import Lab
from tests.factories import make_member, make_workspace
from workflows import services
from workflows.models import LOOKS, Workflow, WorkflowStatus, WorkflowVersion
from workspaces.models import Role

pytestmark = pytest.mark.django_db
SET = "steps: [{key: a, type: set, values: {x: 1}}]"
GOOD = "{slug: sums, format: 1, name: Sums, steps: [{key: a, type: set, values: {x: 1}}]}\n"
BAD = "slug: sums\nformat: 1\nname: Sums\nsteps:\n  - key: a\n    type: nonsense\n"
SESSION = 3


@pytest.fixture
def lab():
    return Lab()


def client_of(lab, role=Role.BUILDER):
    client = Client()
    client.force_login(make_member(role, workspace=lab.actor.workspace).user)
    return client


@pytest.fixture
def client(lab):
    return client_of(lab)


@pytest.fixture
def sums(lab):
    lab.workflow(SET, slug="sums")
    return Workflow.objects.get(slug="sums")


def text_of(answer):
    return " ".join(answer.content.decode().split())


def edit(lab, workflow, **fields):
    """Change the draft, without activating it."""
    definition = {"format": 1, "name": "Sums", "steps": [{"key": "a", "type": "set", "values": {"x": 2}}]}
    services.save_draft(
        actor=lab.actor, workflow=workflow, expected_revision=None, definition=definition | fields
    )
    workflow.refresh_from_db()


def checked(client, text, path="/workflows/import/", **fields):
    """Check a text; the fields of the form that come back, to go on with."""
    answer = client.post(path, {"text": text, "action": "check", **fields})
    form = answer.context["form"]
    return answer, {"text": text, **{name: form[name].value() for name in ("checked", "seen")}}


def go_on(client, text, action, path="/workflows/import/", **fields):
    _answer, form = checked(client, text, path, **fields)
    return client.post(path, form | fields | {"action": action})


# ------------------------------------------------------------------------------------------------------- list


def test_every_status_has_icon_word_and_colour():
    assert set(LOOKS) == set(WorkflowStatus)
    assert len({look.icon for look in LOOKS.values()}) == len(LOOKS)


def test_the_list_tells_status_problems_and_the_last_change_and_keeps_the_archive_behind_its_tab(
    lab, client, sums
):
    edit(lab, sums, steps=[{"key": "a", "type": "nonsense"}])
    lab.workflow(SET, slug="away")
    services.archive(actor=lab.actor, workflow=Workflow.objects.get(slug="away"))
    page = text_of(client.get("/workflows/"))
    assert "1 error" in page
    assert "Draft saved" in page
    assert 'href="/workflows/away/"' not in page
    assert 'Archived <span class="count">1<' in page
    assert 'href="/workflows/away/"' in text_of(client.get("/workflows/?status=archived"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?search=nothing-has-this", "Nothing matches"),
        ("?status=draft", "No drafts"),
        ("?status=archived", "The archive is empty"),
        ("?status=nonsense", "/workflows/sums/"),
        ("?search=SUM", "/workflows/sums/"),
        ("?search=%00", "/workflows/"),
    ],
)
def test_the_list_says_why_it_is_empty(client, sums, query, said):
    answer = client.get(f"/workflows/{query}")
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_an_empty_workspace_is_told_what_a_workflow_is_and_gets_the_samples(lab, client):
    assert "A workflow describes work as steps" in text_of(client.get("/workflows/"))
    assert "Ask somebody with the role builder" in text_of(client_of(lab, Role.VIEWER).get("/workflows/"))
    page = text_of(client.post("/jobs/samples/", follow=True))
    assert "month-close are here and active" in page
    assert set(WORKFLOWS) == set(Workflow.objects.values_list("slug", flat=True))
    assert "are here already" in text_of(client.post("/jobs/samples/", follow=True))


def test_the_list_costs_the_same_with_many_workflows(lab, client, django_assert_num_queries):
    lab.workflow(SET, slug="inner")
    for number in range(12):
        definition = {
            "format": 1,
            "name": "N",
            "steps": [{"key": "a", "type": "workflow", "workflow": "inner"}],
        }
        services.create_workflow(
            actor=lab.actor, workspace=lab.actor.workspace, slug=f"w{number}", definition=definition
        )
        if number in (0, 11):
            with django_assert_num_queries(SESSION + 5):  # counts, rows, drafts, what they call, last changes
                client.get("/workflows/")


def test_the_list_counts_the_errors_that_the_page_shows(lab, client, sums):
    call = {"key": "c", "type": "workflow", "workflow": "sums"}
    lab.workflow("steps: [{key: c, type: workflow, workflow: sums}]", slug="outer")
    back = {"key": "b", "type": "workflow", "workflow": "outer"}
    edit(lab, sums, steps=[back, call, {"key": "d", "type": "workflow", "workflow": "gone"}])
    shown = client.get("/workflows/sums/").context["data"].problems
    rows = {row.workflow.slug: row for row in client.get("/workflows/").context["rows"]}
    assert rows["sums"].errors == len(shown) == 3
    assert rows["outer"].errors is None


# ----------------------------------------------------------------------------------------------------- detail


def test_the_page_shows_inputs_in_words_steps_outputs_calls_and_versions(lab, client):
    client.post("/jobs/samples/")
    page = text_of(client.get("/workflows/expense-report/"))
    for said in (
        "accepts text/csv",
        "at most 10 MiB",
        "one of: EUR, USD, GBP, CHF",
        "default: 2500",
        "Read a CSV file",
        "above the limit",
        "steps.total.output.claimed &gt; inputs.limit",
        'href="/workflows/classify-expense/versions/1/"',
        'href="/workflows/expense-report/versions/1/#L',
        "Graph of Expense report",
    ):
        assert said in page
    assert "Called by" in text_of(client.get("/workflows/classify-expense/"))


def test_the_page_says_that_what_it_calls_has_a_newer_version(lab, client, sums):
    lab.workflow("steps: [{key: c, type: workflow, workflow: sums}]", slug="outer")
    edit(lab, sums)
    services.activate(actor=lab.actor, workflow=sums)
    assert "Version 2 is active: activate this workflow anew" in text_of(client.get("/workflows/outer/"))
    assert "Not the active version 2" in text_of(client.get("/workflows/sums/"))
    page = text_of(client.get("/workflows/outer/activate/"))
    assert "The definitions mean the same." in page
    assert 'version 2 <span class="newer">' in page


def test_what_a_role_may_not_do_is_disabled_with_the_reason(lab, client, sums):
    page = text_of(client_of(lab, Role.OPERATOR).get("/workflows/sums/"))
    assert (
        "Activate, Import draft, Deactivate, Archive</strong>: This takes the role builder or higher" in page
    )
    assert 'href="/workflows/sums/activate/"' not in page
    assert 'href="/workflows/sums/export/"' in page
    assert "Why some buttons are disabled" not in text_of(client.get("/workflows/sums/"))


def test_the_latest_jobs_are_kept_fresh_until_they_have_ended(lab, client, sums, django_assert_num_queries):
    lab.start("sums")
    with django_assert_num_queries(SESSION + 2):
        region = client.get("/jobs/of-workflow/sums/", headers={"HX-Request": "true"})
    page = region.content.decode()
    assert "data-poll" in page
    assert "<html" not in page
    revision = {"revision": region.context["revision"]}
    same = client.get("/jobs/of-workflow/sums/", revision, headers={"HX-Request": "true"})
    assert same.status_code == 204
    lab.drain()
    assert "data-poll" not in client.get("/jobs/of-workflow/sums/").content.decode()


def test_the_pages_of_a_workflow_cost_what_they_cost(lab, client, sums, django_assert_num_queries):
    lab.workflow("steps: [{key: c, type: workflow, workflow: sums}]", slug="outer")
    for number in range(3):
        edit(lab, sums, timeout=f"{number + 1}h")
        services.activate(actor=lab.actor, workflow=sums)
    for path, queries in {
        "outer/": 6,  # workflow, what it calls twice, callers, versions, the last change
        "sums/": 4,
        "sums/source/": 1,
        "sums/versions/1/": 3,
        "sums/versions/1/?with=3": 4,
        "outer/activate/": 4,
        "sums/deactivate/": 2,
        "sums/export/": 2,
        "sums/import/": 1,
        "import/": 0,
    }.items():
        with django_assert_num_queries(SESSION + queries):
            assert client.get(f"/workflows/{path}").status_code == 200


def test_what_belongs_to_others_is_not_shown_among_ones_own(lab, client, sums):
    other = make_member(Role.ADMIN, workspace=make_workspace())
    stranger = Client()
    stranger.force_login(other.user)
    assert "/workflows/sums/" not in stranger.get("/workflows/").content.decode()
    for path in ("", "versions/1/", "export/", "activate/", "import/", "source/"):
        assert stranger.get(f"/workflows/sums/{path}").status_code == 404
    assert stranger.get("/jobs/of-workflow/sums/").status_code == 404


# ---------------------------------------------------------------------------------- source, versions, export


def test_the_source_marks_each_problem_at_its_line(lab, client, sums):
    edit(lab, sums, steps=[{"key": "a", "type": "nonsense"}])
    answer = client.get("/workflows/sums/source/")
    lines = answer.context["lines"]
    assert [line.text.strip() for line in lines if line.level] == ["type: nonsense"]
    assert 'href="#L6"' in answer.content.decode()


def test_a_version_is_shown_with_its_digest_computed_anew_and_compared_either_way(lab, client, sums):
    edit(lab, sums)
    services.activate(actor=lab.actor, workflow=sums, note="Twice as much")
    page = text_of(client.get("/workflows/sums/versions/2/"))
    assert "Twice as much" in page
    assert "<span>matches</span>" in page
    for path in ("1/?with=2", "2/?with=1"):
        comparison = client.get(f"/workflows/sums/versions/{path}").context["comparison"]
        assert (comparison.old_name, comparison.new_name) == ("version 1", "version 2")
        changed = [(change.field, change.before, change.after) for change in comparison.changes]
        assert ("values.x", "1", "2") in changed
        assert [line.kind for line in comparison.lines if "x:" in line.text] == ["removed", "added"]
    assert client.get("/workflows/sums/versions/1/?with=draft").context["comparison"].new_name == "the draft"
    for path in ("3/", "0/", "1/?with=9", "1/?with=nonsense", "999999999/"):
        assert client.get(f"/workflows/sums/versions/{path}").status_code == 404


@pytest.mark.parametrize(
    ("query", "name", "said"),
    [
        ("", "sums.yaml", "slug: sums"),
        ("?version=1&format=json", "sums-1.json", '"slug": "sums"'),
        ("?version=draft", "sums-draft.yaml", "x: 2"),
    ],
)
def test_a_workflow_is_exported_as_a_file(lab, client, sums, query, name, said):
    edit(lab, sums)
    answer = client.get(f"/workflows/sums/export/{query}")
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert said in answer.content.decode()
    assert client.get("/workflows/sums/export/?version=9").status_code == 404


# ------------------------------------------------------------------------------------- activate and put away


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
    assert client.post("/workflows/sums/activate/", {"note": "n" * 501}).status_code == 422
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


# ----------------------------------------------------------------------------------------------------- import


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
