from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from common.clock import now
from jobs.engine.claim import Claim, claim_next
from jobs.models import Job
from jobs.states import JobStatus
from tests.queue.conftest import MakeJob, MakeWorker

QUEUES = ["default"]


def test_a_claim_makes_the_worker_the_owner_and_moves_the_fence(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    job, worker = make_job(title="Pay", reference="A-1"), make_worker()
    claim = claim_next(worker, QUEUES, 1)
    job.refresh_from_db()
    assert claim is not None
    assert (job.status, job.owner_id, job.fence) == (JobStatus.IN_PROGRESS, worker.pk, 1)
    assert (claim.id, claim.uid, claim.fence, claim.head_hash) == (job.pk, job.uid, 1, b"")
    assert (claim.title, claim.reference, claim.workflow_id) == ("Pay", "A-1", job.workflow_id)
    assert claim.started_at == job.started_at
    assert abs(claim.now - now()) < timedelta(seconds=5)
    assert claim.moment() >= claim.now


def test_nothing_due_gives_no_claim(make_job: MakeJob, make_worker: MakeWorker) -> None:
    make_job(run_at=now() + timedelta(hours=1))
    make_job(queue="heavy")
    make_job(needs=7)
    assert claim_next(make_worker(), QUEUES, 6) is None


def test_the_first_in_line_is_claimed_first_and_queues_in_their_order(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    moment = now()
    late = make_job(claim_at=moment)
    early = make_job(claim_at=moment - timedelta(minutes=10))
    heavy = make_job(queue="heavy", claim_at=moment - timedelta(hours=1))
    worker = make_worker()
    claims = [claim_next(worker, ["default", "heavy"], 0) for _ in range(4)]
    assert [claim.id if claim else None for claim in claims] == [early.pk, late.pk, heavy.pk, None]


def test_a_second_claim_keeps_the_start_and_raises_the_fence(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    job, worker = make_job(), make_worker()
    first = claim_next(worker, QUEUES, 0)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED, owner=None)
    second = claim_next(worker, QUEUES, 0)
    assert first is not None
    assert second is not None
    assert (second.fence, second.started_at) == (2, first.started_at)


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_each_job_has_one_winner(make_job: MakeJob, make_worker: MakeWorker) -> None:
    jobs = {make_job().pk for _ in range(20)}
    workers = [make_worker() for _ in range(4)]

    def claim_all(number: int) -> list[Claim]:
        try:
            return list(iter(lambda: claim_next(workers[number], QUEUES, 0), None))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claims = [claim for found in pool.map(claim_all, range(4)) for claim in found]
    assert sorted(claim.id for claim in claims) == sorted(jobs)
    assert {claim.fence for claim in claims} == {1}
