"""The pages of workflows: what they say to whom, and what they cost."""

import pytest
from django.test import Client

from jobs.demo.samples import WORKFLOWS
from tests.engine.lab import Lab
from tests.factories import make_member, make_workspace
from tests.pages.flows import SET, client_of, edit, text_of
from workflows import services
from workflows.models import LOOKS, Workflow, WorkflowStatus
from workspaces.models import Role

pytestmark = pytest.mark.django_db
SESSION = 3


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
        "Preview, Edit, Activate, Import draft, Deactivate, Archive</strong>: This takes the role builder or higher"
        in page
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
        "outer/": 7,  # workflow, what it calls twice, callers, versions, an open request, the last change
        "sums/": 5,
        "sums/source/": 1,
        "sums/versions/": 4,  # workflow, choice, versions, requests
        "sums/versions/?a=1&b=draft": 5,
        "sums/versions/1/": 4,
        "sums/versions/1/?with=3": 6,
        "sums/versions/1/draft/": 4,
        "sums/callers/": 3,
        "outer/callers/": 2,
        "outer/activate/": 5,
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
