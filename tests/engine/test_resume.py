"""A resume goes on from what failed; what it walks again, it walks anew."""

import pytest

from common.canonical import Json
from common.errors import Problem
from jobs import services, transitions
from jobs.models import Job
from jobs.selectors import steps_view
from tests.engine.lab import error_of, statuses, value

SUB = "steps: [{key: s, type: set, values: {x: 1}}]"


def _resume(lab, job: Job) -> None:
    transitions.resume(job.pk, actor="test")
    lab.drain()
    job.refresh_from_db()


def test_a_sub_job_in_finally_is_run_again_when_a_resume_walks_finally_again(lab):
    lab.workflow(SUB, slug="sub")
    job = lab.run(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: boom, type: fail, message: broken}]
            finally: [{key: tidy, type: workflow, workflow: sub, inputs: {}}]
        """
    )
    assert job.status == "failed"
    _resume(lab, job)
    assert job.status == "failed", (job.status, statuses(job))
    assert list(Job.objects.filter(parent=job).values_list("status", flat=True)) == ["completed"] * 2


def test_finish_stands_after_its_outputs_were_refused(lab):
    job = lab.run(
        """
        steps:
          - {key: stop, type: finish, when: "1 == 1", outputs: {v: "{{ inputs.get('v', 'not a number') }}"}}
          - {key: after, type: text.render, config: {text: never}}
        outputs: [{key: v, type: integer, value: "1 + 1"}]
        """
    )
    assert (job.status, job.error_code) == ("failed", "output_invalid")
    assert "after" not in statuses(job)
    _resume(lab, job)
    assert "after" not in statuses(job), (job.status, statuses(job))


def test_the_errors_of_a_loop_are_those_of_its_last_walk(lab):
    job = lab.run(
        """
        steps:
          - key: each
            type: for_each
            items: "[1, 2]"
            steps:
              - key: b
                type: code
                source: "1 / (inputs['a'] - 1) if inputs['i'] == 2 else 1"
                inputs: {a: "{{ step.attempt }}", i: "{{ item }}"}
          - {key: end, type: set, values: {failed: "{{ steps.each.failed }}", errors: "{{ steps.each.errors }}"}}
        """
    )
    assert job.status == "failed"
    _resume(lab, job)
    assert job.status == "completed", (error_of(job), statuses(job))
    assert value(job, "end") == {"failed": 0, "errors": []}


def test_a_job_that_was_given_up_after_deaths_can_be_resumed(lab):
    lab.workflow("steps: [{key: d, type: delay, duration: 1h}]")
    job = lab.start()
    lab.drain()
    Job.objects.filter(pk=job.pk).update(deaths=5, status="queued", due_at=None)
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "internal_error")
    _resume(lab, job)
    lab.pass_time(3700)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed"


def test_what_only_an_earlier_walk_of_finally_came_to_is_skipped_in_the_next(lab):
    job = lab.run(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: boom, type: code, source: "1 / (inputs['a'] - 1)", inputs: {a: "{{ step.attempt }}"}}]
            catch: [{steps: [{key: note, type: set, values: {x: 1}}, {key: bad, type: fail, message: again}]}]
            finally:
              - key: way
                type: branch
                branches:
                  - key: first
                    when: step.attempt == 1
                    steps: [{key: left, type: set, values: {x: 1}}]
                else: {steps: [{key: right, type: set, values: {x: 1}}]}
              - key: each
                type: for_each
                items: "range(3 if step.attempt == 1 else 1)"
                steps: [{key: tidy, type: text.render, config: {text: "{{ item }}"}}]
        """
    )
    before = statuses(job)
    assert before["each[2].tidy"] == before["note"] == before["left"] == "completed"
    _resume(lab, job)
    assert job.status == "completed", error_of(job)
    assert {path: status for path, status in statuses(job).items() if status == "completed"}.keys() == {
        "guarded", "boom", "way", "right", "each", "each[0]", "each[0].tidy",
    }  # fmt: skip
    shown = _all_steps(job, size=100)
    by_path = {step["path"]: step for step in shown}
    assert len(by_path) == len(shown)
    assert sorted(step["path"] for step in _all_steps(job, size=2)) == sorted(by_path)
    gone = by_path["each[2].tidy"]
    assert (gone["status"], gone["reason"], gone["output"]) == ("skipped", "not_reached", None)
    assert [attempt["error"] for attempt in gone["attempts"]] == [None]


def _all_steps(job: Job, *, size: int) -> list[dict[str, Json]]:
    """What all pages of that size show."""
    after: int | None = 0
    shown = []
    while after is not None:
        page = steps_view(job, sees_payloads=True, after=after, size=size)
        shown += page.steps
        after = page.next
    return shown


SLOW_SUB = """
steps:
  - {key: paid, type: text.render, config: {text: a}}
  - {key: d, type: delay, duration: 1h}
"""


def _give_up_while_a_sub_job_waits(lab) -> Job:
    lab.workflow(SLOW_SUB, slug="sub")
    lab.workflow("steps: [{key: call, type: workflow, workflow: sub, inputs: {}, on_error: continue}]")
    job: Job = lab.start()
    lab.drain()
    Job.objects.filter(pk=job.pk).update(deaths=5, status="queued", due_at=None)
    lab.step()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "internal_error")
    return job


def test_a_sub_job_of_a_job_that_was_given_up_fails_and_a_resume_goes_on_with_it(lab):
    job = _give_up_while_a_sub_job_waits(lab)
    with pytest.raises(Problem, match=r"Sub-job #[0-9]+ is still stopping") as refused:
        services.resume_job(actor=lab.actor, job=job)
    assert refused.value.code == "not_resumable"
    lab.drain()
    child = Job.objects.get(parent=job)
    assert (child.status, child.error_code) == ("failed", "limit_exceeded")
    assert "the job that started it" in child.error_summary
    _resume(lab, job)
    lab.pass_time(3700)
    lab.drain()
    job.refresh_from_db()
    assert (job.status, statuses(job)) == ("completed", {"call": "completed"}), error_of(job)
    child = Job.objects.get(parent=job)
    assert (child.status, child.step_runs.get(path="paid").attempt) == ("completed", 1)


def test_a_sub_job_that_completed_after_its_job_was_given_up_is_not_run_again(lab):
    job = _give_up_while_a_sub_job_waits(lab)
    Job.objects.filter(parent=job).update(deadline_at=None)  # it had all but ended when it was told
    lab.pass_time(3700)
    lab.drain()
    assert Job.objects.get(parent=job).status == "completed"
    _resume(lab, job)
    assert job.status == "completed", error_of(job)
    assert Job.objects.get(parent=job).generation == 0


def test_a_race_in_catch_has_a_new_winner_when_catch_is_walked_again(lab):
    job = lab.run(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: boom, type: fail, message: broken}]
            catch:
              - steps:
                - key: race
                  type: parallel
                  wait_for: any
                  branches:
                    - key: one
                      steps:
                        - {key: o, type: fail, when: "step.attempt == 2", message: lost}
                        - {key: oo, type: set, values: {x: 1}}
                    - {key: two, steps: [{key: t, type: delay, duration: 1m}, {key: tt, type: set, values: {x: 2}}]}
                - {key: bad, type: fail, when: "step.attempt == 1", message: again}
        """
    )
    assert job.status == "failed"
    assert error_of(job)["message"] == "again"
    assert value(job, "race") == {"one": {"x": 1}, "two": None}
    _resume(lab, job)
    lab.pass_time(61)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert value(job, "race") == {"one": None, "two": {"x": 2}}


def test_a_sub_job_is_retried_as_often_as_the_step_says_and_anew_after_a_resume(lab):
    lab.workflow("steps: [{key: boom, type: fail, message: broken}]", slug="sub")
    retry = "retry: {max_attempts: 2, delay: 10s, errors: [subworkflow_failed]}"
    lab.workflow(f"steps: [{{key: call, type: workflow, workflow: sub, {retry}}}]")
    job = lab.start()
    for attempts in (2, 4):
        lab.drain()
        job.refresh_from_db()
        assert job.status == "waiting"
        lab.pass_time(11)
        lab.drain()
        job.refresh_from_db()
        assert (job.status, job.error_code) == ("failed", "subworkflow_failed")
        assert job.step_runs.get(path="call").attempt == attempts
        assert Job.objects.get(parent=job).generation == attempts - 1
        transitions.resume(job.pk, actor="test")
