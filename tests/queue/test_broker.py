import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction

from common.clock import monotonic, now
from jobs.models import Job
from jobs.queue.bell import ring
from jobs.queue.broker import DoorbellBroker
from jobs.queue.flag import Tokens
from jobs.queue.listen import Listener, listener
from jobs.states import JobStatus
from tests.queue.conftest import MakeJob

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listening() -> Iterator[Listener]:
    made = listener(["default"], 5)
    yield made
    made.close()


def in_another_connection(make_job: MakeJob, queue: str) -> None:
    def submit() -> None:
        time.sleep(0.05)  # the other thread waits by then
        with transaction.atomic():
            make_job(queue=queue)
            ring(queue)
        connection.close()

    thread = threading.Thread(target=submit)
    thread.start()
    thread.join()


def test_it_counts_what_this_cluster_can_claim_now(listening: Listener, make_job: MakeJob) -> None:
    for _ in range(3):
        make_job()
    make_job(queue="heavy")
    make_job(needs=6)
    make_job(run_at=now() + timedelta(hours=1))
    assert listening.claimable(10) == 3
    assert listening.claimable(2) == 2


def test_a_job_of_its_queue_ends_the_wait_within_milliseconds(listening: Listener, make_job: MakeJob) -> None:
    assert listening.claimable(1) == 0
    submit = threading.Thread(target=in_another_connection, args=(make_job, "default"))
    start = monotonic()
    submit.start()
    listening.wait(10)
    took = monotonic() - start
    submit.join()
    assert took < 2
    assert listening.claimable(1) == 1


def test_what_was_rung_between_a_look_and_the_wait_is_not_missed(
    listening: Listener, make_job: MakeJob
) -> None:
    assert listening.claimable(1) == 0
    in_another_connection(make_job, "default")
    start = monotonic()
    listening.wait(10)
    assert monotonic() - start < 2


def test_as_many_tokens_as_jobs_but_no_more_than_workers_lie_unread(make_job: MakeJob) -> None:
    tokens = Tokens()
    broker = DoorbellBroker(tokens=tokens, workers=2)
    first = make_job()
    messages = broker.dequeue()
    assert messages is not None
    assert len(messages) == 1
    tokens.give()
    for _ in range(4):
        make_job()
    messages = broker.dequeue()
    assert messages is not None
    assert len(messages) == 1
    tokens.give()
    assert broker.dequeue() is None
    Job.objects.exclude(pk=first.pk).update(status=JobStatus.CANCELLED, finished_at=now())
    assert broker.dequeue() is None
    broker.close()


def test_it_refuses_messages() -> None:
    with pytest.raises(NotImplementedError):
        DoorbellBroker().enqueue("anything")
