"""Every journal commit means the same whichever way it is written, and a job moves only as the table of moves says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.actions import Action
from audit.chain import Stream, chain
from audit.models import AuditEntry
from jobs import transitions
from jobs.engine import payloads, rare_commits, sweep
from jobs.engine.journal import FUSED_ROWS, Journal
from jobs.engine.recorder import Batch, JobColumns, StepEvents
from jobs.engine.rows import StepRow
from jobs.models import Job, Payload, StepRun, Wait, Worker
from jobs.states import JOB_ENDED, JOB_MOVES, JobStatus, PayloadKind, StepStatus
from tests.engine.lab import Lab

Writer = Callable[[Batch], bool]
NOW = timezone.now()
AWKWARD = "tab\t line\n back\\slash \\N 'quote' \"two\" %s $1 ? é 漢 🂡"


def _ways() -> dict[str, Writer]:
    """All ways to write a plain batch on this database, besides the ORM."""
    journal = Journal()
    ways: dict[str, Writer] = {"as the journal chooses": journal.write, "rows": journal._write_rows}
    if connection.vendor == "postgresql":
        ways["one statement"] = journal._write_fused
    return ways


def _row(path: str, **fields: Any) -> StepRow:
    row = StepRow(path, path.rpartition(".")[2], "text.render", 1, 1, started_at=NOW, release="1.0")
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def _batch(job: Job, columns: JobColumns | None = None, **contents: Any) -> Batch:
    """A commit of the job's owner, with one entry that lists its rows."""
    events = StepEvents(actor="worker:lab", target_id=str(job.pk), label=AWKWARD)
    rows = [*contents.get("inserts", []), *contents.get("updates", [])]
    drafts = [events([{"path": row.path, "status": row.status.value} for row in rows])]
    columns = columns or JobColumns(done=1, total=2)
    if columns.status in JOB_ENDED:
        drafts.append(events.draft(Action.JOB_COMPLETED, {"status": columns.status.value}))
    workspace = job.workspace
    stream = Stream(name=job.stream, workspace_id=workspace.pk, workspace_uid=str(workspace.uid))
    chained = chain(stream, drafts, head_seq=job.head_seq, head_hash=bytes(job.head_hash), at=NOW)
    return Batch(
        job_id=job.pk,
        fence=job.fence,
        seen=job.head_seq,
        head_seq=chained.head_seq,
        head_hash=chained.head_hash,
        job=columns,
        entries=chained.entries,
        **contents,
    )


def _claimed(lab: Lab) -> Job:
    """A job in progress that has three step runs, of every kind of column."""
    lab.workflow("steps: [{key: one, type: text.render, config: {text: a}}]")
    job = lab.start()
    assert lab.claim() is not None
    job.refresh_from_db()
    rows = [_row(path, stored=False) for path in ("one", "each[0].two", "three")]
    assert rare_commits.write(_batch(job, inserts=rows))
    job.refresh_from_db()
    return job


def _ended_rows() -> list[StepRow]:
    """Changes of the three rows of `_claimed`, with every column set."""
    error = {"code": "step_failed", "message": AWKWARD}
    failed = _row(
        "one", status=StepStatus.FAILED, error=error, finished_at=NOW, attempt=3, deaths=2, ordinal=7
    )
    failed.attempts = [{"error": None, "started_at": None}]
    done = _row("each[0].two", status=StepStatus.COMPLETED, finished_at=NOW, decision={"taken": AWKWARD})
    skipped = _row("three", status=StepStatus.SKIPPED, reason="when", started_at=None, action_version=1)
    skipped.generation = skipped.key_generation = 2
    return [failed, done, skipped]


def _values(count: int) -> list[Any]:
    bodies: list[Any] = [AWKWARD, None, {"n": 1.5, "nul": "\0"}, [], 2**53 - 1, True]
    return [
        payloads.payload_row(f"p[{number}]", PayloadKind.OUTPUT, 1, bodies[number % len(bodies)])
        for number in range(count)
    ]


def _failed_columns() -> JobColumns:
    return JobColumns(
        status=JobStatus.FAILED, finished_at=NOW, done=3, total=9, deaths=1, error_code="step_failed",
        error_summary=AWKWARD, error='{"message":"broken"}', deadline_at=NOW + timedelta(hours=1),
    )  # fmt: skip


def _parked_columns() -> JobColumns:
    return JobColumns(status=JobStatus.WAITING, due_at=NOW + timedelta(seconds=0.123456), done=1, total=2)


SHAPES: dict[str, Callable[[Job], Batch]] = {
    "only the head": _batch,
    "inserts": lambda job: _batch(job, inserts=[_row("new"), _row("each[1]", child_id=job.pk)]),
    "updates": lambda job: _batch(job, updates=_ended_rows()),
    "values": lambda job: _batch(job, payloads=_values(6)),
    "all at once": lambda job: _batch(job, inserts=[_row("x")], updates=_ended_rows(), payloads=_values(2)),
    "as many as fit": lambda job: _batch(job, inserts=[_row(f"a[{n}]") for n in range(FUSED_ROWS)]),
    "more than fit": lambda job: _batch(
        job,
        inserts=[_row(f"a[{n}]", decision={"v": AWKWARD}) for n in range(FUSED_ROWS * 5)],
        updates=_ended_rows(),
        payloads=_values(FUSED_ROWS * 3),
    ),
    "completed": lambda job: _batch(
        job, JobColumns(status=JobStatus.COMPLETED, finished_at=NOW, done=3, total=3), payloads=_values(1)
    ),
    "failed": lambda job: _batch(job, _failed_columns(), updates=_ended_rows()),
    "cancelled": lambda job: _batch(job, JobColumns(status=JobStatus.CANCELLED, finished_at=NOW)),
    "parked": lambda job: _batch(job, _parked_columns(), inserts=[_row("nap", status=StepStatus.WAITING)]),
}


def _everything() -> list[list[dict[str, Any]]]:
    """All columns of all tables that a commit touches; the ids of new rows are left out."""
    found: list[list[dict[str, Any]]] = [[dict(row) for row in Job.objects.order_by("pk").values()]]
    orders = {StepRun: "path", Payload: "path", AuditEntry: "stream", Wait: "path"}
    for table, order in orders.items():
        rows = list(table.objects.order_by(order, "pk").values())  # type: ignore[attr-defined]
        found.append([{name: value for name, value in row.items() if name != "id"} for row in rows])
    return [
        [{k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()} for row in rows]
        for rows in found
    ]


def _tried(write: Writer, batch: Batch) -> tuple[bool, list[list[dict[str, Any]]]]:
    """Whether it was written, and what the tables then hold; taken back afterwards."""
    with transaction.atomic():
        written = write(batch)
        found = _everything()
        transaction.set_rollback(True)
    return written, found


@pytest.mark.parametrize("shape", SHAPES)
def test_each_way_to_commit_writes_the_same_rows_and_entries(lab, shape):
    job = _claimed(lab)
    batch = SHAPES[shape](job)
    before = _everything()
    written, expected = _tried(rare_commits.write, batch)
    assert written
    assert expected != before
    for name, write in _ways().items():
        assert _tried(write, batch) == (True, expected), name
    assert _everything() == before


def _missing(batch: Batch, job: Job, miss: str) -> None:
    """Make the guard of `batch` match nothing."""
    mine = Job.objects.filter(pk=job.pk)
    if miss == "an older fence":
        mine.update(fence=job.fence + 1)
    elif miss == "a head that moved":
        mine.update(head_seq=job.head_seq + 1)
    elif miss == "a head that is not there yet":
        batch.seen += 1
    elif miss == "another job":
        batch.job_id += 1_000_000
    else:
        status = JobStatus(miss)
        mine.update(status=status, owner=None, finished_at=NOW if status in JOB_ENDED else None)


MISSES = [
    "an older fence", "a head that moved", "a head that is not there yet", "another job",
    *(status.value for status in JobStatus if status is not JobStatus.IN_PROGRESS),
]  # fmt: skip


@pytest.mark.parametrize("shape", ["all at once", "more than fit", "failed"])
@pytest.mark.parametrize("miss", MISSES)
def test_a_guard_that_matches_nothing_writes_nothing(lab, shape, miss):
    job = _claimed(lab)
    batch = SHAPES[shape](job)
    _missing(batch, job, miss)
    before = _everything()
    for name, write in {"orm": rare_commits.write, **_ways()}.items():
        assert _tried(write, batch) == (False, before), name


# ---------------------------------------------------------------- moves from outside
def _in_status(lab: Lab, status: JobStatus) -> Job:
    """A job that was claimed once and stands there now."""
    job = _claimed(lab)
    columns: dict[str, Any] = {"status": status}
    if status is not JobStatus.IN_PROGRESS:
        columns["owner"] = None
    if status is JobStatus.WAITING:
        columns["due_at"] = NOW - timedelta(hours=1)
    if status in JOB_ENDED:
        columns["finished_at"] = NOW
    Job.objects.filter(pk=job.pk).update(**columns)
    job.refresh_from_db()
    return job


def _bury_and_take_over(lab: Lab, job: Job) -> None:
    Worker.objects.filter(pk=lab.worker.id).update(gone_at=timezone.now())
    sweep.takeover()


OUTSIDE: dict[str, tuple[Callable[[Lab, Job], object], dict[JobStatus, JobStatus]]] = {
    "claim": (lambda lab, job: lab.claim(), {JobStatus.QUEUED: JobStatus.IN_PROGRESS}),
    "hand back": (
        lambda lab, job: transitions.hand_back(job.pk, job.fence),
        {JobStatus.IN_PROGRESS: JobStatus.QUEUED},
    ),
    "hand back by an older owner": (lambda lab, job: transitions.hand_back(job.pk, job.fence - 1), {}),
    "resume": (
        lambda lab, job: transitions.resume(job.pk, actor="test"),
        {JobStatus.FAILED: JobStatus.QUEUED},
    ),
    "cancel": (
        lambda lab, job: transitions.request_cancel(job.pk, actor="test"),
        {JobStatus.WAITING: JobStatus.QUEUED},
    ),
    "due": (lambda lab, job: sweep.due(), {JobStatus.WAITING: JobStatus.QUEUED}),
    "take over": (_bury_and_take_over, {JobStatus.IN_PROGRESS: JobStatus.QUEUED}),
}


@pytest.mark.parametrize("status", JobStatus.values)
@pytest.mark.parametrize("move", OUTSIDE)
def test_a_move_from_outside_happens_from_its_own_status_alone(lab, move, status):
    make, moves = OUTSIDE[move]
    before = JobStatus(status)
    job = _in_status(lab, before)
    make(lab, job)
    job.refresh_from_db()
    after = JobStatus(job.status)
    assert after is moves.get(before, before)
    assert after is before or after in JOB_MOVES[before]


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_an_ended_job_is_not_touched_by_a_cancel(lab, status):
    job = _in_status(lab, status)
    before = _everything()
    assert not transitions.request_cancel(job.pk, actor="test")
    assert _everything() == before


def test_a_job_that_never_started_is_cancelled_at_once(lab):
    lab.workflow("steps: [{key: one, type: text.render, config: {text: a}}]")
    job = lab.start()
    assert transitions.request_cancel(job.pk, actor="test")
    job.refresh_from_db()
    assert (job.status, job.fence) == ("cancelled", 0)
    assert lab.claim() is None
