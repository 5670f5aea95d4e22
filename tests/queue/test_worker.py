import uuid
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from django.db.models import F
from django.db.models.functions import Now

from jobs.engine.identity import is_provably_alive, own_identity
from jobs.engine.worker import WorkerHandle, register_worker, resign
from jobs.models import Job, Worker
from jobs.queue.flag import Flag
from jobs.states import JobStatus
from tests.queue.conftest import MakeJob, MakeWorker

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 5.0
Register = Callable[..., WorkerHandle]


@pytest.fixture
def register() -> Iterator[Register]:
    handles: list[WorkerHandle] = []

    def make(**options: object) -> WorkerHandle:
        handles.append(register_worker("default", ["default", "heavy"], **options))  # type: ignore[arg-type]
        return handles[-1]

    yield make
    for handle in handles:
        handle.end_beat()
        resign(handle.id)


def test_a_worker_has_a_row_with_its_process_and_a_lease(register: Register) -> None:
    handle = register()
    row = Worker.objects.get(pk=handle.id)
    assert is_provably_alive(row, own_identity())
    assert (row.cluster, row.queues) == ("default", "default,heavy")
    assert Worker.objects.filter(pk=handle.id, lease_until__gt=Now(), beat_at__lte=Now()).exists()


def test_the_beat_renews_the_lease(register: Register, settings: pytest.FixtureRequest) -> None:
    settings.WORKER_LEASE_SECONDS = 3  # type: ignore[attr-defined]
    handle = register()
    first = Worker.objects.get(pk=handle.id).lease_until
    while Worker.objects.get(pk=handle.id).lease_until == first:
        assert not handle.lost.wait(0.05)


def test_a_worker_that_was_marked_gone_loses_its_lease(
    register: Register, settings: pytest.FixtureRequest
) -> None:
    settings.WORKER_LEASE_SECONDS = 3  # type: ignore[attr-defined]
    told = Event()
    handle = register(on_lost=told.set)
    Worker.objects.filter(pk=handle.id).update(gone_at=Now())
    assert handle.lost.wait(SOON)
    assert told.wait(SOON)


def test_the_owner_is_told_when_somebody_else_moves_the_head(register: Register, make_job: MakeJob) -> None:
    handle, changed = register(), Event()
    job = make_job(status=JobStatus.IN_PROGRESS, owner_id=handle.id, fence=1, head_seq=4)
    handle.watch(job.pk, 4, 1, changed.set)
    assert not changed.wait(1.5)
    Job.objects.filter(pk=job.pk).update(head_seq=F("head_seq") + 1)
    assert changed.wait(SOON)
    handle.saw(5)
    changed.clear()
    assert not changed.wait(1.5)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED, owner=None)
    assert changed.wait(SOON)
    handle.unwatch()


def test_the_order_to_stop_reaches_the_owner_and_the_row(register: Register, make_job: MakeJob) -> None:
    stop, poked = Flag(), Event()
    handle = register(stop_fd=stop.fd)
    job = make_job(status=JobStatus.IN_PROGRESS, owner_id=handle.id, fence=1)
    handle.watch(job.pk, 0, 1, poked.set)
    stop.set()
    assert handle.stopping.wait(SOON)
    assert poked.wait(SOON)
    while Worker.objects.get(pk=handle.id).stopping_at is None:
        assert not handle.lost.wait(0.05)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED, owner=None)


def test_a_worker_that_resigns_is_gone_and_frees_its_own_jobs_alone(
    make_job: MakeJob, make_worker: MakeWorker
) -> None:
    mine, other = make_worker(), make_worker()
    job = make_job(status=JobStatus.IN_PROGRESS, owner=mine, fence=1)
    make_job(status=JobStatus.IN_PROGRESS, owner=other, fence=1)
    assert resign(mine.pk, deaths=1) == 1
    job.refresh_from_db()
    assert (job.status, job.owner_id, job.deaths, job.lost_fence) == (JobStatus.QUEUED, None, 1, 1)
    assert list(Worker.objects.filter(gone_at=None)) == [other]
    assert resign(uuid.uuid4()) == 0
