"""The live rows of the list of jobs, and the list as CSV and as an API call."""

import csv

import pytest

from jobs.export import jobs_csv
from jobs.models import Job
from tests.engine.lab import Lab
from tests.pages.job_list_support import FLOW, client_of, make, numbers, text
from workspaces.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    lab = Lab()
    lab.workflow(FLOW)
    return lab


@pytest.fixture
def client(lab):
    return client_of(Role.OPERATOR, lab)


def test_its_rows_are_told_anew_only_when_one_of_them_changed_or_a_newer_one_came(
    lab, client, django_assert_num_queries
):
    first = make(lab)
    page = client.get("/jobs/")
    address = f"{page.context['rows_url']}&revision={page.context['revision']}"
    assert client.get(address).status_code == 204
    lab.drain()
    with django_assert_num_queries(3 + 3):  # the session; newer ones, heads, rows
        changed = client.get(address)
    assert numbers(changed) == [first.pk]
    make(lab)
    make(lab)
    newer = client.get(f"{changed.context['rows_url']}&revision={changed.context['revision']}")
    assert "2 new jobs" in text(newer)
    assert numbers(newer) == [first.pk]
    address = f"{newer.context['rows_url']}&revision={newer.context['revision']}"
    assert client.get(address).status_code == 204


def test_an_older_page_asks_only_while_something_on_it_can_change(lab, client):
    make(lab)
    lab.drain()
    make(lab)
    older = client.get("/jobs/?page_size=1").context["page"].next
    page = client.get(f"/jobs/?page_size=1&cursor={older}")
    assert len(numbers(page)) == 1
    assert "data-poll" not in text(page)
    assert "data-poll" in text(client.get("/jobs/?page_size=1"))


@pytest.mark.parametrize(
    "query", ["row=x", "row=1&after=-1", "&".join(f"row={n}" for n in range(201)), "status=done"]
)
def test_rows_that_cannot_be_are_refused(client, query):
    assert client.get(f"/jobs/rows/?{query}").status_code == 422


def test_the_csv_has_what_is_filtered_and_guards_formulas(lab, client):
    make(lab)
    job = make(lab, n=0, title="=1+1", reference="R")
    lab.drain()
    answer = client.get("/jobs/export.csv?reference=R")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert ".csv" in answer["Content-Disposition"]
    [row] = csv.DictReader(text(answer).splitlines())
    assert (row["number"], row["title"], row["status"], row["inputs"]) == (
        str(job.pk),
        "'=1+1",
        "failed",
        "n: 0",
    )
    assert row["error_code"] == "code_error"


@pytest.mark.parametrize("at_most", [1, 2, 3])
def test_a_csv_that_was_cut_says_so(lab, monkeypatch, at_most):
    monkeypatch.setattr("jobs.export._AT_ONCE", 2)
    made = [make(lab).pk for _ in range(3)]
    lines = "".join(jobs_csv(Job.objects.filter(kind="job"), summaries=False, at_most=at_most)).splitlines()
    rows = [line for line in lines[1:] if not line.startswith("Cut")]
    assert [int(line.split(",")[0]) for line in rows] == made[::-1][:at_most]
    assert any(line.startswith("Cut: there are more than") for line in lines) is (at_most < 3)


def test_the_api_call_asks_the_same(lab, client):
    User.objects.update(time_zone="Asia/Tokyo")
    call = (
        client.get("/jobs/?created_after=2026-11-22&status=failed&workflow=it's").context["filters"].api_call
    )
    assert call == (
        "curl -H 'Authorization: Token YOUR_TOKEN' 'http://testserver/api/v1/jobs/"
        "?created_after=2026-11-21T15%3A00%3A00.000000Z&status=failed&workflow=it%27s'"
    )
