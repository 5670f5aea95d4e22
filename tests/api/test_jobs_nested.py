"""`GET /jobs/{id}/steps/`: sub-jobs inside the steps that started them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.selectors import nested
from tests.api.jobs_support import Desk
from tests.api.test_jobs_steps import listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_sub_jobs_are_nested_with_the_outer_path(desk):
    desk.workflow(
        """
        inputs: [{key: n, type: integer}]
        steps: [{key: double, type: set, values: {v: "{{ inputs.n * 2 }}"}}]
        outputs: [{key: v, type: integer, value: steps.double.output.v}]
        """,
        slug="inner",
    )
    desk.workflow(
        "inputs: [{key: n, type: integer}]\n"
        "steps: [{key: call, type: workflow, workflow: inner, inputs: {n: '{{ inputs.n }}'}}]\n"
        "outputs: [{key: v, type: integer, value: steps.call.output.v}]",
        slug="middle",
    )
    job = desk.run(
        """
        steps:
          - key: each
            type: for_each
            items: "[1, 2]"
            steps: [{key: go, type: workflow, workflow: middle, inputs: {n: "{{ item }}"}}]
        """
    )
    shown = {step["path"]: step for step in listed(desk, job)["results"]}
    middle = shown["each[1].go"]["job"]
    assert (middle["workflow"], middle["status"], middle["parent"]) == ("middle", "completed", job.pk)
    [call] = middle["steps"]
    assert (call["path"], call["output"]) == ("each[1].go/call", {"v": 4})
    [double] = call["job"]["steps"]
    assert (double["path"], double["output"]) == ("each[1].go/call/double", {"v": 4})
    own = listed(desk, type(job).objects.get(pk=middle["id"]))["results"]
    assert [step["path"] for step in own] == ["call"]


def test_sub_jobs_without_room_are_read_under_their_own_id(desk, monkeypatch):
    monkeypatch.setattr(nested, "NESTED_AT_MOST", 2)
    desk.workflow("steps: [{key: a, type: set, values: {v: 1}}]", slug="inner")
    job = desk.run(
        """
        steps:
          - key: each
            type: for_each
            items: "[1, 2, 3]"
            steps: [{key: go, type: workflow, workflow: inner}]
        """
    )
    inside = [step["job"] for step in listed(desk, job)["results"] if step["job"]]
    assert [child["steps"] is None for child in inside] == [False, False, True]
    assert listed(desk, type(job).objects.get(pk=inside[2]["id"]))["results"][0]["path"] == "a"


def test_queries_grow_with_the_depth_and_not_with_the_steps(desk):
    desk.workflow("steps: [{key: a, type: set, values: {v: 1}}]", slug="inner")
    text = """
        inputs: [{key: rows, type: list}]
        steps:
          - {key: each, type: for_each, items: inputs.rows, steps: [{key: go, type: workflow, workflow: inner}]}
        """
    counts = []
    for rows in ([1], [1, 2, 3, 4, 5]):
        job = desk.run(text, rows=rows)
        listed(desk, job)
        with CaptureQueriesContext(connection) as asked:
            listed(desk, job)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10, "\n".join(each["sql"][-150:] for each in asked)
