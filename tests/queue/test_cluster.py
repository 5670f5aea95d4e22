"""A real cluster, its processes killed and stopped in every way that used to stall django-q2's own."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction

from common.clock import monotonic, now
from jobs.models import Job, Worker
from jobs.queue.bell import ring
from jobs.states import JobStatus
from tests.queue.conftest import MakeJob
from tests.queue.processes import SOON, Running, alive, until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

Submit = Callable[[str], Job]


@pytest.fixture
def cluster(environment: dict[str, str]) -> Iterator[Running]:
    running = Running(environment, "-m", "tests.queue.cluster_process", "2")
    yield running
    running.kill()
    Job.objects.filter(status=JobStatus.IN_PROGRESS).update(status=JobStatus.QUEUED, owner=None)


@pytest.fixture
def submit(make_job: MakeJob) -> Submit:
    def start(title: str) -> Job:
        with transaction.atomic():
            job = make_job(title=title)
            ring(job.queue)
        return job

    return start


def has(job: Job, **fields: object) -> Callable[[], bool]:
    return lambda: Job.objects.filter(pk=job.pk, **fields).exists()


def completed(job: Job) -> Callable[[], bool]:
    return has(job, status=JobStatus.COMPLETED)


def test_jobs_run_also_after_every_idle_worker_was_killed_in_turn(cluster: Running, submit: Submit) -> None:
    until(completed(submit("")))
    for pid in cluster.workers():
        os.kill(pid, signal.SIGKILL)
        until(completed(submit("")))
    until(lambda: len(cluster.workers()) == 2)


def test_a_job_whose_worker_is_killed_is_taken_over_and_the_death_is_counted(
    cluster: Running, submit: Submit
) -> None:
    job = submit("sleep 60")
    until(has(job, status=JobStatus.IN_PROGRESS))
    owner = Job.objects.select_related("owner").get(pk=job.pk).owner
    assert owner is not None
    os.kill(owner.pid, signal.SIGKILL)
    took = until(has(job, status=JobStatus.IN_PROGRESS, fence=2, deaths=1))
    assert took < 3


@pytest.mark.parametrize("which", ["parent", "sentinel"])
def test_when_the_parent_or_the_sentinel_is_killed_everything_ends_and_the_exit_status_says_so(
    cluster: Running, which: str
) -> None:
    everybody = cluster.everybody()
    os.kill(cluster.sentinel if which == "sentinel" else cluster.parent.pid, signal.SIGKILL)
    assert cluster.parent.wait(SOON) == (1 if which == "sentinel" else -signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in everybody))


@pytest.mark.parametrize("stop", [os.kill, os.killpg], ids=["process", "group"])
def test_sigterm_hands_the_job_back_and_ends_everything_at_once(
    cluster: Running, submit: Submit, stop: Callable[[int, int], None]
) -> None:
    everybody, job = cluster.everybody(), submit("sleep 60")
    until(has(job, status=JobStatus.IN_PROGRESS))
    stop(cluster.parent.pid, signal.SIGTERM)
    start = monotonic()
    assert cluster.parent.wait(SOON) == 0
    assert monotonic() - start < 2
    assert not any(alive(pid) for pid in everybody)
    assert has(job, status=JobStatus.QUEUED, deaths=0)()
    assert not Worker.objects.filter(gone_at=None).exists()


def test_a_job_that_does_not_heed_the_order_to_stop_is_left_after_the_grace(
    cluster: Running, submit: Submit
) -> None:
    job = submit("stubborn")
    until(has(job, status=JobStatus.IN_PROGRESS))
    cluster.parent.terminate()
    assert cluster.parent.wait(2 + 5) == 0
    assert has(job, status=JobStatus.IN_PROGRESS)()


def test_a_killed_sweep_is_replaced_and_goes_on(cluster: Running, make_job: MakeJob) -> None:
    killed = cluster.sweeper
    os.kill(killed, signal.SIGKILL)
    job = make_job(status=JobStatus.WAITING, due_at=now() + timedelta(milliseconds=100))
    until(completed(job))
    assert cluster.sweeper != killed


def test_a_fault_of_the_engine_is_counted_and_the_worker_lives_on(cluster: Running, submit: Submit) -> None:
    before, job = set(cluster.workers()), submit("raise")
    until(has(job, status=JobStatus.QUEUED, deaths=1, run_at__gt=now()))
    until(completed(submit("")))
    assert set(cluster.workers()) == before


@pytest.mark.skipif(
    "sqlite" in os.environ.get("DATABASE_URL", "sqlite"), reason="SQLite has no connections to lose"
)
def test_jobs_run_again_as_soon_as_a_lost_database_answers(cluster: Running, submit: Submit) -> None:
    before = set(cluster.workers())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    took = until(completed(submit("")))
    assert took < 3
    assert set(cluster.workers()) == before
