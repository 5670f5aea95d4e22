from datetime import timedelta

import pytest
from django.db.models.functions import Now

from common.clock import now
from jobs.engine import sweep
from jobs.models import Job, Wait, Worker
from jobs.models.job import Priority
from jobs.states import JobStatus, WaitKind
from tests.queue.conftest import MakeJob, MakeWorker

ELSEWHERE = {"host": "elsewhere", "boot_id": "other"}
DEAD_HERE = {"pid_start": "1"}  # this process's pid, but another process had it


def in_hand(make_job: MakeJob, worker: Worker, **fields: object) -> Job:
    return make_job(status=JobStatus.IN_PROGRESS, owner=worker, fence=1, **fields)


def test_a_waiting_job_whose_time_has_come_goes_back_in_line(make_job: MakeJob) -> None:
    past, future = now() - timedelta(minutes=1), now() + timedelta(hours=1)
    come = make_job(status=JobStatus.WAITING, due_at=past, priority=Priority.HIGH)
    not_come = make_job(status=JobStatus.WAITING, due_at=future)
    assert sweep.due() == 1
    come.refresh_from_db()
    not_come.refresh_from_db()
    assert (come.status, come.run_at, come.due_at) == (JobStatus.QUEUED, past, None)
    assert abs(come.claim_at - (past - timedelta(minutes=10))) < timedelta(milliseconds=2)
    assert not_come.status == JobStatus.WAITING
    assert sweep.due() == 0


def test_the_next_due_time_is_told_in_seconds(make_job: MakeJob) -> None:
    assert sweep.seconds_to_next_due() is None
    make_job(status=JobStatus.WAITING, due_at=now() + timedelta(seconds=100))
    left = sweep.seconds_to_next_due()
    assert left is not None
    assert 95 < left <= 100


def test_the_jobs_of_a_process_that_died_here_are_taken_over_at_once(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    worker = make_worker(**DEAD_HERE)
    job = in_hand(make_job, worker)
    assert sweep.takeover() == 1
    worker.refresh_from_db()
    again = Job.objects.get(pk=job.pk)
    assert worker.gone_at is not None
    assert (again.status, again.owner_id, again.deaths, again.lost_fence, again.run_at) == (
        JobStatus.QUEUED,
        None,
        1,
        job.fence,
        job.run_at,
    )
    assert sweep.takeover() == 0


def test_the_jobs_of_a_worker_elsewhere_are_taken_over_when_its_lease_is_over(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    in_hand(make_job, make_worker(lease=-1, **ELSEWHERE))
    kept = in_hand(make_job, make_worker(lease=30, **ELSEWHERE))
    assert sweep.takeover() == 1
    kept.refresh_from_db()
    assert kept.status == JobStatus.IN_PROGRESS


def test_a_living_worker_of_this_host_keeps_its_job_over_any_jump_of_the_clock(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    worker = make_worker(lease=-86_400)
    job = in_hand(make_job, worker)
    assert sweep.takeover() == 0
    job.refresh_from_db()
    worker.refresh_from_db()
    assert (job.status, worker.gone_at) == (JobStatus.IN_PROGRESS, None)


@pytest.mark.parametrize(
    "fields", [{"stopping_at": Now(), **DEAD_HERE}, {"boot_id": "before the reboot", "lease": -1}]
)
def test_a_worker_that_was_stopping_or_whose_host_restarted_is_not_held_against_the_job(
    make_job: MakeJob, make_worker: MakeWorker, fields: dict[str, object]
) -> None:
    job = in_hand(make_job, make_worker(**fields))
    assert sweep.takeover() == 1
    job.refresh_from_db()
    assert (job.status, job.deaths) == (JobStatus.QUEUED, 0)


def test_a_claim_that_was_committed_while_its_worker_was_marked_gone_is_undone(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    job = in_hand(make_job, make_worker(gone_at=Now()))
    assert sweep.takeover() == 1
    job.refresh_from_db()
    assert (job.status, job.deaths) == (JobStatus.QUEUED, 0)


def test_a_job_that_waits_for_nothing_is_found_and_put_back_in_line(
    make_job: MakeJob, caplog: pytest.LogCaptureFixture
) -> None:
    lost = make_job(status=JobStatus.WAITING)
    timed = make_job(status=JobStatus.WAITING, due_at=now() + timedelta(hours=1))
    asked = make_job(status=JobStatus.WAITING)
    Wait.objects.create(job=asked, path="ask", kind=WaitKind.APPROVAL, since=now())
    assert sweep.orphans() == 1
    found = {job.pk: job.status for job in Job.objects.all()}
    assert found == {lost.pk: JobStatus.QUEUED, timed.pk: JobStatus.WAITING, asked.pk: JobStatus.WAITING}
    assert f"Job #{lost.pk} was waiting for nothing" in caplog.text


def test_rows_of_workers_are_removed_a_day_after_they_went(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    old, new = now() - timedelta(days=2), now() - timedelta(hours=1)
    make_worker(gone_at=old)
    kept = {make_worker(gone_at=new).pk, make_worker().pk, (owner := make_worker(gone_at=old)).pk}
    in_hand(make_job, owner)
    assert sweep.remove_old_workers() == 1
    assert set(Worker.objects.values_list("pk", flat=True)) == kept
