"""Waiting, cancelling, resuming, running again, and the audit entries of a job."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditEntry
from common import clock, seats
from jobs import waiting
from jobs.models import Job, Payload, Wait
from jobs.states import PayloadKind
from tests.api.jobs_support import Desk

pytestmark = pytest.mark.django_db

SUM = """
inputs: [{key: n, type: integer, default: 1}]
steps: [{key: a, type: code, source: "10 / inputs['n']", inputs: {n: "{{ inputs.n }}"}}]
outputs: [{key: total, type: number, value: steps.a.output}]
"""
DELAYED = "steps: [{key: wait, type: delay, duration: 1h}, {key: a, type: set, values: {x: 1}}]"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def post(desk, job, what, body=None, role="operator", **headers):
    return desk.api(role).post(f"/jobs/{job.pk}/{what}/", {} if body is None else body, headers=headers)


# ---------------------------------------------------------------- waiting
def test_a_job_that_has_ended_is_given_at_once(desk):
    job = desk.run(SUM)
    began = clock.monotonic()
    answer = desk.api().get(f"/jobs/{job.pk}/wait/?timeout=60")
    assert answer.json()["outputs"] == {"total": 10.0}
    assert clock.monotonic() - began < 5


def test_after_the_timeout_the_job_is_given_as_it_is(desk):
    desk.workflow(SUM)
    job = desk.start()
    answer = desk.api().get(f"/jobs/{job.pk}/wait/?timeout=0")
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")


@pytest.mark.parametrize("kind", ["approval", "callback"])
def test_until_waiting_ends_at_a_wait_for_somebody_outside(desk, kind):
    job = desk.run(DELAYED)
    began = clock.monotonic()
    answer = desk.api().get(f"/jobs/{job.pk}/wait/?timeout=1&until=waiting")
    assert answer.json()["status"] == "waiting"
    assert clock.monotonic() - began >= 0.9  # a delay is no answer from outside
    Wait.objects.create(job=job, path="ask", kind=kind, since=timezone.now())
    began = clock.monotonic()
    answer = desk.api().get(f"/jobs/{job.pk}/wait/?timeout=30&until=waiting")
    assert [wait["kind"] for wait in answer.json()["waiting_for"]] == ["delay", kind]
    assert clock.monotonic() - began < 5


@pytest.mark.parametrize(
    ("query", "path"),
    [("timeout=61", "timeout"), ("timeout=x", "timeout"), ("until=never", "until"), ("until=", "until")],
)
def test_a_bad_wait_is_refused(desk, query, path):
    job = desk.run(SUM)
    answer = desk.api().get(f"/jobs/{job.pk}/wait/?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


def test_only_half_of_the_threads_wait_and_a_server_that_stops_ends_it(desk, monkeypatch):
    desk.workflow(SUM)
    job = desk.start()
    monkeypatch.setattr(seats, "_free", threading.BoundedSemaphore(1))
    taken = seats.require_seat()
    began = clock.monotonic()
    desk.api().get(f"/jobs/{job.pk}/wait/?timeout=30")
    taken.leave()
    monkeypatch.setattr(waiting, "_stopping", [lambda: True])
    desk.api().get(f"/jobs/{job.pk}/wait/?timeout=30")
    assert clock.monotonic() - began < 10
    assert seats.take_seat()


@pytest.mark.django_db(transaction=True)
def test_a_start_that_waits_answers_when_the_job_has_ended():
    desk = Desk()
    desk.workflow(SUM)
    api = desk.api()

    def start():
        try:
            return api.post("/jobs/?wait=30", {"workflow": "flow"})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(start)
        while not answer.done():
            desk.step()
    job = answer.result().json()
    assert answer.result().status_code == 201
    assert (job["status"], job["outputs"]) == ("completed", {"total": 10.0})


def test_a_start_that_waits_under_a_key_gives_the_job_as_it_is_now(desk):
    desk.workflow(SUM)
    api, headers = desk.api(), {"Idempotency-Key": "k"}
    first = api.post("/jobs/?wait=1", {"workflow": "flow"}, headers=headers)
    assert first.json()["status"] == "queued"
    desk.drain()
    again = api.post("/jobs/?wait=1", {"workflow": "flow"}, headers=headers)
    assert again["Idempotent-Replayed"] == "true"
    assert (again.json()["id"], again.json()["status"]) == (first.json()["id"], "completed")


# ---------------------------------------------------------------- waiting_for
def test_waits_of_sub_jobs_are_told_with_the_outer_path(desk):
    desk.workflow(DELAYED, slug="inner")
    job = desk.run("steps: [{key: go, type: workflow, workflow: inner}]")
    [wait] = desk.api().get(f"/jobs/{job.pk}/").json()["waiting_for"]
    assert (wait["kind"], wait["path"]) == ("delay", "go/wait")
    child = Job.objects.get(parent=job)
    Job.objects.filter(pk=child.pk).update(status="queued")
    waits = desk.api().get(f"/jobs/{job.pk}/").json()["waiting_for"]
    assert {(wait["kind"], wait["path"]) for wait in waits} == {("subjob", "go"), ("delay", "go/wait")}


# ---------------------------------------------------------------- cancel
def test_a_waiting_job_is_cancelled_by_request(desk):
    job = desk.run(DELAYED)
    answer = post(desk, job, "cancel", {"reason": "wrong month"})
    assert answer.status_code == 202
    asked = answer.json()
    assert asked["cancel_requested_at"] is not None
    assert asked["status"] == "queued"
    again = post(desk, job, "cancel")
    assert again.json()["cancel_requested_at"] == asked["cancel_requested_at"]
    desk.drain()
    assert desk.api().get(f"/jobs/{job.pk}/").json()["status"] == "cancelled"
    assert "wrong month" in AuditEntry.objects.get(action="job.cancel_requested").body
    ended = post(desk, job, "cancel")
    assert (ended.status_code, ended.json()["code"]) == (409, "job_ended")


def test_a_sub_job_is_cancelled_and_resumed_through_its_outermost_only(desk):
    desk.workflow(DELAYED, slug="inner")
    job = desk.run("steps: [{key: go, type: workflow, workflow: inner}]")
    child = Job.objects.get(parent=job)
    for what in ("cancel", "resume", "rerun"):
        answer = post(desk, child, what)
        assert (answer.status_code, answer.json()["code"], answer.json()["job"]) == (409, "sub_job", job.pk)


@pytest.mark.parametrize("body", [{"why": "x"}, {"reason": 5}, {"reason": "x" * 201}])
def test_a_cancel_takes_a_reason_and_nothing_else(desk, body):
    job = desk.run(DELAYED)
    assert post(desk, job, "cancel", body).status_code == 422
    assert desk.api().post(f"/jobs/{job.pk}/cancel/", b"").status_code == 202


# ---------------------------------------------------------------- resume
def test_a_failed_job_goes_on(desk):
    job = desk.run(SUM, n=0)
    before = desk.api().get(f"/jobs/{job.pk}/").json()
    assert (before["can_resume"], before["resumed"]) == (True, 0)
    answer = desk.api().post(f"/jobs/{job.pk}/resume/", b"")
    assert answer.status_code == 200, answer.content
    after = answer.json()
    assert (after["status"], after["can_resume"], after["resumed"], after["error"]) == (
        "queued",
        False,
        1,
        None,
    )
    assert (after["finished_at"], after["inputs"]) == (None, {"n": 0})
    again = post(desk, job, "resume")
    assert (again.status_code, again.json()["code"]) == (409, "not_resumable")
    assert post(desk, job, "resume", {"from": "a"}).status_code == 422


def test_a_completed_job_does_not(desk):
    answer = post(desk, desk.run(SUM), "resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_resumable")


# ---------------------------------------------------------------- rerun
def test_a_job_is_run_again_with_the_same_inputs(desk):
    job = desk.run(SUM, n=5)
    desk.workflow(SUM + "description: two")
    same = post(desk, job, "rerun")
    assert same.status_code == 201, same.content
    assert (same.json()["rerun_of"], same.json()["version"], same.json()["inputs"]) == (job.pk, 1, {"n": 5})
    active = post(desk, job, "rerun", {"version": "active"}, **{"Idempotency-Key": "k"}).json()
    assert active["version"] == 2
    assert post(desk, job, "rerun", {"version": "active"}, **{"Idempotency-Key": "k"}).json() == active
    assert post(desk, job, "rerun", {"version": 2}).status_code == 422
    desk.drain()
    assert desk.api().get(f"/jobs/{active['id']}/").json()["outputs"] == {"total": 2.0}


def test_purged_inputs_cannot_run_again(desk):
    job = desk.run(SUM)
    Payload.objects.filter(job=job, path="", kind=PayloadKind.INPUTS).update(
        body=None, salt=None, purged_at=timezone.now() - timedelta(days=1)
    )
    answer = post(desk, job, "rerun")
    assert (answer.status_code, answer.json()["code"]) == (409, "inputs_purged")
    assert desk.api().get(f"/jobs/{job.pk}/").json()["inputs"] is None


# ---------------------------------------------------------------- audit
def test_the_entries_of_a_job_come_in_order(desk):
    job = desk.run(SUM)
    entries: list[dict] = []
    address = f"/jobs/{job.pk}/audit/?page_size=2"
    while address:  # how many entries there are depends on how many steps were written in one go
        page = desk.api("viewer").get(address.removeprefix("http://testserver")).json()
        entries += page["results"]
        assert len(page["results"]) == 2 or page["next"] is None
        address = page["next"]
    job.refresh_from_db()
    assert [entry["seq"] for entry in entries] == list(range(1, job.head_seq + 1))
    assert len(entries) > 2, "one page would not show that the next goes on where it ended"
    assert entries[0]["action"] == "job.created"
    assert entries[-1]["action"] == "job.completed"
    assert entries[1]["previous_hash"] == entries[0]["hash"]
    last = desk.api().get(f"/jobs/{job.pk}/audit/?ordering=-seq&page_size=1").json()
    assert last["results"] == entries[-1:]
    assert desk.api().get(f"/jobs/{job.pk}/audit/?ordering=body").status_code == 422


# ---------------------------------------------------------------- who may
@pytest.mark.parametrize(
    ("role", "allowed"),
    [("viewer", False), ("auditor", False), ("auditor+", False), ("operator", True), ("builder", True)],
)
@pytest.mark.parametrize("what", ["cancel", "resume", "rerun"])
def test_operators_and_those_above_control_jobs(desk, role, allowed, what):
    job = desk.run(DELAYED if what == "cancel" else SUM, **({} if what == "cancel" else {"n": 0}))
    answer = post(desk, job, what, role=role)
    assert (answer.status_code < 300) is allowed
    if not allowed:
        assert (answer.status_code, answer.json()["code"]) == (403, "role_too_low")
    assert desk.stranger().post(f"/jobs/{job.pk}/{what}/", {}).status_code == 404
    assert desk.anonymous().post(f"/jobs/{job.pk}/{what}/", {}).status_code == 401


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_job_is_never_edited_or_deleted(desk, method):
    job = desk.run(SUM)
    answer = getattr(desk.api("admin"), method)(
        f"/jobs/{job.pk}/", {"status": "failed"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
