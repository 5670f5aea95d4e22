from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError

from jobs.engine.claim import Claim
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


def test_what_may_still_be_its_own_is_given_back_when_a_worker_ends(
    drain: Callable[[RunJob], Drain], make_job: MakeJob
) -> None:
    job = make_job()

    def lose(_claim: Claim, _worker: WorkerHandle) -> None:
        raise OperationalError("the server closed the connection")

    worker = drain(lose)
    worker()
    worker.close()
    job.refresh_from_db()
    assert (job.status, job.owner_id) == (JobStatus.QUEUED, None)


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
