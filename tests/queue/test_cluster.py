"""A real cluster, its processes killed and stopped in every way that used to stall django-q2's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from common.clock import monotonic, now
from jobs.models import Job, Worker
from jobs.queue.bell import ring
from jobs.states import JobStatus
from tests.queue.conftest import MakeJob

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SOON = 10.0
Submit = Callable[[str], Job]


def until(happened: Callable[[], bool], within: float = SOON) -> float:
    """Poll until `happened`; the seconds it took."""
    start = monotonic()
    while not happened():
        assert monotonic() - start < within, "it did not happen in time"
        time.sleep(0.01)
    return monotonic() - start


def children(pid: int) -> list[int]:
    """The children of a process, oldest first."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Running:
    """The cluster's processes: the parent, and below it the sentinel with two workers, the pusher and the sweep."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.queue.cluster_process", "2"]
        self.parent = subprocess.Popen(command, env=environment, start_new_session=True)
        until(lambda: len(self.workers()) == 2, within=30)

    @property
    def sentinel(self) -> int:
        return children(self.parent.pid)[0]

    @property
    def sweeper(self) -> int:
        return children(self.sentinel)[-1]

    def workers(self) -> list[int]:
        return [
            pid for pid in Worker.objects.filter(gone_at=None).values_list("pid", flat=True) if alive(pid)
        ]

    def everybody(self) -> list[int]:
        return [self.parent.pid, self.sentinel, *children(self.sentinel)]


@pytest.fixture
def environment(child_environment: dict[str, str]) -> dict[str, str]:
    return {**child_environment, "STOP_GRACE": "2", "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture
def cluster(environment: dict[str, str]) -> Iterator[Running]:
    running = Running(environment)
    yield running
    if running.parent.poll() is None:
        os.killpg(running.parent.pid, signal.SIGKILL)
        running.parent.wait()
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
