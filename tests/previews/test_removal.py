"""Previews are removed after a day, with what only they have; jobs never."""

from datetime import timedelta

import pytest

from audit.models import AuditEntry
from audit.verify import verify_workspace
from common import clock
from jobs.models import Blob, File, Job, Payload, Preview, StepRun, Wait
from jobs.previews import remove_old_previews
from jobs.previews.removal import PARTS
from jobs.states import JobStatus
from tests.engine.lab import outputs
from workflows.models import WorkflowVersion

pytestmark = pytest.mark.django_db
ALL = """
inputs: [{key: n, type: integer, default: 3}]
steps:
  - {key: rows, type: csv.write, config: {rows: [{a: 1}], filename: rows.csv}}
  - {key: wait, type: delay, duration: 2h}
  - {key: call, type: workflow, workflow: inner, inputs: {}}
  - {key: big, type: code, source: "'x' * 100_000"}
outputs: [{key: n, type: integer, value: inputs.n}]
"""


def made_ago(job, **ago):
    """As if it had been made then."""
    Job.objects.filter(pk=job.pk).update(created_at=clock.now() - timedelta(**ago))


@pytest.fixture
def filled(bench):
    """A job and a preview of the same draft, both ended, each with a sub-job, a file, waits and a large value."""
    bench.workflow(
        "steps: [{key: a, type: text.render, config: {text: hello, filename: a.txt}}]", slug="inner"
    )
    bench.workflow(ALL)
    job = bench.start()
    preview = bench.preview(ALL)
    bench.pass_time(3 * 3600)
    bench.drain()
    job.refresh_from_db()
    assert (job.status, preview.status) == (JobStatus.COMPLETED, JobStatus.COMPLETED)
    return job, preview


def counts():
    return {model.__name__: model.objects.count() for model in (Job, *PARTS)}


def test_after_a_day_a_preview_is_gone_with_everything_that_it_had(filled):
    job, preview = filled
    family = Job.objects.filter(root=preview.pk)
    assert File.objects.filter(job__in=[preview.pk, *family]).count() == 2
    made_ago(preview, hours=25)
    made_ago(job, hours=25)
    assert remove_old_previews() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {job.pk, Job.objects.get(parent=job).pk}
    for part in PARTS:
        assert not part.objects.exclude(job__in=Job.objects.all()).exists(), part
    assert outputs(job) == {"n": 3}
    assert File.objects.filter(job=job).exists()


def test_before_a_day_has_passed_it_stays(filled):
    _, preview = filled
    made_ago(preview, hours=23)
    before = counts()
    assert remove_old_previews() == 0
    assert counts() == before


def test_a_job_is_never_removed_however_old(filled):
    job, preview = filled
    Job.objects.all().update(created_at=clock.now() - timedelta(days=4000))
    assert remove_old_previews() == 1
    assert Job.objects.filter(pk=job.pk).exists()
    assert not Job.objects.filter(pk=preview.pk).exists()


def test_one_that_has_not_ended_is_stopped_first_and_goes_the_next_time(bench):
    waiting = bench.begin("steps: [{key: a, type: set, values: {v: 1}}]")
    made_ago(waiting, hours=25)
    assert remove_old_previews() == 1  # never started: cancelled at once
    running = bench.begin(
        "steps: [{key: night, type: delay, duration: 9h}, {key: b, type: set, values: {v: 1}}]"
    )
    bench.drain()
    made_ago(running, hours=25)
    assert remove_old_previews() == 0
    bench.drain()
    running.refresh_from_db()
    assert running.status == JobStatus.CANCELLED
    assert remove_old_previews() == 1


def test_the_log_verifies_after_a_removal_and_no_version_is_touched(filled, bench):
    _, preview = filled
    made_ago(preview, hours=25)
    entries, versions = AuditEntry.objects.count(), WorkflowVersion.objects.count()
    remove_old_previews()
    assert (AuditEntry.objects.count(), WorkflowVersion.objects.count()) == (entries, versions)
    assert verify_workspace(bench.actor.workspace).ok


def test_nothing_that_refers_to_a_job_is_forgotten():
    """Whoever adds a table with a foreign key to jobs must say what becomes of its rows."""
    referring = {
        relation.related_model
        for relation in Job._meta.get_fields(include_hidden=True)
        if relation.one_to_many or (relation.one_to_one and relation.auto_created)
    }
    assert referring - {Job} == set(PARTS)


def test_a_file_that_a_preview_made_is_no_input_of_a_job_since_it_will_be_gone(filled, bench):
    job, preview = filled
    bench.workflow("inputs: [{key: f, type: file}]\nsteps: []", slug="takes")
    lasting = File.objects.get(job=job)
    assert bench.start("takes", f=lasting.pk)
    for maker in (preview, Job.objects.get(parent=preview)):
        passing = File.objects.get(job=maker)
        with pytest.raises(Exception, match="invalid_inputs"):
            bench.start("takes", f=passing.pk)


def test_the_bytes_go_with_the_blobs_that_nothing_names(filled):
    _, preview = filled
    own = set(Payload.objects.filter(job=preview).exclude(blob=None).values_list("blob", flat=True))
    assert own
    made_ago(preview, hours=25)
    remove_old_previews()
    assert Blob.objects.filter(pk__in=own).count() == len(own)  # the job has the same large value
    assert Wait.objects.exists()
    assert StepRun.objects.exists()
    assert not Preview.objects.exists()
