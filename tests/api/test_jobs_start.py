"""`POST /jobs/`: checked whole, queued at once, made once."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.models import Job
from tests.api.jobs_support import Desk

pytestmark = pytest.mark.django_db

FLOW = """
inputs:
  - {key: limit, type: number, default: 500}
  - {key: password, type: text, secret: true, required: false}
steps: [{key: one, type: set, values: {x: "{{ inputs.limit }}"}}]
outputs: [{key: total, type: number, value: steps.one.output.x}]
"""


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.workflow(FLOW)
    return desk


def start(desk, **body):
    return desk.api().post("/jobs/", {"workflow": "flow", **body})


def test_a_job_is_queued_with_its_inputs_checked_and_completed(desk):
    answer = start(desk, inputs={"limit": 3}, title="May", reference="R-1")
    assert answer.status_code == 201, answer.content
    job = answer.json()
    assert job["status"] == "queued"
    assert (job["workflow"], job["version"], job["title"], job["reference"]) == ("flow", 1, "May", "R-1")
    assert job["inputs"] == {"limit": 3, "password": None}
    assert job["digest"].startswith("sha256:")
    assert (job["source"], job["created_by"]) == ("api", desk.user("operator").username)
    assert (job["outputs"], job["error"], job["waiting_for"], job["can_resume"]) == (None, None, [], False)
    assert job == desk.api("viewer").get(f"/jobs/{job['id']}/").json()
    desk.drain()
    ended = desk.api().get(f"/jobs/{job['id']}/").json()
    assert (ended["status"], ended["outputs"]) == ("completed", {"total": 3})
    assert ended["progress"] == {"done": 1, "total": 1}
    assert ended["started_at"] <= ended["finished_at"]


def test_a_secret_is_never_shown(desk):
    job = start(desk, inputs={"password": "hunter2hunter2"}).json()
    assert job["inputs"]["password"] == "•••"
    assert b"hunter2" not in desk.api().get(f"/jobs/{job['id']}/").content


def test_starting_costs_a_fixed_number_of_queries(desk):
    api = desk.api()
    api.post("/jobs/", {"workflow": "flow"})  # parses and keeps the version, notes the token's use
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert api.post("/jobs/", {"workflow": "flow", "inputs": {"limit": 1}}).status_code == 201
    # token, workflow; begin, job, inputs, head, entry, head moved, (notify,) commit
    assert len([each for each in asked if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]) <= 8, [
        each["sql"][:80] for each in asked
    ]


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"workflow": "nothing"}, "workflow", "unknown"),
        ({"workflow": "No Such"}, "workflow", "pattern"),
        ({"workflow": 5}, "workflow", "wrong_type"),
        ({"workflow": "flow", "id": 7}, "id", "unknown"),
        ({"workflow": "flow", "status": "completed"}, "status", "unknown"),
        ({"workflow": "flow", "workspace": 1}, "workspace", "unknown"),
        ({"workflow": "flow", "version": 0}, "version", "too_small"),
        ({"workflow": "flow", "version": 2**40}, "version", "too_large"),
        ({"workflow": "flow", "version": "1"}, "version", "wrong_type"),
        ({"workflow": "flow", "title": "x" * 201}, "title", "too_long"),
        ({"workflow": "flow", "title": "a\u202eb"}, "title", "format"),
        ({"workflow": "flow", "title": "a\x00b"}, "title", "format"),
        ({"workflow": "flow", "title": "\ud800"}, "title", "format"),
        ({"workflow": "flow", "inputs": None}, "inputs", "wrong_type"),
        ({"workflow": "flow", "reference": ["x"]}, "reference", "wrong_type"),
        ({"workflow": "flow", "priority": "urgent"}, "priority", "not_a_choice"),
        ({"workflow": "flow", "on_duplicate": "ignore"}, "on_duplicate", "not_a_choice"),
    ],
)
def test_a_field_that_does_not_fit_is_named(desk, body, path, code):
    answer = desk.api().post("/jobs/", json.dumps(body))
    assert answer.status_code == 422, answer.content
    assert [(each["path"], each["code"]) for each in answer.json()["errors"]] == [(path, code)]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("inputs", "path", "code"),
    [
        ({"limit": "abc"}, "inputs.limit", "wrong_type"),
        ({"limit": True}, "inputs.limit", "wrong_type"),
        ({"other": 1}, "inputs.other", "unknown"),
        ([], "inputs", "wrong_type"),
        ("text", "inputs", "wrong_type"),
    ],
)
def test_inputs_that_do_not_fit_are_invalid_inputs(desk, inputs, path, code):
    answer = start(desk, inputs=inputs)
    assert answer.status_code == 422, answer.content
    assert answer.json()["code"] == "invalid_inputs"
    assert [(each["path"], each["code"]) for each in answer.json()["errors"]] == [(path, code)]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"workflow":"flow","workflow":"flow"}',
        b'{"workflow":"flow","inputs":{"limit":NaN}}',
        b'{"workflow":"flow","inputs":{"limit":1e400}}',
        b'{"workflow":"flow","inputs":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"workflow":"fl\xff"}',
    ],
)
def test_a_body_that_is_not_one_json_object_starts_nothing(desk, body):
    answer = desk.api().post("/jobs/", body)
    assert answer.status_code == (422 if body == b"" else 400), answer.content
    assert not Job.objects.exists()


def test_a_body_over_a_mebibyte_or_of_another_kind_is_refused(desk):
    api = desk.api()
    large = api.post("/jobs/", {"workflow": "flow", "title": "x" * (1 << 20)})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    form = api.post("/jobs/", b"workflow=flow", content_type="application/x-www-form-urlencoded")
    assert form.status_code == 415


def test_values_survive_that_other_json_breaks(desk):
    desk.workflow(
        "inputs: [{key: any, type: object}]\nsteps: [{key: a, type: set, values: {x: 1}}]", slug="any"
    )
    given = {"a": "\x00", "b": "\ud800", "c": 1.0, "d": 2**70, "e": {"__proto__": None}}
    body = json.dumps({"workflow": "any", "inputs": {"any": given}})
    answer = desk.api().post("/jobs/", body)
    assert answer.status_code == 201, answer.content
    assert desk.api().get(f"/jobs/{answer.json()['id']}/").json()["inputs"]["any"] == given


def test_an_inactive_workflow_starts_nothing(desk):
    desk.deactivate("flow")
    answer = start(desk)
    assert (answer.status_code, answer.json()["code"]) == (409, "workflow_not_active")
    assert desk.api("builder").delete("/workflows/flow/").status_code == 204
    answer = start(desk)
    assert (answer.status_code, answer.json()["code"]) == (409, "workflow_not_active")
    assert "in the archive" in answer.json()["detail"]


def test_a_builder_may_name_a_version_and_an_operator_may_not(desk):
    desk.workflow(FLOW + "description: two", slug="flow")
    assert start(desk).json()["version"] == 2
    refused = start(desk, version=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_low")
    assert desk.api("builder").post("/jobs/", {"workflow": "flow", "version": 1}).json()["version"] == 1
    missing = desk.api("builder").post("/jobs/", {"workflow": "flow", "version": 9})
    assert missing.status_code == 422


def test_a_key_makes_one_job_and_gives_its_answer_again(desk):
    api = desk.api()
    first = api.post("/jobs/", {"workflow": "flow"}, headers={"Idempotency-Key": "k"})
    again = api.post("/jobs/", {"workflow": "flow"}, headers={"Idempotency-Key": "k"})
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Job.objects.count() == 1
    other = api.post("/jobs/", {"workflow": "flow", "title": "x"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_bad_key_starts_nothing(desk, key):
    answer = desk.api().post("/jobs/", {"workflow": "flow"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_a_refused_start_does_not_use_the_key_up(desk):
    api = desk.api()
    headers = {"Idempotency-Key": "k"}
    assert api.post("/jobs/", {"workflow": "flow", "inputs": {"x": 1}}, headers=headers).status_code == 422
    assert api.post("/jobs/", {"workflow": "flow"}, headers=headers).status_code == 201


def test_a_duplicate_is_rejected_or_returned(desk):
    first = start(desk, reference="R").json()
    rejected = start(desk, reference="R", on_duplicate="reject")
    assert (rejected.status_code, rejected.json()["code"], rejected.json()["job"]) == (
        409,
        "duplicate_job",
        first["id"],
    )
    returned = start(desk, reference="R", on_duplicate="return")
    assert (returned.status_code, returned.json()["id"]) == (200, first["id"])
    assert start(desk, reference="R").json()["id"] != first["id"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("viewer", 403),
        ("auditor", 403),
        ("operator", 201),
        ("reviewer", 201),
        ("builder", 201),
        ("admin", 201),
    ],
)
def test_operators_and_those_above_start_jobs(desk, role, status):
    assert desk.api(role).post("/jobs/", {"workflow": "flow"}).status_code == status


def test_nobody_starts_jobs_without_a_token_or_in_another_workspace(desk):
    assert desk.anonymous().post("/jobs/", {"workflow": "flow"}).status_code == 401
    foreign = desk.stranger().post("/jobs/", {"workflow": "flow"})
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (422, "unknown")


def test_a_file_of_another_workspace_is_not_an_input(desk):
    desk.workflow("inputs: [{key: f, type: file}]\nsteps: [{key: a, type: set, values: {x: 1}}]", slug="file")
    mine, theirs = desk.upload(desk.api()), desk.upload(desk.stranger())
    assert start(desk, workflow="file", inputs={"f": mine["id"]}).json()["inputs"]["f"] == mine
    refused = start(desk, workflow="file", inputs={"f": theirs["id"]})
    assert [each["code"] for each in refused.json()["errors"]] == ["file_missing"]


@pytest.mark.parametrize("wait", ["61", "-1", "x", "1.5"])
def test_nobody_waits_for_longer_than_a_minute(desk, wait):
    answer = desk.api().post(f"/jobs/?wait={wait}", {"workflow": "flow"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "wait")
    assert not Job.objects.exists()


def test_unknown_query_parameters_start_nothing(desk):
    assert desk.api().post("/jobs/?dry_run=1", {"workflow": "flow"}).status_code == 422
    assert not Job.objects.exists()
