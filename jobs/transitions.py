"""Every move of a job and its rows, as ORM code: for everybody but the owner's hot path.

`write` is the journal commit in its rare shapes; the functions after it are what may happen to a job from outside.
Locks are taken parent before child, never more than those two, and nothing slow happens in between.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from audit.actions import Action
from audit.chain import COLUMNS, EntryDraft
from audit.models import AuditEntry
from audit.services import append
from common import clock
from common.canonical import Json
from jobs.engine.recorder import Batch
from jobs.engine.rows import PAYLOAD_COLUMNS, STEP_COLUMNS, NewChild, PayloadRow, StepRow
from jobs.models import Blob, File, Job, Payload, StepRun, Wait
from jobs.models.job import Priority, Source
from jobs.queue.bell import ring
from jobs.states import JobKind, JobStatus, WaitKind, WaitOutcome

_HEAD_START = {
    Priority.HIGH: timedelta(minutes=-10),
    Priority.NORMAL: timedelta(0),
    Priority.LOW: timedelta(minutes=10),
}


def claim_at(run_at: datetime, priority: str) -> datetime:
    """A job's place in line: high counts as ten minutes older, low as ten minutes younger."""
    return run_at + _HEAD_START[Priority(priority)]


# ---------------------------------------------------------------- by the owner
def write(batch: Batch) -> bool:
    """Commit `batch` if fence and head are still those seen. False: nothing was written."""
    with transaction.atomic():
        parent = lock(batch.parent_id) if batch.parent_id else None
        if not _guard(batch):
            return False
        _store_blobs(batch)
        _create_children(batch)
        StepRun.objects.bulk_create(_step_run(batch.job_id, row) for row in batch.inserts)
        for row in batch.updates:
            values = dict(zip(STEP_COLUMNS, row.columns(), strict=True))
            StepRun.objects.filter(job_id=batch.job_id, path=row.path).update(**values)
        store_payloads(batch.job_id, batch.payloads)
        _write_waits(batch)
        AuditEntry.objects.bulk_create(
            AuditEntry(**dict(zip(COLUMNS, entry.row(), strict=True))) for entry in batch.entries
        )
        if parent:
            _child_ended(parent, Job.objects.get(pk=batch.job_id))
    return True


def _guard(batch: Batch) -> bool:
    job = batch.job
    columns: dict[str, object] = {
        "head_seq": batch.head_seq,
        "head_hash": batch.head_hash,
        "status": job.status,
        "done": job.done,
        "total": job.total,
        "deaths": job.deaths,
        "due_at": job.due_at,
        "deadline_at": job.deadline_at,
        "finished_at": job.finished_at,
        "error_code": job.error_code,
        "error_summary": job.error_summary,
        "error": job.error,
    }
    if job.status is not JobStatus.IN_PROGRESS:
        columns["owner"] = None
    mine = Job.objects.filter(
        pk=batch.job_id, fence=batch.fence, status=JobStatus.IN_PROGRESS, head_seq=batch.seen
    )
    return mine.update(**columns) == 1


def _step_run(job_id: int, row: StepRow) -> StepRun:
    return StepRun(job_id=job_id, **dict(zip(STEP_COLUMNS, row.columns(), strict=True)))


def store_payloads(job_id: int, payloads: list[PayloadRow]) -> None:
    """Insert values whose blobs, if any, have their rows."""
    Payload.objects.bulk_create(
        Payload(job_id=job_id, **dict(zip(PAYLOAD_COLUMNS, payload.columns(), strict=True)))
        for payload in payloads
    )


def _store_blobs(batch: Batch) -> None:
    blobs = {payload.blob: payload.bytes for payload in batch.payloads if payload.blob}
    blobs |= {file.sha256: file.bytes for file in batch.files}
    store_blobs(blobs)
    workspace_id = (
        Job.objects.values_list("workspace_id", flat=True).get(pk=batch.job_id) if batch.files else None
    )
    File.objects.bulk_create(
        File(
            id=file.id,
            workspace_id=workspace_id,
            job_id=batch.job_id,
            name=file.name,
            media_type=file.media_type,
            blob_id=file.sha256,
            created_at=file.created_at,
        )
        for file in batch.files
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


def _write_waits(batch: Batch) -> None:
    for wait in batch.settled:
        _open_waits(batch.job_id, wait.path, wait.kind).update(
            settled_at=clock.now(), outcome=wait.outcome, by="system"
        )
    Wait.objects.bulk_create(
        Wait(
            job_id=batch.job_id,
            path=wait.path,
            kind=wait.kind,
            generation=wait.generation,
            attempt=wait.attempt,
            since=wait.since,
            due_at=wait.due_at,
        )
        for wait in batch.waits
    )
    for row in batch.resumed:
        assert row.child_id is not None
        move_resumed(lock(row.child_id), actor="system")


def _open_waits(job_id: int, path: str, kind: WaitKind) -> QuerySet[Wait]:
    return Wait.objects.filter(job_id=job_id, path=path, kind=kind, settled_at__isnull=True)


def _create_children(batch: Batch) -> None:
    if not batch.children:
        return
    parent = Job.objects.select_related("workspace").get(pk=batch.job_id)
    for child in batch.children:
        child.row.child_id = enqueue(_child_job(parent, child), inputs=child.inputs, actor="system").pk


def _child_job(parent: Job, child: NewChild) -> Job:
    now = clock.now()
    return Job(
        uid=child.uid,
        workspace=parent.workspace,
        workflow_id=child.workflow_id,
        version_id=child.version_id,
        kind=JobKind.SUBJOB,
        parent=parent,
        parent_path=child.row.path,
        root_id=parent.root_id or parent.pk,
        queue=parent.queue,
        needs=child.needs,
        priority=parent.priority,
        run_at=now,
        claim_at=claim_at(now, parent.priority),
        time_zone=parent.time_zone,
        created_at=now,
        created_by_id=parent.created_by_id,
        source=Source.SUBJOB,
    )


def hand_back(job_id: int, fence: int) -> bool:
    """Put a job back in line, where it was; nothing else changes. False: somebody else has it."""
    mine = Job.objects.filter(pk=job_id, fence=fence, status=JobStatus.IN_PROGRESS)
    handed = mine.update(status=JobStatus.QUEUED, owner=None) == 1
    if handed:
        ring(Job.objects.values_list("queue", flat=True).get(pk=job_id))
    return handed


# ---------------------------------------------------------------- from outside
def enqueue(job: Job, *, inputs: PayloadRow, actor: str, request_id: str = "") -> Job:
    """Insert a job with its inputs and its first audit entry, and ring for a worker. Call inside a transaction."""
    job.save(force_insert=True)
    if inputs.blob:
        store_blobs({inputs.blob: inputs.bytes})
    store_payloads(job.pk, [inputs])
    data: dict[str, Json] = {
        "workflow": job.workflow_id,
        "version": job.version_id,
        "source": job.source,
        "inputs": inputs.commitment.hex(),
    }
    _tell(job, Action.JOB_CREATED, actor=actor, data=data, request_id=request_id)
    ring(job.queue)
    return job


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
                _child_ended(parent, job)
        elif job.cancel_at is None:
            Job.objects.filter(pk=job.pk).update(cancel_at=clock.now())
            _tell(
                job, Action.JOB_CANCEL_REQUESTED, actor=actor, data={"reason": reason}, request_id=request_id
            )
            _wake(job)
    return True


def resume(job_id: int, *, actor: str, request_id: str = "") -> bool:
    """Put a failed job back in line, one generation on. False: it is not failed any more."""
    with transaction.atomic():
        return move_resumed(lock(job_id), actor=actor, request_id=request_id)


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


def _child_ended(parent: Job, child: Job) -> None:
    """Settle the wait of the parent for a sub-job that has ended. Both rows are locked by this transaction."""
    child.refresh_from_db(fields=["status", "head_seq", "head_hash"])
    settled = _open_waits(parent.pk, child.parent_path, WaitKind.SUBJOB).update(
        settled_at=clock.now(), outcome=WaitOutcome.ENDED, by="system"
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
    _tell(parent, Action.CHILD_ENDED, actor="system", data=data)
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
    draft = EntryDraft(
        action=action.value,
        actor=actor,
        target_type="job",
        target_id=str(job.pk),
        label=job_label(job.title, job.pk),
        data=data,
        request_id=request_id,
    )
    append(stream_row=job, workspace=job.workspace, drafts=[draft], silent=is_silent(job))


def job_label(title: str, job_id: int) -> str:
    """How the audit log names a job."""
    return title or f"Job #{job_id}"


def is_silent(job: Job) -> bool:
    """Whether the job keeps no audit stream: previews and their sub-jobs are deleted after a day."""
    return job.kind == JobKind.PREVIEW or (job.root is not None and job.root.kind == JobKind.PREVIEW)
