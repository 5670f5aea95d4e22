"""`GET /jobs/`: filters, search, orderings, and a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Job
from jobs.services import start_job
from tests.api.jobs_support import Desk

pytestmark = pytest.mark.django_db

FLOW = """
inputs: [{key: n, type: integer, default: 1}]
steps: [{key: a, type: code, source: "1 / inputs['n']", inputs: {n: "{{ inputs.n }}"}}]
"""


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.workflow(FLOW)
    return desk


def make(desk, **fields) -> Job:
    return start_job(actor=desk.actor, workflow="flow", inputs=fields.pop("inputs", {}), **fields).job


def found(desk, query="", role="viewer"):
    answer = desk.api(role).get(f"/jobs/{query}")
    assert answer.status_code == 200, answer.content
    return [job["id"] for job in answer.json()["results"]]


def test_the_newest_come_first_or_last(desk):
    jobs = [make(desk).pk for _ in range(3)]
    assert found(desk) == jobs[::-1]
    assert found(desk, "?ordering=id") == jobs
    first = desk.api().get("/jobs/?page_size=2").json()
    second = desk.api().get(first["next"].removeprefix("http://testserver")).json()
    assert [job["id"] for job in first["results"] + second["results"]] == jobs[::-1]


def test_a_row_has_no_values_and_a_short_error(desk):
    make(desk, inputs={"n": 0})
    desk.drain()
    [row] = desk.api().get("/jobs/").json()["results"]
    assert "inputs" not in row
    assert "outputs" not in row
    assert row["error"].keys() == {"code", "message"}
    assert (row["status"], row["can_resume"]) == ("failed", True)


def test_sub_jobs_are_not_listed_and_are_read_by_their_id(desk):
    desk.workflow("steps: [{key: go, type: workflow, workflow: flow}]", slug="outer")
    job = desk.start("outer")
    desk.drain()
    assert found(desk) == [job.pk]
    child = Job.objects.get(parent=job)
    shown = desk.api().get(f"/jobs/{child.pk}/").json()
    assert (shown["parent"], shown["source"], shown["status"]) == (job.pk, "subjob", "completed")


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ("status=failed", [1]),
        ("status=failed&status=completed", [1, 0]),
        ("status=cancelled", []),
        ("workflow=flow", [2, 1, 0]),
        ("workflow=other", []),
        ("reference=INV-1", [0]),
        ("reference=INV", []),
        ("source=api", [2, 1, 0]),
        ("source=ui", []),
        ("search=INV-", [1, 0]),
        ("search=May", [2]),
        ("search=ay", []),
        ("search=%25", []),
        ("search=_NV", []),
        ("created_by=nobody", []),
    ],
)
def test_filters_narrow_the_list(desk, query, which):
    jobs = [make(desk, reference="INV-1"), make(desk, reference="INV-2", inputs={"n": 0})]
    desk.drain()
    jobs.append(make(desk, title="May"))
    assert found(desk, f"?{query}") == [jobs[each].pk for each in which]


def test_a_job_is_found_by_its_number_and_by_who_started_it(desk):
    mine, other = make(desk), desk.api().post("/jobs/", {"workflow": "flow"}).json()["id"]
    assert found(desk, f"?search={mine.pk}") == found(desk, f"?search=%23{mine.pk}") == [mine.pk]
    assert found(desk, f"?search={'9' * 30}") == []
    assert found(desk, f"?created_by={desk.user('operator').username}") == [other]


def test_moments_bound_the_list(desk):
    old, new = make(desk), make(desk)
    then = timezone.now() - timedelta(days=3)
    Job.objects.filter(pk=old.pk).update(created_at=then)
    bound = (then + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found(desk, f"?created_after={bound}") == [new.pk]
    assert found(desk, f"?created_before={bound}") == [old.pk]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("status=done", "status"),
        ("source=mail", "source"),
        ("created_after=yesterday", "created_after"),
        ("ordering=password", "ordering"),
        ("ordering=created_by__password", "ordering"),
        ("workspace=1", "workspace"),
        ("workflow__slug=flow", "workflow__slug"),
        ("page=-1", "page"),
        ("limit=1000000000", "limit"),
        ("page_size=201", "page_size"),
        ("cursor=x", "cursor"),
        ("search=%00", "search"),
        ("reference=%00", "reference"),
        ("workflow=%00", "workflow"),
        (f"search={'x' * 201}", "search"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(desk, query, path):
    answer = desk.api().get(f"/jobs/?{query}")
    assert answer.status_code == 422, answer.content
    assert [each["path"] for each in answer.json()["errors"]] == [path]


def test_a_list_costs_the_same_queries_whatever_its_length(desk):
    counts = []
    for _ in range(2):
        for _ in range(5):
            make(desk, inputs={"n": 0})
        desk.drain()
        found(desk)
        with CaptureQueriesContext(connection) as asked:
            found(desk)
        counts.append(len(asked))
        assert not any("jobs_payload" in each["sql"] for each in asked)
    assert counts == [2, 2]


def test_one_job_costs_three_queries(desk):
    job = make(desk)
    desk.drain()
    desk.api("viewer").get(f"/jobs/{job.pk}/")
    with CaptureQueriesContext(connection) as asked:
        desk.api("viewer").get(f"/jobs/{job.pk}/")
    assert len(asked) == 3  # token, job, values; a job that has not ended has its waits besides


def test_jobs_of_other_workspaces_are_not_there(desk):
    make(desk)
    assert found(desk, role="viewer") != []
    assert desk.stranger().get("/jobs/").json()["results"] == []
    assert desk.anonymous().get("/jobs/").status_code == 401


def test_an_auditor_without_the_grant_sees_jobs_without_their_values(desk):
    job = make(desk, inputs={"n": 0})
    desk.drain()
    hidden = desk.api("auditor").get(f"/jobs/{job.pk}/").json()
    assert (hidden["inputs"], hidden["outputs"], hidden["payloads_hidden"]) == (None, None, True)
    assert hidden["error"]["code"] == "code_error"
    assert hidden["error"]["detail"] is None
    assert found(desk, role="auditor") == [job.pk]
    assert desk.api("auditor+").get(f"/jobs/{job.pk}/").json()["inputs"] == {"n": 0}
