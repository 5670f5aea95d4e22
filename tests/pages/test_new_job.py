"""The page of a new job: the choice of a workflow, one job for one form, versions, and what it costs."""

from datetime import UTC, datetime

import pytest

from jobs.models import File, Job
from tests.engine.lab import Lab
from tests.pages.newjob import EVERYTHING, NEW, Person, csv_file, hidden_fields, page_of, small, uploaded
from workflows.services.activation import deactivate
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Person(lab)


# ---------------------------------------------------------------- the choice
def test_only_active_workflows_are_offered(lab, client):
    small(lab, "[]", "first-flow")
    small(lab, "[]", "archived-flow")
    lab.actor.workspace.workflows.create(
        slug="draft-flow",
        name="Draft flow",
        draft="{}",
        created_at=datetime.now(UTC),
        updated_at=datetime.now(UTC),
    )
    gone = lab.actor.workspace.workflows.get(slug="archived-flow")
    deactivate(actor=lab.actor, workflow=gone)
    page = page_of(client.get(NEW))
    assert '<option value="first-flow">' in page
    assert "draft-flow" not in page
    assert "archived-flow" not in page


def test_a_workflow_of_the_address_is_a_fact_that_can_be_changed(lab, client):
    small(lab, "[{key: a, type: text, label: Alpha}]")
    page = page_of(client.get(f"{NEW}?workflow=flow"))
    assert "<select" not in page.split('id="job-form"')[0]
    assert ">Change<" in page
    assert "1, the active one" in page
    assert 'for="in-a">Alpha' in page


@pytest.mark.parametrize(
    ("role", "words"), [(Role.OPERATOR, "role builder or higher"), (Role.BUILDER, "Activate a draft")]
)
def test_with_nothing_active_each_role_is_told_what_to_do(lab, role, words):
    assert words in page_of(Person(lab, role).get(NEW))


def test_a_workflow_that_is_not_active_says_so_and_offers_the_others(lab, client):
    small(lab, "[]", "other")
    small(lab, "[]")
    deactivate(actor=lab.actor, workflow=lab.actor.workspace.workflows.get(slug="flow"))
    page = page_of(client.get(f"{NEW}?workflow=flow"))
    assert "is not active, so it cannot run jobs" in page
    assert '<option value="other">' in page


def test_what_belongs_to_another_workspace_is_not_found(lab, client):
    other = Lab()
    small(other, "[{key: a, type: file}]")
    job = other.start(a=uploaded(other))
    for query in ("workflow=flow", f"from={job.pk}", "from=0", "from=x", "workflow=flow&version=99"):
        assert client.get(f"{NEW}?{query}").status_code == 404
        assert client.post(f"{NEW}?{query}", {}).status_code == 404
        for part in ("file", "table", "shown"):
            assert client.post(f"{NEW}{part}/?{query}&input=a", {"file": csv_file()}).status_code == 404
    assert not File.objects.filter(workspace=lab.actor.workspace).exists()


# ---------------------------------------------------------------- one form, one job
def test_a_form_that_is_sent_twice_starts_one_job(lab, client):
    small(lab, "[{key: n, type: number}]")
    fields = hidden_fields(page_of(client.get(f"{NEW}?workflow=flow")))
    first = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "1"})
    second = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "1"})
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1
    other = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "2"})
    assert "has started a job already, with other inputs" in page_of(other, 409)
    assert (
        client.post(
            f"{NEW}?workflow=flow", {**hidden_fields(other.content.decode()), "in-n": "2"}
        ).status_code
        == 302
    )
    assert Job.objects.count() == 2


def test_a_form_without_its_key_starts_nothing(lab, client):
    small(lab, "[]")
    answer = client.post(f"{NEW}?workflow=flow", {"form_version": "1"})
    assert "incomplete" in page_of(answer, 422)
    assert not Job.objects.exists()


def test_a_version_that_became_active_meanwhile_is_shown_before_it_runs(lab, client):
    small(lab, "[{key: n, type: number}]")
    fields = hidden_fields(page_of(client.get(f"{NEW}?workflow=flow")))
    small(lab, "[{key: n, type: number}, {key: extra, label: Extra, type: text}]")
    answer = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "7"})
    page = page_of(answer, 409)
    assert "version 2 is the active one" in page
    assert 'value="7"' in page
    assert "Extra" in page
    assert (
        client.post(f"{NEW}?workflow=flow", {**hidden_fields(page), "in-n": "7", "in-extra": "x"}).status_code
        == 302
    )


def test_duplicates_are_refused_with_a_way_to_the_job_that_runs(lab, client):
    small(lab, "[{key: n, type: number}]")
    assert client.send({"in-n": "1", "only_once": "yes"}).status_code == 302
    page = page_of(client.send({"in-n": "1", "only_once": "yes"}), 409)
    job = Job.objects.get()
    assert f'<a href="/jobs/{job.pk}/">Watch that job</a>' in page
    assert client.send({"in-n": "1"}).status_code == 302


def test_only_builders_choose_an_older_version(lab, client):
    small(lab, "[{key: old, label: Old one, type: number}]")
    small(lab, "[{key: n, type: number}]")
    assert client.get(f"{NEW}?workflow=flow&version=1").status_code == 403
    assert "Run another version" not in page_of(client.get(f"{NEW}?workflow=flow"))
    builder = Person(lab, Role.BUILDER)
    assert "Run another version" in page_of(builder.get(f"{NEW}?workflow=flow"))
    page = page_of(builder.get(f"{NEW}?workflow=flow&version=1"))
    assert "Old one" in page
    assert "1; active is 2" in page
    assert builder.send({"in-old": "1"}, "workflow=flow&version=1").status_code == 302
    assert Job.objects.get(version__number=1)


def test_a_moment_that_the_clocks_leap_over_is_refused(lab, client):
    small(lab, "[{key: at, type: datetime}]")
    assert "its clocks leap over" in page_of(client.send({"in-at": "2026-03-29T02:30"}), 422)


def test_text_of_others_is_shown_as_text(lab, client):
    bad = '"><script>alert(1)</script>'
    small(lab, f"[{{key: a, type: text, label: '{bad}', help: '{bad}', section: '{bad}', max_length: 3}}]")
    page = page_of(client.send({"in-a": bad, "title": bad}), 422)
    assert "<script>alert" not in page


# ---------------------------------------------------------------- what it costs
def test_the_choice_costs_one_query_beside_the_shell(lab, client, django_assert_num_queries):
    for number in range(5):
        small(lab, "[]", f"flow-{number}")
    with django_assert_num_queries(4):
        client.get(NEW)


def test_a_form_costs_the_same_for_few_inputs_and_many(lab, client, django_assert_num_queries):
    lab.workflow(EVERYTHING)
    small(lab, "[]", "small")
    for slug in ("flow", "small"):
        client.get(f"{NEW}?workflow={slug}")  # a definition is parsed once in a process
        with django_assert_num_queries(4):
            client.get(f"{NEW}?workflow={slug}")


def test_a_form_with_files_reads_them_in_one_query(lab, client, django_assert_num_queries):
    small(lab, "[{key: a, type: files}, {key: n, type: number}]")
    former = lab.start(a=[uploaded(lab) for _ in range(4)], n=1)
    client.get(f"{NEW}?from={former.pk}")
    with django_assert_num_queries(7):
        client.get(f"{NEW}?from={former.pk}")
