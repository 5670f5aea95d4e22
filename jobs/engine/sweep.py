"""The sweep: puts back in line what is due, what a dead worker left behind, and what nobody would look at again.

Every function is safe when any number of processes run it at once. None writes a step run: that is the owner's.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import (
    BooleanField,
    Case,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Now

from common.clock import now
from jobs.engine.database import NOW, as_moment, postgresql, rows
from jobs.engine.identity import Identity, host_rebooted, is_provably_alive, is_provably_dead, own_identity
from jobs.engine.worker import take_from_owner
from jobs.models import Job, Wait, Worker
from jobs.models.job import Priority
from jobs.queue.bell import ring
from jobs.states import JobStatus

logger = logging.getLogger(__name__)

BATCH = 500
GONE_WORKERS_KEPT = timedelta(days=1)

_NEXT_DUE_FROM = (
    f"FROM jobs_job WHERE status = '{JobStatus.WAITING.value}' AND due_at IS NOT NULL ORDER BY due_at LIMIT 1"
)
_STRAY = f"""
SELECT 1 FROM jobs_job j JOIN jobs_worker w ON w.id = j.owner_id
WHERE j.status = '{JobStatus.IN_PROGRESS.value}' AND w.gone_at IS NOT NULL LIMIT 1
"""  # noqa: S608 - constants only

_HEAD_START = Case(
    When(priority=Priority.HIGH, then=Value(timedelta(minutes=-10))),
    When(priority=Priority.LOW, then=Value(timedelta(minutes=10))),
    default=Value(timedelta(0)),
    output_field=DurationField(),
)


def seconds_to_next_due() -> float | None:
    """Seconds until the next waiting job is due, zero or less when one is; None when none has a due time.

    Takes no lock: ask it before `due`, which on SQLite would take the write lock each second for nothing.
    """
    found = rows(f"SELECT due_at, {NOW if postgresql() else 'NULL'} {_NEXT_DUE_FROM}")
    if not found:
        return None
    due_at = as_moment(found[0][0])
    return None if due_at is None else (due_at - (as_moment(found[0][1]) or now())).total_seconds()


def due() -> int:
    """Put the waiting jobs whose time has come back in line; returns how many. At most 500 at a time.

    They have no owner, so no entry is written: the next owner settles the wait as due.
    """
    with transaction.atomic():
        found = Job.objects.filter(status=JobStatus.WAITING, due_at__lte=Now()).order_by("due_at")
        locked = dict(found.select_for_update(skip_locked=True).values_list("pk", "queue")[:BATCH])
        moved = Job.objects.filter(pk__in=locked, status=JobStatus.WAITING, due_at__lte=Now()).update(
            status=JobStatus.QUEUED, run_at=F("due_at"), claim_at=F("due_at") + _HEAD_START, due_at=None
        )
        _ring_all(locked.values())
    return moved


def takeover() -> int:
    """Mark the workers that are gone and put their jobs back in line; returns the number of jobs.

    Gone is a worker whose lease has passed and that is not provably alive, or that is provably dead. A job keeps
    its `run_at`, so it is first of its priority. Its death is counted, unless the worker was stopping already or
    its host restarted.
    """
    here = own_identity()
    expired = ExpressionWrapper(Q(lease_until__lt=Now()), output_field=BooleanField())
    moved = 0
    for worker in Worker.objects.filter(gone_at=None).annotate(expired=expired):
        if is_provably_dead(worker, here):
            moved += _bury(worker, here, Q())
        elif worker.expired and not is_provably_alive(worker, here):
            moved += _bury(worker, here, Q(lease_until__lt=Now()))
    return moved + _claimed_while_dying()


def orphans() -> int:
    """Put waiting jobs that nothing would ever wake back in line, so that an owner looks; returns how many.

    There must be none: a waiting job has an open wait or a due time. Each one found is logged as an error.
    """
    open_wait = Wait.objects.filter(job=OuterRef("pk"), settled_at=None)
    lost = Job.objects.filter(~Exists(open_wait), status=JobStatus.WAITING, due_at=None)
    moved = 0
    for pk, head_seq in list(lost.values_list("pk", "head_seq")[:BATCH]):
        with transaction.atomic():
            moved += _wake_orphan(lost, pk, head_seq)
    return moved


def remove_old_workers() -> int:
    """Delete the rows of workers that went more than a day ago; returns how many."""
    owned = Job.objects.filter(owner=OuterRef("pk"), status=JobStatus.IN_PROGRESS)
    old = Worker.objects.filter(~Exists(owned), gone_at__lt=now() - GONE_WORKERS_KEPT)
    return old.delete()[0] if old.exists() else 0


def _bury(worker: Worker, here: Identity, still: Q) -> int:
    """Mark `worker` gone if it is `still` to be, and put its jobs back in line."""
    counted = 0 if worker.stopping_at is not None or host_rebooted(worker, here) else 1
    with transaction.atomic():
        if not Worker.objects.filter(still, pk=worker.pk, gone_at=None).update(gone_at=Now()):
            return 0
        moved = _requeue(Job.objects.filter(owner=worker, status=JobStatus.IN_PROGRESS), counted)
    logger.warning("Worker %s is gone; %d of its jobs are back in line.", worker, moved)
    return moved


def _claimed_while_dying() -> int:
    """Jobs whose claim was committed at the moment in which their worker was marked gone."""
    if not rows(_STRAY):
        return 0
    strays = Job.objects.filter(status=JobStatus.IN_PROGRESS, owner__gone_at__isnull=False)
    with transaction.atomic():
        return _requeue(strays, 0)


def _requeue(owned: QuerySet[Job], deaths: int) -> int:
    queues = set(owned.values_list("queue", flat=True))
    moved = take_from_owner(owned, deaths=deaths)
    _ring_all(queues)
    return moved


def _wake_orphan(lost: QuerySet[Job], pk: int, head_seq: int) -> int:
    moved = lost.filter(pk=pk, head_seq=head_seq).update(status=JobStatus.QUEUED, run_at=Now())
    if moved:
        logger.error("Job #%d was waiting for nothing; an owner will look at it.", pk)
        _ring_all(Job.objects.filter(pk=pk).values_list("queue", flat=True))
    return moved


def _ring_all(queues: Iterable[str]) -> None:
    for queue in set(queues):
        ring(queue)
