"""`GET /jobs/{id}/steps/`: what ran, what did not, and why, in bounded pages."""

import pytest

from audit.models import AuditEntry
from jobs.models import StepRun
from jobs.selectors import steps
from tests.api.jobs_support import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def listed(desk, job, query="", role="viewer"):
    answer = desk.api(role).get(f"/jobs/{job.pk}/steps/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def brief(steps):
    return [(step["path"], step["status"], step["reason"]) for step in steps]


def test_a_step_run_shows_everything_that_is_known_of_it(desk):
    job = desk.run(
        """
        steps:
          - {key: one, name: First, type: code, source: "print('hi')\\ninputs['n'] + 1", inputs: {n: 1}}
        """
    )
    [step] = listed(desk, job)["results"]
    started, finished = step.pop("started_at"), step.pop("finished_at")
    assert job.created_at.isoformat()[:10] <= started <= finished
    assert step.pop("log").strip() == "hi"
    assert step == {
        "path": "one",
        "key": "one",
        "name": "First",
        "type": "code",
        "status": "completed",
        "reason": "",
        "attempt": 1,
        "attempts": [],
        "idempotency_key": f"{job.uid}:one:0",
        "input": {"n": 1},
        "output": 2,
        "error": None,
        "job": None,
    }


BRANCHING = """
inputs: [{key: n, type: integer}]
steps:
  - {key: first, type: set, values: {x: 1}}
  - key: size
    type: branch
    branches:
      - key: large
        when: inputs.n > 10
        steps:
          - {key: big, type: set, values: {x: 1}}
          - {key: rows, type: for_each, items: "[1]", steps: [{key: inner, type: set, values: {x: 1}}]}
      - {key: small, when: inputs.n > 0, steps: [{key: little, type: set, values: {x: 1}}]}
    else: {steps: [{key: none, type: set, values: {x: 1}}]}
  - {key: never, type: set, when: 1 > 2, values: {x: 1}}
  - {key: stop, type: fail, message: nope}
  - {key: last, type: set, values: {x: 1}}
"""


def test_steps_that_were_not_reached_are_shown_in_their_places_with_the_reason(desk):
    job = desk.run(BRANCHING, n=5)
    assert brief(listed(desk, job)["results"]) == [
        ("first", "completed", ""),
        ("size", "completed", ""),
        ("big", "skipped", "branch"),
        ("rows", "skipped", "branch"),
        ("little", "completed", ""),
        ("none", "skipped", "branch"),
        ("never", "skipped", "when"),
        ("stop", "failed", ""),
        ("last", "skipped", "not_reached"),
    ]


def test_they_are_pending_until_the_job_has_ended_and_again_after_a_resume(desk):
    desk.workflow(BRANCHING)
    job = desk.start(n=5)
    shown = listed(desk, job)["results"]
    assert {step["status"] for step in shown} == {"pending"}
    assert [step["path"] for step in shown] == [
        "first", "size", "big", "rows", "little", "none", "never", "stop", "last",
    ]  # fmt: skip
    desk.drain()
    assert desk.api().post(f"/jobs/{job.pk}/resume/").status_code == 200
    assert brief(listed(desk, job)["results"])[-1] == ("last", "pending", "")


def test_inside_a_block_below_a_false_condition_steps_are_skipped_for_it(desk):
    job = desk.run(
        """
        steps:
          - key: guarded
            type: try
            when: 1 > 2
            steps: [{key: body, type: set, values: {x: 1}}]
            finally: [{key: after, type: set, values: {x: 1}}]
        """
    )
    assert brief(listed(desk, job)["results"]) == [
        ("guarded", "skipped", "when"),
        ("body", "skipped", "when"),
        ("after", "skipped", "when"),
    ]


LOOP = """
inputs: [{key: rows, type: list}]
steps:
  - key: check
    type: for_each
    items: inputs.rows
    on_item_error: continue
    steps:
      - {key: half, type: code, source: "10 / inputs['n']", inputs: {n: "{{ item }}"}}
      - {key: then, type: set, values: {v: "{{ item }}"}}
  - {key: after, type: set, values: {x: 1}}
"""


def test_items_show_what_they_did_not_reach(desk):
    job = desk.run(LOOP, rows=[5, 0])
    assert brief(listed(desk, job)["results"]) == [
        ("check", "completed", ""),
        ("check[0]", "completed", ""),
        ("check[0].half", "completed", ""),
        ("check[0].then", "completed", ""),
        ("check[1]", "failed", ""),
        ("check[1].half", "failed", ""),
        ("check[1].then", "skipped", "not_reached"),
        ("after", "completed", ""),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_hold_every_step_once_whatever_their_size(desk, size):
    job = desk.run(LOOP, rows=[5, 0, 2])
    whole = listed(desk, job)["results"]
    paged, query = [], f"?page_size={size}"
    while True:
        page = listed(desk, job, query)
        paged += page["results"]
        assert sum(step["attempt"] > 0 for step in page["results"]) <= size
        if page["next"] is None:
            break
        query = "?" + page["next"].partition("?")[2]
    assert sorted(brief(paged)) == sorted(brief(whole))
    by_path = {step["path"]: step for step in whole}
    assert all(by_path[step["path"]] == step for step in paged)


@pytest.mark.parametrize("size", [1, 4])
def test_branches_and_unreached_steps_are_paged_alike(desk, size):
    job = desk.run(BRANCHING, n=5)
    paged, query = [], f"?page_size={size}"
    while query:
        page = listed(desk, job, query)
        paged += page["results"]
        query = "?" + page["next"].partition("?")[2] if page["next"] else ""
    assert sorted(brief(paged)) == sorted(brief(listed(desk, job)["results"]))


def test_a_page_ends_early_where_values_are_large(desk, monkeypatch):
    monkeypatch.setattr(steps, "BYTES_AT_MOST", 100)
    job = desk.run(LOOP, rows=[1, 2, 3, 4, 5, 6, 7, 8])
    page = listed(desk, job)
    assert page["next"]
    assert 0 < len(page["results"]) < 26


def test_earlier_attempts_and_the_error_are_told(desk):
    job = desk.run(
        """
        steps:
          - {key: bad, type: code, source: "1 / 0", retry: {max_attempts: 2, delay: 1, errors: [code_error]}}
        """
    )
    assert listed(desk, job)["results"][0]["status"] == "waiting"
    [wait] = desk.api().get(f"/jobs/{job.pk}/").json()["waiting_for"]
    assert (wait["kind"], wait["path"], wait["who"]) == ("retry", "bad", None)
    assert wait["since"] < wait["until"]
    desk.pass_time(60)
    desk.drain()
    [step] = listed(desk, job)["results"]
    assert (step["status"], step["attempt"]) == ("failed", 2)
    assert step["error"]["code"] == "code_error"
    [earlier] = step["attempts"]
    assert set(earlier) == {"started_at", "finished_at", "error"}
    assert earlier["started_at"].endswith("Z")
    assert earlier["error"]["code"] == "code_error"


def test_auditors_see_values_only_with_the_grant_and_leave_an_entry(desk):
    job = desk.run(
        "steps: [{key: a, type: set, values: {v: 1}}, {key: b, type: fail, message: nope, details: {x: 1}}]"
    )
    hidden = listed(desk, job, role="auditor")
    assert hidden["payloads_hidden"] is True
    assert hidden["results"][0]["output"] is None
    assert hidden["results"][1]["error"]["code"] == "step_failed"
    assert hidden["results"][1]["error"]["detail"] is None
    assert not AuditEntry.objects.filter(action="payload.read").exists()
    shown = listed(desk, job, role="auditor+")
    assert shown["results"][0]["output"] == {"v": 1}
    assert shown["results"][1]["error"]["detail"] == {"x": 1}
    entry = AuditEntry.objects.get(action="payload.read")
    assert (entry.target_type, entry.target_id) == ("job", str(job.pk))
    assert '"paths":["a"]' in entry.body


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=1001", "page_size=x", "cursor=-1", "cursor=99999999999"]
)
def test_a_bad_page_is_refused(desk, query):
    job = desk.run("steps: [{key: a, type: set, values: {v: 1}}]")
    answer = desk.api().get(f"/jobs/{job.pk}/steps/?{query}")
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["path"] == query.partition("=")[0]


@pytest.mark.parametrize("part", ["", "steps/", "audit/", "outputs/", "wait/"])
def test_nobody_else_sees_anything_of_a_job(desk, part):
    job = desk.run("steps: [{key: a, type: set, values: {v: 1}}]")
    assert desk.stranger().get(f"/jobs/{job.pk}/{part}").status_code == 404
    assert desk.anonymous().get(f"/jobs/{job.pk}/{part}").status_code == 401
    assert desk.api("viewer").get(f"/jobs/{job.pk + 1}/{part}").status_code == 404
    assert desk.api("viewer").get(f"/jobs/{'9' * 30}/{part}").status_code == 404
    assert desk.api("viewer").get(f"/jobs/{job.pk}/{part}").status_code == 200


def test_a_long_job_is_paged_by_the_index(desk):
    job = desk.run("steps: [{key: a, type: set, values: {v: 1}}]")
    StepRun.objects.bulk_create(
        StepRun(job=job, path=f"x{n}", key="x", type="set", status="completed", ordinal=n + 10, fence=1)
        for n in range(1_500)
    )
    first = listed(desk, job)
    assert len(first["results"]) == 1_000
    second = listed(desk, job, "?" + first["next"].partition("?")[2])
    assert (len(second["results"]), second["next"]) == (501, None)
