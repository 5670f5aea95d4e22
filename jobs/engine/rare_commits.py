"""The journal commit as ORM code: for the shapes that are rare, with waits, sub-jobs, files or the end of a sub-job.

The same guard, the same rows and entries as the statements of `journal`; a test makes every move both ways.
"""

from django.db import transaction

from audit.chain import COLUMNS
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from jobs import transitions
from jobs.engine.recorder import Batch
from jobs.engine.rows import STEP_COLUMNS, NewChild, StepRow
from jobs.models import File, Job, StepRun, Wait
from jobs.models.job import Source
from jobs.states import JobKind, JobStatus


def write(batch: Batch) -> bool:
    """Commit `batch` if fence and head are still those seen. False: nothing was written."""
    with transaction.atomic():
        parent = transitions.lock(batch.parent_id) if batch.parent_id else None
        if not _guard(batch):
            return False
        _store_blobs(batch)
        _create_children(batch)
        StepRun.objects.bulk_create(_step_run(batch.job_id, row) for row in batch.inserts)
        for row in batch.updates:
            values = dict(zip(STEP_COLUMNS, row.columns(), strict=True))
            StepRun.objects.filter(job_id=batch.job_id, path=row.path).update(**values)
        transitions.store_payloads(batch.job_id, batch.payloads)
        _write_waits(batch)
        AuditEntry.objects.bulk_create(
            AuditEntry(**dict(zip(COLUMNS, entry.row(), strict=True))) for entry in batch.entries
        )
        if parent:
            transitions.child_ended(parent, Job.objects.get(pk=batch.job_id))
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


def _store_blobs(batch: Batch) -> None:
    blobs = {payload.blob: payload.size for payload in batch.payloads if payload.blob}
    blobs |= {file.sha256: file.bytes for file in batch.files}
    transitions.store_blobs(blobs)
    if not batch.files:
        return
    workspace_id = Job.objects.values_list("workspace_id", flat=True).get(pk=batch.job_id)
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


def _write_waits(batch: Batch) -> None:
    for wait in batch.settled:
        transitions.open_waits(batch.job_id, wait.path, wait.kind).update(
            settled_at=clock.now(), outcome=wait.outcome, by=SYSTEM
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
        if not transitions.move_resumed(transitions.lock(row.child_id), actor=SYSTEM):
            raise RuntimeError(f"Sub-job {row.child_id} was to be resumed, but it has not failed.")


def _create_children(batch: Batch) -> None:
    if not batch.children:
        return
    parent = Job.objects.select_related("workspace").get(pk=batch.job_id)
    for child in batch.children:
        child.row.child_id = transitions.enqueue(
            _child_job(parent, child), inputs=child.inputs, digest=child.digest, actor=SYSTEM
        ).pk


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
        parent_attempt=child.row.attempt,
        root_id=parent.root_id or parent.pk,
        queue=parent.queue,
        needs=child.needs,
        priority=parent.priority,
        run_at=now,
        claim_at=transitions.claim_at(now, parent.priority),
        time_zone=parent.time_zone,
        created_at=now,
        created_by_id=parent.created_by_id,
        source=Source.SUBJOB,
        input_summary=child.input_summary,
    )
