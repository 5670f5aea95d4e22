"""Waiting lets go of the worker, and nothing that comes meanwhile is lost."""

from audit.models import AuditEntry
from audit.verify import verify_workspace
from jobs import services, transitions
from jobs.models import Job, Wait
from tests.engine.lab import error_of, outputs, statuses


def test_a_delay_parks_the_job_and_its_due_time_wakes_it(lab):
    lab.workflow("steps: [{key: nap, type: delay, duration: 90s}, {key: after, type: set, values: {x: 1}}]")
    job = lab.start()
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.owner_id) == ("waiting", None)
    assert job.due_at is not None
    assert statuses(job) == {"nap": "waiting"}
    lab.pass_time(60)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "waiting"
    lab.pass_time(60)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert Wait.objects.get(job=job).outcome == "due"


def test_a_past_time_is_not_waited_for(lab):
    job = lab.run("steps: [{key: nap, type: delay, until: '2020-01-01'}]")
    assert job.status == "completed", error_of(job)
    assert not Wait.objects.filter(job=job).exists()


def test_a_failing_step_is_tried_again_after_its_pause(lab):
    lab.workflow(
        """
        steps:
          - key: boom
            type: code
            source: "1 // 0"
            retry: {max_attempts: 3, delay: 10s, backoff: exponential, errors: [code_error]}
        """
    )
    job = lab.start()
    for seconds in (10, 20):
        lab.drain()
        job.refresh_from_db()
        assert job.status == "waiting"
        lab.pass_time(seconds)
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "code_error")
    row = job.step_runs.get(path="boom")
    assert row.attempt == 3
    assert Wait.objects.filter(job=job, kind="retry", outcome="due").count() == 2


SUB = """
inputs: [{key: n, type: integer}]
steps:
  - {key: check, type: branch, branches: [{key: bad, when: inputs.n < 0, steps: [{key: refuse, type: fail, message: "negative"}]}]}
  - {key: double, type: set, values: {v: "{{ inputs.n * 2 }}"}}
outputs: [{key: v, type: integer, value: steps.double.output.v}]
"""


def test_a_sub_job_gives_its_outputs_to_its_step(lab):
    lab.workflow(SUB, slug="sub")
    job = lab.run(
        """
        inputs: [{key: ns, type: list}]
        steps:
          - key: each
            type: for_each
            items: inputs.ns
            concurrency: 3
            steps: [{key: call, type: workflow, workflow: sub, inputs: {n: "{{ item }}"}}]
            collect: steps.call.output.v
        outputs: [{key: all, type: list, value: steps.each.output}]
        """,
        ns=[1, 2, 3, 4, 5],
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"all": [2, 4, 6, 8, 10]}
    children = Job.objects.filter(parent=job)
    assert children.count() == 5
    assert {child.root_id for child in children} == {job.pk}
    assert verify_workspace(lab.actor.workspace).ok


def test_the_failure_of_a_sub_job_leads_to_its_step(lab):
    lab.workflow(SUB, slug="sub")
    job = lab.run("steps: [{key: call, type: workflow, workflow: sub, inputs: {n: -1}}]")
    assert (job.status, job.error_code) == ("failed", "subworkflow_failed")
    error = error_of(job)
    assert error["step"] == "call"
    assert error["detail"]["path"] == "call/refuse"
    assert error["detail"]["error"]["message"] == "negative"


def test_inputs_that_do_not_fit_the_sub_workflow_fail_the_step(lab):
    lab.workflow(SUB, slug="sub")
    job = lab.run(
        """
        inputs: [{key: o, type: object}]
        steps: [{key: call, type: workflow, workflow: sub, inputs: {n: "{{ inputs.o.x }}"}}]
        """,
        o={"x": "text"},
    )
    assert (job.status, job.error_code) == ("failed", "wrong_type")
    assert not Job.objects.filter(parent=job).exists()


def test_a_cancel_before_the_start_ends_the_job_at_once(lab):
    lab.workflow("steps: [{key: one, type: set, values: {x: 1}}]")
    job = lab.start()
    services.cancel_job(actor=lab.actor, job=job, reason="wrong file")
    job.refresh_from_db()
    assert (job.status, job.fence) == ("cancelled", 0)
    assert not lab.step()


def test_a_cancel_wakes_a_waiting_job_and_its_finally_steps_run(lab):
    lab.workflow(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: nap, type: delay, duration: 1h}, {key: never, type: set, values: {x: 1}}]
            finally: [{key: tidy, type: set, values: {x: 1}}]
          - {key: after, type: set, values: {x: 1}}
        """
    )
    job = lab.start()
    lab.drain()
    services.cancel_job(actor=lab.actor, job=job)
    services.cancel_job(actor=lab.actor, job=job)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert statuses(job) == {"guarded": "cancelled", "nap": "cancelled", "tidy": "completed"}
    assert Wait.objects.get(job=job).outcome == "withdrawn"
    actions = list(
        AuditEntry.objects.filter(stream=job.stream).order_by("seq").values_list("action", flat=True)
    )
    assert actions.count("job.cancel_requested") == 1
    assert actions[-1] == "job.cancelled"


def test_a_cancel_reaches_sub_jobs(lab):
    lab.workflow("steps: [{key: nap, type: delay, duration: 1h}]", slug="sub")
    lab.workflow("steps: [{key: call, type: workflow, workflow: sub}]")
    job = lab.start()
    lab.drain()
    services.cancel_job(actor=lab.actor, job=job)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert Job.objects.get(parent=job).status == "cancelled"
    assert statuses(job) == {"call": "cancelled"}


def test_a_resume_goes_on_from_the_failed_step(lab):
    lab.workflow(
        """
        steps:
          - {key: first, type: set, values: {x: 1}}
          - {key: soft, type: fail, message: tolerated, on_error: continue}
          - key: guarded
            type: try
            steps: [{key: boom, type: fail, message: broken}]
            catch: [{steps: [{key: again, type: fail, message: still broken}]}]
            finally: [{key: tidy, type: set, values: {x: 1}}]
        """
    )
    job = lab.start()
    lab.drain()
    for generation in (1, 2):
        services.resume_job(actor=lab.actor, job=job)
        lab.drain()
        job.refresh_from_db()
        assert (job.status, job.generation) == ("failed", generation)
        rows = {row.path: row for row in job.step_runs.all()}
        assert {path: row.attempt for path, row in rows.items()} == {
            "first": 1, "soft": 1, "guarded": generation + 1, "boom": generation + 1, "again": generation + 1,
            "tidy": generation + 1,
        }  # fmt: skip
    assert verify_workspace(lab.actor.workspace).ok


def test_a_resume_runs_failed_items_only_and_continues_failed_sub_jobs(lab):
    lab.workflow(SUB, slug="sub")
    lab.workflow(
        """
        steps:
          - key: each
            type: for_each
            items: "[1, -1, 2]"
            steps: [{key: call, type: workflow, workflow: sub, inputs: {n: "{{ item }}"}}]
        """
    )
    job = lab.start()
    lab.drain()
    job.refresh_from_db()
    assert job.status == "failed"
    children = list(Job.objects.filter(parent=job).order_by("pk").values_list("pk", flat=True))
    services.resume_job(actor=lab.actor, job=job)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "failed"
    assert list(Job.objects.filter(parent=job).order_by("pk").values_list("pk", flat=True)) == children
    assert Job.objects.filter(parent=job, generation=1).count() == 1
    assert job.step_runs.get(path="each[0].call").attempt == 1
    assert job.step_runs.get(path="each[1].call").attempt == 2


def test_a_job_over_its_time_limit_fails_and_a_resume_gives_it_time_anew(lab):
    lab.workflow("timeout: 60s\nsteps: [{key: nap, type: delay, duration: 1h}]")
    job = lab.start()
    lab.drain()
    job.refresh_from_db()
    Job.objects.filter(pk=job.pk).update(deadline_at=job.created_at)
    lab.pass_time(61)
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "limit_exceeded")
    services.resume_job(actor=lab.actor, job=job)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "waiting"
    assert job.deadline_at is not None


def test_a_sub_job_that_ended_while_its_parent_had_an_owner_is_not_lost(lab):
    lab.workflow("steps: [{key: one, type: set, values: {x: 1}}]", slug="sub")
    lab.workflow("steps: [{key: call, type: workflow, workflow: sub}]")
    job = lab.start()
    assert lab.step()
    child = Job.objects.get(parent=job)
    assert Job.objects.get(pk=job.pk).status == "waiting"
    transitions.request_cancel(child.pk, actor="test")
    assert Job.objects.get(pk=job.pk).status == "queued"
    lab.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "cancelled")
