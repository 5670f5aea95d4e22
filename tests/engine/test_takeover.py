"""A job whose worker died, stopped or lost its lease goes on exactly where its rows say."""

import threading

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from audit.verify import verify_workspace
from jobs import transitions
from jobs.engine import runner
from jobs.engine.claim import Claim
from jobs.engine.journal import Journal
from jobs.models import Job, Worker
from tests.engine.lab import Lab, LabWorker, error_of, outputs, statuses, value
from tests.engine.moments import replace_action


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs."""


class DyingJournal(Journal):
    """Dies before or after its n-th commit."""

    left = 0
    after = False

    def write(self, batch):
        type(self).left -= 1
        if type(self).left == 0 and not self.after:
            raise Killed
        written = super().write(batch)
        if type(self).left == 0:
            raise Killed
        return written


def die_at(monkeypatch, commit: int, *, after: bool) -> None:
    DyingJournal.left, DyingJournal.after = commit, after
    monkeypatch.setattr("jobs.engine.commits.Journal", DyingJournal)


def take_over(lab: Lab) -> None:
    """What the sweep does when the worker is gone; a new worker goes on."""
    Worker.objects.filter(pk=lab.worker.id).update(gone_at=timezone.now())
    for job in Job.objects.filter(owner=lab.worker.id, status="in_progress"):
        Job.objects.filter(pk=job.pk).update(
            status="queued", owner=None, deaths=job.deaths + 1, lost_fence=job.fence
        )
    lab.worker = LabWorker()


def run_with_deaths(lab: Lab, monkeypatch, *, commit: int, after: bool) -> bool:
    """Drain, dying once at that commit. False: it came to rest before."""
    die_at(monkeypatch, commit, after=after)
    died = False
    for _ in range(200):
        try:
            if not lab.step():
                return died
        except Killed:
            died = True
            take_over(lab)
    raise AssertionError("never came to rest")


EVERYTHING = """
inputs: [{key: n, type: integer, default: 3}]
steps:
  - {key: first, type: set, values: {x: "{{ inputs.n }}"}}
  - key: each
    type: for_each
    items: range(inputs.n)
    concurrency: 2
    steps:
      - {key: call, type: workflow, workflow: sub, inputs: {n: "{{ item }}"}}
      - {key: text, type: text.render, config: {text: "item {{ item }}"}}
    collect: steps.call.output.v
  - key: guarded
    type: try
    steps: [{key: boom, type: fail, message: broken}]
    catch: [{steps: [{key: note, type: text.render, config: {text: "{{ error.message }}"}}]}]
    finally: [{key: tidy, type: text.render, config: {text: tidy}}]
  - key: both
    type: parallel
    branches:
      - {key: left, steps: [{key: l, type: text.render, config: {text: left}}], value: steps.l.output.text}
      - {key: right, steps: [{key: r, type: code, source: "1 + 1"}]}
  - key: turns
    type: repeat
    max_times: 5
    until: index == 1
    steps: [{key: t, type: text.render, config: {text: "turn {{ index }}"}}]
    collect: steps.t.output.text
outputs:
  - {key: all, type: list, value: steps.each.output}
  - {key: both, type: object, value: steps.both.output}
  - {key: turns, type: list, value: steps.turns.output}
  - {key: note, type: text, value: steps.note.output.get('text'), required: false}
"""
SUB = """
inputs: [{key: n, type: integer}]
steps: [{key: double, type: code, source: "inputs['n'] * 2", inputs: {n: "{{ inputs.n }}"}}]
outputs: [{key: v, type: integer, value: steps.double.output}]
"""
EXPECTED = {
    "all": [0, 2, 4], "both": {"left": "left", "right": 2}, "turns": ["turn 0", "turn 1"], "note": "broken",
}  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_at_any_commit_changes_nothing_in_the_result(lab, monkeypatch, after):
    lab.workflow(SUB, slug="sub")
    lab.workflow(EVERYTHING)
    commit = 0
    while True:
        commit += 1
        job = lab.start()
        if not run_with_deaths(lab, monkeypatch, commit=commit, after=after):
            break
        job.refresh_from_db()
        assert job.status == "completed", (commit, error_of(job))
        assert outputs(job) == EXPECTED, commit
        assert set(statuses(job).values()) <= {"completed", "failed"}, commit
    assert commit > 15
    assert verify_workspace(lab.actor.workspace).ok


def test_a_worker_that_was_fenced_out_writes_nothing(lab):
    lab.workflow("steps: [{key: one, type: set, values: {x: 1}}]")
    job = lab.start()
    claim = lab.claim()
    assert isinstance(claim, Claim)
    take_over(lab)
    runner.run_job(claim, lab.worker)
    job.refresh_from_db()
    assert (job.status, job.step_runs.count()) == ("queued", 0)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed"


def test_a_stopping_worker_hands_the_job_back_and_loses_nothing(lab):
    lab.workflow(
        """
        steps:
          - {key: one, type: text.render, config: {text: a}}
          - {key: two, type: text.render, config: {text: b}}
        """
    )
    job = lab.start()
    lab.worker.stopping.set()
    assert lab.step()
    job.refresh_from_db()
    assert (job.status, job.owner_id, job.deaths) == ("queued", None, 0)
    lab.worker = LabWorker()
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert {row.attempt for row in job.step_runs.all()} == {1}


def test_an_interrupted_step_that_is_not_idempotent_waits_for_a_person(lab, monkeypatch):
    lab.workflow(
        """
        steps:
          - {key: one, type: text.render, idempotent: false, config: {text: a}}
          - {key: two, type: set, values: {x: 1}}
        """
    )
    job = lab.start()
    assert run_with_deaths(lab, monkeypatch, commit=1, after=True)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "interrupted")
    transitions.resume(job.pk, actor="test")
    monkeypatch.undo()
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed"
    row = job.step_runs.get(path="one")
    assert (row.attempt, row.key_generation) == (2, 0), "an unknown outcome is never repeated under a new key"


def test_a_step_that_always_kills_its_worker_fails_at_the_third_death(lab, monkeypatch):
    lab.workflow("steps: [{key: one, type: text.render, config: {text: a}}]")
    job = lab.start()
    for _ in range(10):
        die_at(monkeypatch, 1, after=True)
        try:
            if not lab.step():
                break
        except Killed:
            take_over(lab)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "interrupted")
    assert job.step_runs.get(path="one").deaths == 3


def test_workers_that_stop_in_the_middle_of_a_step_are_no_deaths(lab, monkeypatch):
    lab.workflow("steps: [{key: one, type: text.render, config: {text: a}}]")
    job = lab.start()
    with monkeypatch.context() as patch:
        die_at(patch, 1, after=True)
        with pytest.raises(Killed):
            lab.step()
        take_over(lab)
    with monkeypatch.context() as patch:

        def stop_in_the_middle(config, context):
            lab.worker.stopping.set()
            lab.worker.poke()
            context.cancelled.wait(5)
            return {"text": "late", "file": None}

        replace_action(patch, "text.render", stop_in_the_middle)
        for _ in range(3):
            assert lab.step()
            lab.worker = LabWorker()
    job.refresh_from_db()
    assert (job.status, job.step_runs.get(path="one").deaths) == ("queued", 1)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)


@pytest.mark.parametrize(("idempotent", "status"), [("true", "completed"), ("false", "failed")])
def test_code_that_must_not_run_twice_does_not(lab, monkeypatch, idempotent, status):
    lab.workflow(
        f"steps: [{{key: one, type: code, source: 'sum(range(3_000_000))', idempotent: {idempotent}}}]"
    )
    job = lab.start()
    assert run_with_deaths(lab, monkeypatch, commit=1, after=True)
    job.refresh_from_db()
    assert job.status == status
    assert job.error_code == ("" if status == "completed" else "interrupted")


def test_deaths_without_any_finished_step_end_the_job(lab):
    lab.workflow("steps: [{key: one, type: set, values: {x: 1}}]")
    job = lab.start()
    Job.objects.filter(pk=job.pk).update(deaths=5)
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "internal_error")


def test_a_cancel_that_comes_while_a_step_runs_starts_nothing_more(lab):
    lab.workflow(
        """
        steps:
          - {key: one, type: code, source: "sum(range(3000000))"}
          - {key: two, type: text.render, config: {text: b}}
        """
    )
    job = lab.start()

    class Cancelling(LabWorker):
        def watch(self, job_id, head_seq, fence, on_change):
            transitions.request_cancel(job_id, actor="test")
            threading.Timer(0.05, on_change).start()

    lab.worker = Cancelling()
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert "two" not in statuses(job)
    actions = list(
        AuditEntry.objects.filter(stream=job.stream).order_by("seq").values_list("action", flat=True)
    )
    assert actions[-1] == "job.cancelled"
    assert value(job, "two") is None


@pytest.mark.parametrize("commit", [0, 2], ids=["undisturbed", "killed"])
def test_the_order_of_keys_does_not_depend_on_a_death(lab, monkeypatch, commit):
    lab.workflow(
        """
        steps:
          - {key: a, type: code, source: "{'b': 1, 'a': 2}"}
          - {key: hold, type: text.render, config: {text: x}}
          - {key: c, type: text.render, config: {text: "{{ str(steps.a.output) }}"}}
        """
    )
    job = lab.start()
    if commit:
        assert run_with_deaths(lab, monkeypatch, commit=commit, after=True)
    else:
        lab.drain()
    assert value(job, "c")["text"] == "{'a': 2, 'b': 1}"
