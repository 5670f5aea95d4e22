"""An owner's commits: built from what was recorded, sent until it is known what became of them."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from audit.chain import Chained, Stream, chain
from audit.models import AuditEntry
from common.canonical import dumps
from jobs import transitions
from jobs.engine.claim import Claim
from jobs.engine.journal import Journal
from jobs.engine.recorder import Batch, JobColumns
from jobs.engine.run import JobRun
from jobs.engine.worker import WorkerHandle
from jobs.models import Job, Wait
from jobs.states import JobKind, JobStatus, WaitOutcome

logger = logging.getLogger(__name__)

OUTAGE = (OperationalError, InterfaceError)
"""What Django raises when the database is away."""
_LONGEST_PAUSE = 2.0


class FencedOut(Exception):  # noqa: N818 - control flow: another worker has the job
    """The job belongs to somebody else now, or to nobody: drop everything, write nothing."""


class Commits:
    """Writes for one owner. `on_cancel` and `on_settled` tell it what came from outside."""

    def __init__(
        self,
        *,
        run: JobRun,
        worker: WorkerHandle,
        stream: Stream,
        silent: bool,
        on_cancel: Callable[[], None],
        on_settled: Callable[[tuple[str, str], WaitOutcome], None],
    ) -> None:
        self.run = run
        self.worker = worker
        self.stream = stream
        self.silent = silent
        self.on_cancel, self.on_settled = on_cancel, on_settled
        self.journal = Journal()
        self.head_seq, self.head_hash = run.claim.head_seq, run.claim.head_hash
        self.cancel_seen = run.claim.cancel_at is not None
        self.stop_grace = float(settings.STOP_GRACE)

    @property
    def claim(self) -> Claim:
        return self.run.claim

    # ------------------------------------------------------------ the commit
    def flush(self, columns: JobColumns | None = None) -> bool:
        """Commit what is recorded, with a move of the job if `columns` says so.

        False: nothing was committed, for something came from outside that the walks must know of first.
        Raises `FencedOut`.
        """
        while True:
            batch = self._batch(columns or self._columns(JobStatus.IN_PROGRESS))
            if self._write(batch):
                self._committed(batch)
                return True
            if self.look() or columns is not None:
                return False

    def _columns(self, status: JobStatus) -> JobColumns:
        run = self.run
        if any(row.ended for row in run.recorder.rows.values()):
            run.deaths = 0
        return JobColumns(
            status=status,
            done=run.done,
            total=max(run.total, run.done),
            deaths=run.deaths,
            deadline_at=run.deadline_at,
        )

    def _batch(self, columns: JobColumns) -> Batch:
        recorder = self.run.recorder
        drafts = recorder.drafts_with(self.run.events)
        if recorder.rows and not drafts:
            drafts = [self.run.events([])]
        if self.silent:
            chained = Chained(entries=(), head_seq=self.head_seq + len(drafts), head_hash=b"")
        else:
            chained = chain(
                self.stream, drafts, head_seq=self.head_seq, head_hash=self.head_hash, at=self.run.moment()
            )
        rows = recorder.rows.values()
        return Batch(
            job_id=self.claim.id,
            fence=self.claim.fence,
            seen=self.head_seq,
            head_seq=chained.head_seq,
            head_hash=chained.head_hash,
            job=columns,
            inserts=[row for row in rows if not row.stored],
            updates=[row for row in rows if row.stored],
            payloads=recorder.payloads,
            entries=chained.entries,
            waits=recorder.waits,
            settled=recorder.settled,
            children=recorder.children,
            resumed=recorder.resumed,
            files=recorder.files,
            parent_id=self.claim.parent_id
            if columns.finished_at and self.claim.kind == JobKind.SUBJOB
            else None,
        )

    def _write(self, batch: Batch) -> bool:
        """Send the batch; after a lost connection find out what became of it, and send it again if nothing did.

        A statement whose connection was lost may still be running when the head is read, and commit before the one
        that is sent again: that one then matches nothing, because of our own commit.
        """
        pause, unsure = 0.05, False
        while True:
            try:
                return self.journal.write(batch) or (unsure and self._arrived(batch))
            except OUTAGE as error:
                logger.warning(
                    "The database is away; the commit waits.",
                    extra={"job": self.claim.id, "error": str(error)},
                )
            unsure = True
            while not self._reachable():
                self._check_lease()
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            if self._arrived(batch):
                return True

    def _reachable(self) -> bool:
        connection.close()
        try:
            connection.ensure_connection()
        except OUTAGE:
            return False
        return True

    def _arrived(self, batch: Batch) -> bool:
        """Whether the commit whose answer was lost is in the database: its last entry is, or for a job without
        entries its head. The head alone would not do, for somebody else may have moved it since.
        """
        if batch.head_seq == batch.seen:
            return False
        while True:
            try:
                if batch.entries:
                    last = AuditEntry.objects.filter(stream=self.stream.name, seq=batch.head_seq)
                    return last.filter(hash=batch.head_hash).exists()
                return Job.objects.filter(
                    pk=batch.job_id, head_seq=batch.head_seq, fence=batch.fence
                ).exists()
            except OUTAGE:
                self._check_lease()
                time.sleep(0.1)
                connection.close()

    def _check_lease(self) -> None:
        if self.worker.lost.is_set():
            raise FencedOut

    def _committed(self, batch: Batch) -> None:
        self.head_seq, self.head_hash = batch.head_seq, batch.head_hash
        self.worker.saw(batch.head_seq)
        self.run.recorder.committed()

    # ------------------------------------------------------------ from outside
    def look(self) -> bool:
        """Read what others have done to the job. True: the walks have been told something. Raises `FencedOut`."""
        fence, status, head_seq, head_hash, cancel_at, deadline_at = self._read_head()
        if fence != self.claim.fence or status != JobStatus.IN_PROGRESS:
            raise FencedOut
        self.head_seq, self.head_hash = head_seq, bytes(head_hash)
        self.worker.saw(head_seq)
        told = self._tell_settled()
        if cancel_at is not None and not self.cancel_seen:
            self.cancel_seen = told = True
            self.run.cancel_at = cancel_at
            self.on_cancel()
        if deadline_at is not None and (self.run.deadline_at is None or deadline_at < self.run.deadline_at):
            self.run.deadline_at, told = deadline_at, True
        return told

    def _read_head(self) -> tuple[int, str, int, bytes | memoryview, datetime | None, datetime | None]:
        while True:
            try:
                return Job.objects.values_list(
                    "fence", "status", "head_seq", "head_hash", "cancel_at", "deadline_at"
                ).get(pk=self.claim.id)
            except OUTAGE:
                self._check_lease()
                time.sleep(0.1)
                connection.close()

    def _tell_settled(self) -> bool:
        open_waits = {key: wait for key, wait in self.run.waits.items() if wait.outcome is None}
        if not open_waits:
            return False
        told = False
        settled = Wait.objects.filter(job_id=self.claim.id, settled_at__isnull=False)
        for path, kind, generation, attempt, outcome in settled.filter(
            path__in={path for path, _ in open_waits}
        ).values_list("path", "kind", "generation", "attempt", "outcome"):
            wait = open_waits.get((path, kind))
            if wait is not None and (wait.generation, wait.attempt) == (generation, attempt):
                wait.outcome = WaitOutcome(outcome)
                self.on_settled((path, kind), wait.outcome)
                told = True
        return told

    # ------------------------------------------------------------ moves
    def park(self, due_at: datetime | None) -> bool:
        """Let go of a job in which everything waits. False: something came meanwhile."""
        columns = self._columns(JobStatus.WAITING)
        columns.due_at = due_at
        return self.flush(columns)

    def end(self, status: JobStatus, error: dict[str, object] | None = None) -> bool:
        """End the job. False: something came meanwhile; build the end again."""
        columns = self._columns(status)
        columns.finished_at = self.run.moment()
        if error is not None:
            columns.error_code = str(error["code"])
            columns.error_summary = str(error["message"]).replace("\0", "")[:500]
            columns.error = dumps(error)
        return self.flush(columns)

    def hand_back(self) -> None:
        """Write what is recorded and put the job back in line, for any worker."""
        while not self.run.recorder.empty and not self.flush():
            continue
        transitions.hand_back(self.claim.id, self.claim.fence)
