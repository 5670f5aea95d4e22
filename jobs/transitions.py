"""What may happen to a job from outside: enqueue, cancel, resume, hand back, the end of a sub-job.

Each is one short transaction that changes the row under its lock, appends its audit entry and moves the head. Locks are taken parent before child, never more than those two, and nothing slow happens in between.
"""

from datetime import datetime, timedelta
from enum import Enum

from django.db import connection, transaction
from django.db.models import QuerySet

from audit.actions import Action
from audit.chain import EntryDraft, Stream, chain
from audit.services import SYSTEM, append
from common import clock
from common.canonical import Json
from jobs.engine.database import numbered_rows, postgresql, rows
from jobs.engine.rows import PAYLOAD_COLUMNS, PayloadRow
from jobs.engine.statements import NEXT_JOB, NEXT_JOB_LITE, new_job, new_job_lite
from jobs.models import Blob, Job, Payload, Wait
from jobs.models.job import Priority
from jobs.queue.bell import CHANNEL, ring
from jobs.states import JobKind, JobStatus, WaitKind, WaitOutcome

_HEAD_START = {
    Priority.HIGH: timedelta(minutes=-10),
    Priority.NORMAL: timedelta(0),
    Priority.LOW: timedelta(minutes=10),
}


def claim_at(run_at: datetime, priority: str) -> datetime:
    """A job's place in line: high counts as ten minutes older, low as ten minutes younger."""
    return run_at + _HEAD_START[Priority(priority)]


def store_payloads(job_id: int, payloads: list[PayloadRow]) -> None:
    """Insert values whose blobs, if any, have their rows."""
    Payload.objects.bulk_create(
        Payload(job_id=job_id, **dict(zip(PAYLOAD_COLUMNS, payload.columns(), strict=True)))
        for payload in payloads
    )


def store_blobs(sizes: dict[str, int]) -> None:
    """Name stored blobs in the database, or renew their date so that no removal races this transaction."""
    now = clock.now()
    Blob.objects.bulk_create(
        [Blob(sha256=sha256, bytes=size, touched_at=now) for sha256, size in sorted(sizes.items())],
        update_conflicts=True,
        unique_fields=["sha256"],
        update_fields=["touched_at"],
    )


def open_waits(job_id: int, path: str, kind: WaitKind) -> QuerySet[Wait]:
    """The open wait of that kind at `path`; one at most."""
    return Wait.objects.filter(job_id=job_id, path=path, kind=kind, settled_at__isnull=True)


def hand_back(job_id: int, fence: int) -> bool:
    """Put a job back in line, where it was; nothing else changes. False: somebody else has it."""
    mine = Job.objects.filter(pk=job_id, fence=fence, status=JobStatus.IN_PROGRESS)
    handed = mine.update(status=JobStatus.QUEUED, owner=None) == 1
    if handed:
        ring(Job.objects.values_list("queue", flat=True).get(pk=job_id))
    return handed


def enqueue(job: Job, *, inputs: PayloadRow, digest: str, actor: str, request_id: str = "") -> Job:
    """Insert a job with its inputs and its first audit entry, and ring for a worker. Call inside a transaction.

    `digest` is that of its version, which the entry binds the job to.
    """
    if inputs.blob:
        store_blobs({inputs.blob: inputs.size})
    data: dict[str, Json] = {
        "workflow": job.workflow_id,
        "version": job.version_id,
        "digest": digest,
        "source": job.source,
        "inputs": inputs.commitment.hex(),
    }
    if is_silent(job):
        job.save(force_insert=True)
        store_payloads(job.pk, [inputs])
        ring(job.queue)
    else:
        _insert_at_once(job, inputs, actor=actor, data=data, request_id=request_id)
    return job


def _insert_at_once(
    job: Job, inputs: PayloadRow, *, actor: str, data: dict[str, Json], request_id: str
) -> None:
    """Everything of a new job; its id is drawn before, for the entry names it. PostgreSQL takes one statement, the bell
    included. On SQLite, where a commit is the bell, the write lock is not kept while the ORM builds statements.
    """
    job.pk = rows(NEXT_JOB if postgresql() else NEXT_JOB_LITE)[0][0]
    stream = Stream(name=job.stream, workspace_id=job.workspace_id, workspace_uid=str(job.workspace.uid))
    draft = _draft(job, Action.JOB_CREATED, actor=actor, data=data, request_id=request_id)
    chained = chain(stream, [draft], head_seq=0, head_hash=b"", at=clock.now())
    job.head_seq, job.head_hash = chained.head_seq, chained.head_hash
    [entry] = chained.entries
    fields = Job._meta.concrete_fields
    columns = tuple(field.column for field in fields)
    values = [getattr(job, field.attname) for field in fields]
    if postgresql():
        values = [*map(_plain, values), job.pk, *inputs.columns(), *entry.row(), CHANNEL, job.queue]
        numbered_rows(new_job(columns), values)
    else:
        values = [
            field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)
        ]
        into_jobs, into_payloads, into_entries = new_job_lite(columns)
        execute = connection.connection.execute
        execute(into_jobs, values)
        execute(into_payloads, [job.pk, *inputs.columns()])
        execute(into_entries, entry.row(text_time=True))
    job._state.adding, job._state.db = False, connection.alias


def _plain(value: object) -> object:
    """A member of an enumeration as its value: the driver would send its name."""
    return value.value if isinstance(value, Enum) else value


def lock(job_id: int) -> Job:
    """The job, locked until the transaction ends, without blocking inserts that refer to it."""
    return Job.objects.select_for_update(no_key=True).get(pk=job_id)


def request_cancel(job_id: int, *, actor: str, reason: str = "", request_id: str = "") -> bool:
    """Ask a job to stop. One that never started is cancelled here; asking again changes nothing.
    False: it has ended already.
    """
    with transaction.atomic():
        parent_id = Job.objects.values_list("parent_id", flat=True).get(pk=job_id)
        parent = lock(parent_id) if parent_id else None
        job = lock(job_id)
        if job.ended:
            return False
        if job.status == JobStatus.QUEUED and job.fence == 0:
            _move(job, JobStatus.CANCELLED, finished_at=clock.now(), cancel_at=clock.now())
            _tell(job, Action.JOB_CANCELLED, actor=actor, data={"reason": reason}, request_id=request_id)
            if parent:
                child_ended(parent, job)
        elif job.cancel_at is None:
            Job.objects.filter(pk=job.pk).update(cancel_at=clock.now())
            _tell(
                job, Action.JOB_CANCEL_REQUESTED, actor=actor, data={"reason": reason}, request_id=request_id
            )
            _wake(job)
    return True


def end_time(job_id: int) -> None:
    """End the time of a sub-job with its parent, whose time is over or which is given up: it fails, so that a resume goes
    on with it where it stopped; one that was cancelled would have to begin anew and repeat what it has done.
    """
    with transaction.atomic():
        parent_id = Job.objects.values_list("parent_id", flat=True).get(pk=job_id)
        if parent_id:
            lock(parent_id)
        job, now = lock(job_id), clock.now()
        if not job.ended and job.cancel_at is None and (job.deadline_at is None or job.deadline_at > now):
            Job.objects.filter(pk=job.pk).update(deadline_at=now)
            _tell(job, Action.JOB_TIME_ENDED, actor=SYSTEM, data={})
            _wake(job)


def resume(job_id: int, *, actor: str, request_id: str = "") -> bool:
    """Put a failed job back in line, one generation on. False: it is not failed any more, or a sub-job of it has not
    ended yet.
    """
    with transaction.atomic():
        job = lock(job_id)
        if unended_children(job_id).exists():
            return False
        return move_resumed(job, actor=actor, request_id=request_id)


def unended_children(job_id: int) -> QuerySet[Job]:
    """The sub-jobs that go on; those of a job that was given up end soon after it."""
    return Job.objects.filter(parent=job_id, finished_at__isnull=True)


def move_resumed(job: Job, *, actor: str, request_id: str = "") -> bool:
    """`resume` of a job that the caller has locked."""
    if job.status != JobStatus.FAILED:
        return False
    now = clock.now()
    _move(
        job,
        JobStatus.QUEUED,
        run_at=now,
        claim_at=claim_at(now, job.priority),
        generation=job.generation + 1,
        deaths=0,
        cancel_at=None,
        deadline_at=None,
        finished_at=None,
        error_code="",
        error_summary="",
        error="",
    )
    _tell(
        job, Action.JOB_RESUMED, actor=actor, data={"generation": job.generation + 1}, request_id=request_id
    )
    ring(job.queue)
    return True


def child_ended(parent: Job, child: Job) -> None:
    """Settle the wait of the parent for a sub-job that has ended. Both rows are locked by this transaction."""
    child.refresh_from_db(fields=["status", "head_seq", "head_hash"])
    settled = open_waits(parent.pk, child.parent_path, WaitKind.SUBJOB).update(
        settled_at=clock.now(), outcome=WaitOutcome.ENDED, by=SYSTEM
    )
    if not settled:
        return
    data: dict[str, Json] = {
        "path": child.parent_path,
        "job": str(child.uid),
        "status": child.status,
        "head_seq": child.head_seq,
        "head_hash": bytes(child.head_hash).hex(),
    }
    _tell(parent, Action.CHILD_ENDED, actor=SYSTEM, data=data)
    _wake(parent)


def _wake(job: Job) -> None:
    if job.status == JobStatus.WAITING:
        now = clock.now()
        _move(job, JobStatus.QUEUED, run_at=now, claim_at=claim_at(now, job.priority), due_at=None)
        ring(job.queue)


def _move(job: Job, status: JobStatus, **columns: object) -> None:
    moved = Job.objects.filter(pk=job.pk, status=job.status).update(status=status, **columns)
    assert moved == 1, "the row is locked by this transaction"


def _tell(job: Job, action: Action, *, actor: str, data: dict[str, Json], request_id: str = "") -> None:
    draft = _draft(job, action, actor=actor, data=data, request_id=request_id)
    append(stream_row=job, workspace=job.workspace, drafts=[draft], silent=is_silent(job))


def _draft(job: Job, action: Action, *, actor: str, data: dict[str, Json], request_id: str) -> EntryDraft:
    return EntryDraft(
        action=action.value,
        actor=actor,
        target_type="job",
        target_id=str(job.pk),
        label=job_label(job.title, job.pk),
        data=data,
        request_id=request_id,
    )


def job_label(title: str, job_id: int) -> str:
    """How the audit log names a job."""
    return title or f"Job #{job_id}"


def is_silent(job: Job) -> bool:
    """Whether the job keeps no audit stream: previews and their sub-jobs are deleted after a day."""
    return job.kind == JobKind.PREVIEW or (job.root is not None and job.root.kind == JobKind.PREVIEW)
