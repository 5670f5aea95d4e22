"""A cancel that comes at an awkward moment stops the job all the same, once, and as cancelled."""

import time

import pytest

from audit.models import AuditEntry
from common.errors import StepError
from jobs import transitions
from jobs.engine.owner import Owner
from jobs.engine.runner import run_job
from jobs.models import Job
from tests.engine.lab import error_of, outputs, statuses
from tests.engine.moments import after_commits, replace_action

SUB = "steps: [{key: s, type: set, values: {x: 1}}]\noutputs: [{key: v, type: integer, value: steps.s.output.x}]"


def _actions(job: Job) -> list[str]:
    entries = AuditEntry.objects.filter(stream=job.stream).order_by("seq")
    return list(entries.values_list("action", flat=True))


def test_a_wait_that_is_settled_and_a_cancel_can_be_seen_in_one_look(lab, monkeypatch):
    lab.workflow(SUB, slug="sub")
    lab.workflow(
        """
        steps:
          - key: both
            type: parallel
            branches:
              - {key: left, steps: [{key: call, type: workflow, workflow: sub, inputs: {}}]}
              - {key: right, steps: [{key: slow, type: code, source: "sum(range(20000000))"}]}
        """
    )
    job = lab.start()

    def cancel_both(batch):
        if batch.job_id == job.pk and batch.children:
            child = Job.objects.get(parent=job)
            transitions.request_cancel(child.pk, actor="test")  # it never started: its wait is settled
            transitions.request_cancel(job.pk, actor="test")
            lab.worker.poke()

    after_commits(monkeypatch, cancel_both)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled"


def test_a_finally_that_fails_under_a_cancel_still_ends_cancelled(lab):
    lab.workflow(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: d, type: delay, duration: 1h}]
            finally: [{key: tidy, type: fail, message: broken}]
        """
    )
    job = lab.start()
    lab.drain()
    transitions.request_cancel(job.pk, actor="test")
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert statuses(job)["tidy"] == "failed"


def test_a_sub_job_that_was_about_to_be_created_leaves_no_trace_after_a_cancel(lab):
    lab.workflow(SUB, slug="sub")
    lab.workflow("steps: [{key: call, type: workflow, workflow: sub, inputs: {}}]")
    job = lab.start()
    claim = lab.claim()
    transitions.request_cancel(job.pk, actor="test")
    run_job(claim, lab.worker)
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert not Job.objects.filter(parent=job).exists()
    assert not {"child.created", "wait.opened"} & set(_actions(job))


def test_a_sub_job_that_was_about_to_be_resumed_stays_as_it_was_after_a_cancel(lab):
    lab.workflow("steps: [{key: s, type: fail, message: broken}]", slug="sub")
    job = lab.run("steps: [{key: call, type: workflow, workflow: sub, inputs: {}}]")
    assert job.status == "failed"
    transitions.resume(job.pk, actor="test")
    claim = lab.claim()
    assert claim.id == job.pk
    transitions.request_cancel(job.pk, actor="test")
    run_job(claim, lab.worker)
    job.refresh_from_db()
    child = Job.objects.get(parent=job)
    assert (child.status, child.generation) == ("failed", 0)
    assert job.status == "cancelled"


def test_an_action_that_fails_because_of_the_cancel_ends_the_job_as_cancelled(lab, monkeypatch):
    def act(config, context):
        context.cancelled.wait(5)
        raise StepError("network_error", "The connection was cut.", answered=False)

    def cancel_once(batch):
        if not Job.objects.filter(pk=job.pk).exclude(cancel_at=None).exists():
            transitions.request_cancel(job.pk, actor="test")
            lab.worker.poke()

    lab.workflow("steps: [{key: one, type: text.render, retry: none, config: {text: a}}]")
    job = lab.start()
    replace_action(monkeypatch, "text.render", act)
    after_commits(monkeypatch, cancel_once)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled", error_of(job)


@pytest.mark.parametrize("poke_first", [False, True], ids=["result first", "cancel first"])
def test_a_result_and_a_cancel_can_lie_in_the_queue_together(lab, monkeypatch, poke_first):
    lab.workflow("steps: [{key: one, type: code, source: '1 + 1'}, {key: two, type: set, values: {}}]")
    job = lab.start()
    sleep = Owner._sleep
    done: list[bool] = []

    def result_and_poke(owner):
        if not done and owner.scheduler.running:
            done.append(True)
            transitions.request_cancel(job.pk, actor="test")
            if poke_first:
                lab.worker.poke()
            while owner.scheduler.results.qsize() < 1 + poke_first:
                time.sleep(0.001)  # the sandbox ends within milliseconds
            if not poke_first:
                lab.worker.poke()
        sleep(owner)

    monkeypatch.setattr(Owner, "_sleep", result_and_poke)
    lab.drain()
    job.refresh_from_db()
    assert done
    assert job.status == "cancelled"
    assert "two" not in statuses(job)


RESUMED = {
    "step": "{key: one, type: set, values: {x: '{{ 1 // (step.attempt - 1) }}'}}",
    "action": "{key: one, type: text.render, config: {text: '{{ str(1 // (step.attempt - 1)) }}'}}",
    "item": """
    key: one
    type: for_each
    items: "[1]"
    steps: [{key: inner, type: set, values: {x: '{{ 1 // (step.attempt - 1) }}'}}]
    """,
    "turn": """
    key: one
    type: repeat
    max_times: 1
    until: "True"
    steps: [{key: inner, type: set, values: {x: '{{ 1 // (step.attempt - 1) }}'}}]
    """,
}


@pytest.mark.parametrize("step", RESUMED.values(), ids=RESUMED)
def test_a_cancel_that_comes_after_a_resume_leaves_what_failed_as_it_was(lab, step):
    job = lab.run(f"steps:\n  - {step.strip()}\n  - {{key: two, type: set, values: {{}}}}")
    assert job.status == "failed"
    before = list(job.step_runs.order_by("path").values("path", "status", "attempt"))
    transitions.resume(job.pk, actor="test")
    transitions.request_cancel(job.pk, actor="test")
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert list(job.step_runs.order_by("path").values("path", "status", "attempt")) == before


def test_the_first_of_two_finishes_is_the_only_one(lab, monkeypatch):
    lab.workflow(
        """
        steps:
          - key: both
            type: parallel
            branches:
              - {key: left, steps: [{key: one, type: finish, outputs: {v: "{{ sum([1]) }}"}}]}
              - {key: right, steps: [{key: two, type: finish, outputs: {v: "{{ sum([2]) }}"}}]}
        outputs: [{key: v, type: integer, value: "0"}]
        """
    )
    job = lab.start()
    sleep = Owner._sleep

    def both_results(owner):
        while owner.scheduler.results.qsize() < len(owner.scheduler.running):
            time.sleep(0.001)  # the sandbox ends within milliseconds
        sleep(owner)

    monkeypatch.setattr(Owner, "_sleep", both_results)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    found = statuses(job)
    assert [found.get("one"), found.get("two")].count("completed") == 1
    assert outputs(job) == {"v": 1 if found.get("one") == "completed" else 2}
