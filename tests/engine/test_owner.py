"""The owner's loop: what it survives, what a later owner finds, and what it tells the audit log."""

import pytest

from audit.models import AuditEntry
from common.canonical import loads
from jobs.models import Payload
from tests.engine.lab import LabWorker, error_of, statuses
from tests.engine.test_takeover import Killed, die_at, run_with_deaths, take_over


def test_a_value_of_a_branch_that_cannot_be_computed_fails_the_job_and_not_the_owner(lab):
    job = lab.run(
        """
        steps:
          - key: both
            type: parallel
            branches:
              - {key: left, steps: [{key: a, type: set, values: {x: 0}}], value: 1 / steps.a.output.x}
              - {key: right, steps: [{key: b, type: set, values: {x: 1}}]}
        """
    )
    assert (job.status, job.error_code) == ("failed", "expression_error")


def test_a_condition_is_evaluated_again_by_an_owner_that_finds_it_under_way(lab, monkeypatch):
    lab.workflow(
        """
        steps:
          - {key: one, type: text.render, when: "sum(range(3000000)) < 0", config: {text: a}}
        """
    )
    job = lab.start()
    assert run_with_deaths(lab, monkeypatch, commit=1, after=True)
    job.refresh_from_db()
    assert job.status == "completed"
    assert statuses(job) == {"one": "skipped"}


def test_the_number_of_steps_is_known_after_a_death_before_the_first_commit(lab, monkeypatch):
    lab.workflow(
        """
        steps:
          - {key: a, type: text.render, config: {text: a}}
          - {key: b, type: delay, duration: 1h}
          - {key: c, type: set, values: {}}
        """
    )
    job = lab.start()
    assert run_with_deaths(lab, monkeypatch, commit=1, after=False)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("waiting", 1, 3)


def test_the_log_binds_a_job_to_its_version_and_to_every_value(lab):
    lab.workflow("steps: [{key: s, type: set, values: {x: 1}}]", slug="called")
    job = lab.run(
        """
        steps:
          - key: each
            type: for_each
            items: "[1, 2]"
            steps: [{key: call, type: workflow, workflow: called, inputs: {}}]
        """
    )
    for each in [job, *job.children.all()]:
        bodies = list(
            AuditEntry.objects.filter(stream=each.stream).order_by("seq").values_list("body", flat=True)
        )
        assert loads(bodies[0])["data"]["digest"] == each.version.digest
        for value in Payload.objects.filter(job=each):
            assert any(bytes(value.commitment).hex() in body for body in bodies), value


def test_the_entries_of_a_job_tell_its_story_in_order(lab):
    job = lab.run("steps: [{key: a, type: set, values: {x: 1}}]")
    entries = AuditEntry.objects.filter(stream=job.stream).order_by("seq")
    assert list(entries.values_list("action", flat=True)) == [
        "job.created", "job.started", "steps.recorded", "job.completed",
    ]  # fmt: skip


def test_the_log_tells_a_takeover_from_going_on_while_a_death_is_still_counted(lab, monkeypatch):
    lab.workflow("steps: [{key: one, type: text.render, config: {text: a}}]")
    job = lab.start()
    die_at(monkeypatch, 1, after=True)
    with pytest.raises(Killed):
        lab.step()
    take_over(lab)
    monkeypatch.undo()
    lab.worker.stopping.set()
    assert lab.step()  # takes it over and hands it back, having finished nothing
    lab.worker = LabWorker()
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    actions = AuditEntry.objects.filter(stream=job.stream).order_by("seq").values_list("action", flat=True)
    begun = [action for action in actions if action in ("job.started", "job.taken_over", "job.continued")]
    assert begun == ["job.started", "job.taken_over", "job.continued"]
