"""Time limits of jobs and of actions, and what has happened by then."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit.verify import verify_workspace
from common.errors import StepError
from jobs import transitions
from jobs.engine.scheduler import CANCEL_GRACE
from jobs.models import Job, StepRun
from tests.engine.lab import error_of, statuses
from tests.engine.moments import after_commits, let_the_limit_pass, replace_action
from tests.engine.test_takeover import run_with_deaths

SLEEPER = "steps: [{key: d, type: delay, duration: 1h}]"
CALLER = "timeout: 60\nsteps: [{key: call, type: workflow, workflow: sub, inputs: {}}]"
LATE = {"text": "x", "file": None}


def test_a_limit_with_a_waiting_sub_job_says_limit_exceeded(lab):
    lab.workflow(SLEEPER, slug="sub")
    lab.workflow(CALLER)
    job = lab.start()
    lab.drain()
    let_the_limit_pass(job)
    lab.pass_time(0)
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "limit_exceeded")
    child = Job.objects.get(parent=job)
    assert (child.status, child.error_code) == ("failed", "limit_exceeded")
    assert verify_workspace(lab.actor.workspace).ok


def test_a_resume_after_the_limit_goes_on_in_the_sub_job_and_repeats_nothing(lab, monkeypatch):
    ran = []

    def act(config, context):
        ran.append(context.idempotency_key)
        return LATE

    replace_action(monkeypatch, "text.render", act)
    lab.workflow(
        "steps: [{key: paid, type: text.render, config: {text: a}}, {key: d, type: delay, duration: 1h}]",
        slug="sub",
    )
    lab.workflow(CALLER)
    job = lab.start()
    lab.drain()
    let_the_limit_pass(job)
    lab.pass_time(0)
    lab.drain()
    transitions.resume(job.pk, actor="test")
    lab.drain()
    lab.pass_time(3700)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert len(ran) == 1
    assert Job.objects.get(parent=job).generation == 1


@pytest.mark.parametrize("completes", [False, True], ids=["it fails", "it completes all the same"])
def test_the_limit_reaches_a_sub_job_that_another_worker_has_in_hand(lab, monkeypatch, completes):
    lab.workflow("steps: [{key: one, type: text.render, config: {text: a}}]", slug="sub")
    lab.workflow(CALLER[:-1] + ", {key: after, type: set, values: {x: 1}}]")
    job = lab.start()
    keys: list[str] = []
    pokes: list[Callable[[], None]] = []

    def act(config, context):
        keys.append(context.idempotency_key)
        if len(keys) > 1:
            return LATE
        pokes.pop()()  # the beat tells the owner only now, when the action has begun
        assert context.cancelled.wait(8)
        if completes:
            return LATE
        raise StepError("cancelled", "The step was stopped.", answered=False)

    def end_the_time_once(batch):
        if batch.job_id != job.pk and not (keys or pokes):
            pokes.append(lab.worker.poke)
            let_the_limit_pass(job)
            lab.pass_time(0)
            lab.step()  # stands for another worker

    replace_action(monkeypatch, "text.render", act)
    after_commits(monkeypatch, end_the_time_once)
    lab.drain()
    job.refresh_from_db()
    child = Job.objects.get(parent=job)
    ended = ("failed", "limit_exceeded")
    assert (child.status, child.error_code) == (("completed", "") if completes else ended)
    assert (job.status, job.error_code) == ended
    transitions.resume(job.pk, actor="test")
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert keys == [keys[0]] * (1 if completes else 2)


def test_a_delay_and_the_limit_can_be_due_at_once(lab):
    lab.workflow("timeout: 60\nsteps: [{key: d, type: delay, duration: 30s}]")
    job = lab.start()
    lab.drain()
    let_the_limit_pass(job)
    lab.pass_time(100)
    lab.drain()
    job.refresh_from_db()
    assert job.status in ("failed", "completed")


def test_an_action_that_the_limit_cut_off_is_repeated_under_the_same_key(lab, monkeypatch):
    released, keys = threading.Event(), []

    def act(config, context):
        keys.append(context.idempotency_key)
        if len(keys) == 1:
            released.wait(8)
        return LATE

    replace_action(monkeypatch, "text.render", act)
    monkeypatch.setattr("jobs.engine.scheduler.CANCEL_GRACE", 0.2)
    lab.workflow("timeout: 1\nsteps: [{key: one, type: text.render, config: {text: a}}]")
    job = lab.start()
    lab.drain()
    released.set()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "limit_exceeded")
    transitions.resume(job.pk, actor="test")
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert len(keys) == 2
    assert keys[0] == keys[1], "an unknown outcome is never repeated under a new key"


GUARDED = """
timeout: 60
steps:
  - key: guarded
    type: try
    steps: [{key: d, type: delay, duration: 1h}]
    finally: [%s]
  - {key: after, type: text.render, config: {text: never}}
"""


def test_a_death_in_finally_after_the_limit_does_not_let_the_job_walk_on(lab, monkeypatch):
    lab.workflow(GUARDED % "{key: tidy, type: text.render, config: {text: t}}")
    job = lab.start()
    lab.drain()
    let_the_limit_pass(job)
    lab.pass_time(0)
    assert run_with_deaths(lab, monkeypatch, commit=1, after=True)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "limit_exceeded")
    assert "after" not in statuses(job)


def test_a_sub_job_in_finally_after_the_limit_does_not_let_the_job_walk_on(lab):
    lab.workflow("steps: [{key: s, type: set, values: {x: 1}}]", slug="sub")
    lab.workflow(GUARDED % "{key: tidy, type: workflow, workflow: sub, inputs: {}}")
    job = lab.start()
    lab.drain()
    let_the_limit_pass(job)
    lab.pass_time(0)
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "limit_exceeded")
    assert statuses(job)["tidy"] == "completed"
    assert "after" not in statuses(job)


PAIR = """
steps:
  - key: each
    type: for_each
    items: "[1, 2]"
    concurrency: 2
    on_item_error: continue
    steps: [{key: t, type: text.render, idempotent: false, timeout: 1, retry: none, config: {text: "{{ str(item) }}"}}]
"""


def test_waiting_for_a_thread_does_not_count_against_the_time_of_an_action(lab, monkeypatch):
    released, ran = threading.Event(), []

    def act(config, context):
        ran.append(config["text"])
        if len(ran) == 1:
            context.cancelled.wait(5)
            released.wait(0.2)  # keeps its thread beyond the time it was given
        return LATE

    with ThreadPoolExecutor(max_workers=1) as pool:
        monkeypatch.setattr("jobs.engine.scheduler._actions", pool)
        monkeypatch.setattr("jobs.engine.owner.OVERDUE_GRACE", 0.1)
        replace_action(monkeypatch, "text.render", act)
        job = lab.run(PAIR)
    assert job.status == "completed", error_of(job)
    assert sorted(ran) == ["1", "2"]
    found = statuses(job)
    assert {found["each[0].t"], found["each[1].t"]} == {"failed", "completed"}


def test_an_action_that_waits_for_a_thread_ends_at_once_and_never_starts(lab, monkeypatch):
    ran = []

    def act(config, context):
        ran.append(config["text"])
        assert context.cancelled.wait(8)
        return LATE

    def cancel_once(batch):
        if StepRun.objects.filter(job=job, key="t").count() == 2:
            transitions.request_cancel(job.pk, actor="test")
            lab.worker.poke()

    lab.workflow(PAIR)
    job = lab.start()
    with ThreadPoolExecutor(max_workers=1) as pool:
        monkeypatch.setattr("jobs.engine.scheduler._actions", pool)
        replace_action(monkeypatch, "text.render", act)
        after_commits(monkeypatch, cancel_once)
        began = time.monotonic()
        lab.drain()
        assert time.monotonic() - began < CANCEL_GRACE
        job.refresh_from_db()
        assert job.status == "cancelled"
    assert len(ran) == 1


def test_an_input_that_cannot_be_kept_takes_no_thread_from_the_others(lab, monkeypatch, settings):
    settings.MAX_OUTPUT_BYTES = 2_000
    monkeypatch.setattr("jobs.engine.scheduler.MAX_EFFECTS", 1)
    lab.workflow(
        """
        steps:
          - {key: big, type: text.render, on_error: continue, config: {text: "{{ 'x' * 3000 }}"}}
          - {key: small, type: text.render, config: {text: "x"}}
        """
    )
    job = lab.start()
    end = threading.Timer(
        5, lambda: (lab.worker.stopping.set(), lab.worker.poke())
    )  # else it would wait for ever
    end.start()
    lab.step()
    end.cancel()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert statuses(job) == {"big": "failed", "small": "completed"}


LONG = "x" * 100_000
TOO_LONG = {
    "a message": "{key: s, type: fail, message: '{{ inputs.t }}', reason: '{{ inputs.t }}'}",
    "details": "{key: s, type: fail, message: '{{ inputs.t }}', details: '{{ inputs.t }}'}",
    "a config": "{key: s, type: text.render, config: {text: '{{ [inputs.t] }}'}}",
    "code": "{key: s, type: code, source: \"raise ValueError(inputs['t'])\", inputs: {t: '{{ inputs.t }}'}}",
    "an expression": "{key: s, type: set, values: {x: '{{ {}[inputs.t] }}'}}",
}


@pytest.mark.parametrize("step", TOO_LONG.values(), ids=TOO_LONG)
def test_an_error_does_not_repeat_what_is_too_long(lab, step):
    job = lab.run(f"inputs: [{{key: t, type: text}}]\nsteps: [{step}]", t=LONG)
    assert job.status == "failed"
    assert len(job.error) < 20_000


def test_a_config_that_does_not_fit_is_told_in_words(lab):
    job = lab.run(
        "steps: [{key: s, type: text.render, config: {text: '{{ [1] * 5000 }}', filename: '{{ 1 }}'}}]"
    )
    error = error_of(job)
    assert error["code"] == "wrong_type"
    assert "config.filename: Expected a text, got the number 1." in error["message"]
    assert "config.text: Expected" in error["message"]
