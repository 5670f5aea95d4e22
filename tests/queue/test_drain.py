from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError

from jobs.engine.claim import Claim
from jobs.engine.sweep import takeover
from jobs.engine.worker import WorkerHandle
from jobs.models import Job, Worker
from jobs.queue.drain import Drain, RunJob
from jobs.queue.flag import Flag
from jobs.states import JobStatus
from tests.queue.conftest import MakeJob

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drain() -> Iterator[Callable[[RunJob], Drain]]:
    made: list[Drain] = []

    def make(run: RunJob) -> Drain:
        made.append(Drain(stop=Flag(), run=run))
        return made[-1]

    yield make
    for each in made:
        each.close()


def complete(claim: Claim, _worker: WorkerHandle) -> None:
    Job.objects.filter(pk=claim.id).update(status=JobStatus.COMPLETED, owner=None, finished_at=claim.now)


def test_one_token_runs_every_job_that_is_due(drain: Callable[[RunJob], Drain], make_job: MakeJob) -> None:
    for _ in range(3):
        make_job()
    drain(complete)()
    assert set(Job.objects.values_list("status", flat=True)) == {JobStatus.COMPLETED}
    assert Worker.objects.count() == 1


def test_a_worker_that_shall_stop_claims_nothing_more(
    drain: Callable[[RunJob], Drain], make_job: MakeJob
) -> None:
    make_job()
    make_job()

    def complete_and_stop(claim: Claim, worker: WorkerHandle) -> None:
        complete(claim, worker)
        stopping.stop.set()

    stopping = drain(complete_and_stop)
    stopping()
    assert Job.objects.filter(status=JobStatus.QUEUED).count() == 1


def test_a_job_whose_worker_lost_the_database_is_given_back_without_another_token(
    drain: Callable[[RunJob], Drain], make_job: MakeJob
) -> None:
    job, lost = make_job(), [OperationalError("the server closed the connection")]

    def lose_once(claim: Claim, worker: WorkerHandle) -> None:
        if lost:
            raise lost.pop()
        complete(claim, worker)

    worker = drain(lose_once)
    worker()
    job.refresh_from_db()
    assert (job.status, job.deaths) == (JobStatus.QUEUED, 0)
    worker()
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED


def test_a_claim_that_arrives_after_its_worker_gave_up_is_found_by_the_sweep(
    drain: Callable[[RunJob], Drain], make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, under_way = make_job(), []

    def lose_the_answer(worker: WorkerHandle, *_: object) -> Claim | None:
        under_way.append(worker.id)
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("jobs.queue.drain.claim_next", lose_the_answer)
    unlucky = drain(complete)
    unlucky()
    late = Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED)
    assert late.update(status=JobStatus.IN_PROGRESS, owner_id=under_way[0], fence=1) == 1
    assert takeover() == 1
    monkeypatch.undo()
    unlucky()
    job.refresh_from_db()
    assert (job.status, job.deaths) == (JobStatus.COMPLETED, 0)
    assert Worker.objects.filter(gone_at=None).count() == 1


def test_a_job_that_breaks_the_engine_is_counted_and_waits_a_little(
    drain: Callable[[RunJob], Drain], make_job: MakeJob
) -> None:
    job = make_job()

    def fail(_claim: Claim, _worker: WorkerHandle) -> None:
        raise RuntimeError("a fault of the engine")

    drain(fail)()
    was = job.run_at
    job.refresh_from_db()
    assert (job.status, job.deaths) == (JobStatus.QUEUED, 1)
    assert job.run_at > was
