"""What the walks of one job share: its facts, its rows, and how a step run is recorded.

Only the owner's thread touches it. Nothing here commits: the recorder collects, the owner commits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from audit.actions import Action
from common.canonical import Json, dumps, loads
from common.errors import StepError
from common.redaction import Redactor
from integrations.guidance import error_json
from jobs.engine import retries
from jobs.engine.claim import Claim
from jobs.engine.frames import Cause, StepFailed
from jobs.engine.payloads import payload_row, read_whole, sealed_row
from jobs.engine.place import Driver
from jobs.engine.previewing import Previewing, shortened
from jobs.engine.recorder import Recorder, StepEvents
from jobs.engine.rows import POISON_DEATHS, UNREAD, PayloadRow, StepRow, WaitRow, interrupted
from jobs.engine.sandbox import Sandbox
from jobs.engine.scope import loop_depths
from jobs.states import PayloadKind, PreviewMark, StepStatus, WaitKind, WaitOutcome
from workflows.definition.model import Definition
from workflows.models import WorkflowVersion

UNKNOWN = "unknown"
"""In a leaf's `decision`: a request under the present key may have been acted on without our knowing."""
HALTED = "halted"
"""In `decision`: the end of its job cut the step off, so a resume runs it again even if its failures are tolerated."""
LEFT = "left"
"""In a leaf's `decision`: the worker that stopped in the middle of the step; that was no death."""


class JobRun:
    """One job in the hands of its owner."""

    def __init__(
        self,
        *,
        claim: Claim,
        definition: Definition,
        actions: Mapping[str, int],
        called: Callable[[str], WorkflowVersion],
        previewing: Previewing | None,
        recorder: Recorder,
        rows: dict[str, StepRow],
        waits: dict[tuple[str, str], WaitRow],
        sandbox: Sandbox,
        driver: Driver,
        redactor: Redactor,
        worker: str,
        release: str,
    ) -> None:
        self.claim = claim
        self.uid = str(claim.uid)
        self.definition = definition
        self.actions = actions
        self.called, self.previewing = called, previewing
        self.rows = rows
        self.waits = waits
        self.sandbox = sandbox
        self.driver = driver
        self.redactor = redactor
        self.release = release
        self.recorder = recorder
        self.events = StepEvents(
            actor=f"worker:{worker}", target_id=str(claim.id), label=claim.title or f"Job #{claim.id}"
        )
        self.done, self.total, self.deaths = claim.done, claim.total, claim.deaths
        self.deadline_at, self.cancel_at = claim.deadline_at, claim.cancel_at
        self.finishing: dict[str, Json] | None = None
        """The outputs of a `finish` step that was reached."""
        self.stopped_with: dict[str, Json] | None = None
        """The error of the step that a preview was to run until."""
        self.depths = loop_depths(definition)
        self.inner_paths: dict[str, list[str]] = {}
        """By the prefix of an item or turn, the paths that have begun inside it."""
        self._ordinal = max((row.ordinal for row in rows.values()), default=0)

    @property
    def generation(self) -> int:
        return self.claim.generation

    @property
    def careful(self) -> bool:
        """A worker died with this job in hand: every step's row is committed before it runs."""
        return self.deaths > 0

    def moment(self) -> datetime:
        """The present, by the database's clock."""
        return self.claim.moment()

    def idempotency_key(self, row: StepRow) -> str:
        """The same over attempts and crashes, another one only after a resume that follows a known answer."""
        return f"{self.uid}:{row.path}:{row.key_generation}"

    # ------------------------------------------------------------ rows
    def new_row(self, path: str, key: str, type_: str) -> StepRow:
        """A step run that has begun; it is not recorded yet."""
        self._ordinal += 1
        row = StepRow(path, key, type_, self._ordinal, self.claim.fence)
        row.generation = self.generation
        row.started_at = self.moment()
        row.release = self.release
        self.rows[path] = row
        inside = path.rfind("].")
        if inside >= 0:
            self.inner_paths.setdefault(path[: inside + 2], []).append(path)
        return row

    def next_attempt(self, row: StepRow) -> None:
        """Begin the same step again: a retry, a takeover, a resume. What was goes into `attempts`."""
        row.attempts.append(
            {
                "started_at": _text(row.started_at),
                "finished_at": _text(row.finished_at),
                "error": row.error,
                "generation": row.generation,
            }
        )
        if row.generation < self.generation:
            row.deaths = 0
            if not row.decision.get(UNKNOWN):
                row.key_generation = self.generation
        row.attempt += 1
        row.generation = self.generation
        row.fence = self.claim.fence
        row.status = StepStatus.IN_PROGRESS
        row.started_at, row.finished_at, row.error, row.reason = self.moment(), None, None, ""
        row.release = self.release
        row.value = UNREAD
        self.recorder.touch(row)

    def taken_over(self, row: StepRow) -> bool:
        """Whether an earlier owner left it in progress."""
        return row.status is StepStatus.IN_PROGRESS and row.stored and row.fence < self.claim.fence

    def recover(self, row: StepRow, *, idempotent: bool) -> None:
        """Go on with a step that an earlier owner left in progress: again if it is idempotent, else not at all.
        Raises `StepFailed`.
        """
        if row.decision.pop(LEFT, None) is None and self.claim.deaths:
            row.deaths += 1
        if row.action_version:
            self.note_outcome(row, interrupted(row))
        if idempotent and row.deaths < POISON_DEATHS:
            row.error = self.error_of(interrupted(row), row)
            self.next_attempt(row)
            return
        row.fence = self.claim.fence
        raise StepFailed(self.error_of(interrupted(row), row))

    def leave(self, row: StepRow) -> None:
        """The worker stops in the middle of the step, for the next owner to go on."""
        if row.stored or row.dirty:
            row.decision[LEFT] = True
            self.recorder.touch(row)

    def note_outcome(self, row: StepRow, error: StepError) -> None:
        """Remember whether the service may have acted: from an error without an answer until one with a final
        answer. An error before the request, a connection that was never made, or "come again later" tells nothing
        about the requests before.
        """
        if not error.answered:
            row.decision[UNKNOWN] = True
        elif error.code in ("http_error", "bad_response") and not retries.is_transient(error):
            row.decision.pop(UNKNOWN, None)

    # ------------------------------------------------------------ recording
    def started(self, row: StepRow, given: PayloadRow | None = None) -> None:
        """The step begins something that must not run unseen. `given` is its input, if it has one."""
        row.status = StepStatus.IN_PROGRESS
        self.recorder.step(row, row.started_at or self.moment(), {"input": given} if given else None)

    def decide(self, row: StepRow, values: dict[str, PayloadRow] | None = None, /, **decision: Json) -> None:
        """Store what steers the walk, before anything inside the block, and the values that go with it."""
        row.decision = {**row.decision, **decision}
        self.recorder.step(row, self.moment(), values)

    def complete(self, row: StepRow, output: Json, *, step_input: Json = UNREAD, log: str = "") -> None:
        """The step ended well. Raises `StepError` when the output cannot be kept."""
        values, kept = self.keep(row, PayloadKind.OUTPUT, output)
        if step_input is not UNREAD:
            values["input"] = self.payload(row, PayloadKind.INPUT, step_input)
        if log:
            values["log"] = self.payload(row, PayloadKind.LOG, log)
        row.status, row.value, row.error = StepStatus.COMPLETED, kept, None
        self._end(row, values)

    def skip(self, row: StepRow, reason: str) -> None:
        """The step was not to run."""
        row.status, row.reason, row.value = StepStatus.SKIPPED, reason, None
        self._end(row)

    def fail(self, row: StepRow, error: dict[str, Json]) -> None:
        """The step, or something inside it, failed for good."""
        row.status, row.error, row.value = StepStatus.FAILED, self.redactor.mask(error), None
        self._end(row)
        self.recorder.entry(self.events.draft(Action.STEP_FAILED, {"path": row.path, "error": row.error}))

    def halt(self, row: StepRow, cause: Cause) -> None:
        """Everything stops, and so does this step. One that was never recorded leaves no trace."""
        if row.ended:
            return
        for wait in self.waits.values():
            if wait.path == row.path and wait.outcome is None:
                self.recorder.settle(wait, WaitOutcome.WITHDRAWN)
        if row.action_version and row.status is StepStatus.IN_PROGRESS:
            self.note_outcome(row, self.time_over())
        if not row.stored and not row.dirty:
            self.rows.pop(row.path, None)
        elif cause is Cause.LIMIT:
            self.cut_off(row, self.time_over())
        else:
            row.status = StepStatus.CANCELLED
            row.reason = PreviewMark.STOPPED if cause is Cause.UNTIL else ""
            self._end(row)

    def cut_off(self, row: StepRow, error: StepError) -> None:
        """The step failed because its job ended: a resume runs it again, also if its failures are tolerated."""
        row.decision[HALTED] = True
        self.fail(row, self.error_of(error, row))

    def _end(self, row: StepRow, values: dict[str, PayloadRow] | None = None) -> None:
        row.finished_at = self.moment()
        row.fence = self.claim.fence
        self.recorder.step(row, row.finished_at, values)

    def payload(self, row: StepRow, kind: PayloadKind, value: Json) -> PayloadRow:
        """A value of the step, ready to be stored. Raises `StepError` when it cannot be kept."""
        return payload_row(row.path, kind, row.attempt, self.redactor.mask(value))

    def keep(self, row: StepRow, kind: PayloadKind, value: Json) -> tuple[dict[str, PayloadRow], Json]:
        """A value that later steps see, ready to be stored, and as they see it. What is shown has its secrets masked;
        they lie beside it, sealed, so that a later step sends the secret and not the mask.
        """
        masked = self.redactor.mask(value)
        shown = payload_row(row.path, kind, row.attempt, masked)
        if masked is value or masked == value:
            return {kind.value: shown}, shown.value()
        sealed = sealed_row(row.path, kind, row.attempt, value, job_uid=self.uid)
        return {kind.value: shown, sealed.kind.value: sealed}, loads(dumps(value))

    def kept(self, path: str, kind: PayloadKind) -> Json:
        """The newest value that `keep` made ready, as later steps see it; null if there is none."""
        return dict(self.kept_many([path], kind)).get(path)

    def kept_many(self, paths: Iterable[str], kind: PayloadKind) -> Iterator[tuple[str, Json]]:
        """The same for many paths; those without a value are left out."""
        return read_whole(self.claim.id, paths, kind, job_uid=self.uid)

    # ------------------------------------------------------------ waits
    def open_wait(self, row: StepRow, kind: WaitKind, *, due_at: datetime | None = None) -> WaitRow:
        """The step waits from the next commit on."""
        due_at = shortened(self, row, due_at)
        wait = WaitRow(row.path, kind, self.generation, row.attempt, self.moment(), due_at)
        self.waits[row.path, kind.value] = wait
        row.status = StepStatus.WAITING
        row.fence = self.claim.fence
        self.recorder.step(row, wait.since)
        self.recorder.open_wait(wait)
        until = {"until": _text(due_at)} if due_at else {}
        self.recorder.entry(
            self.events.draft(Action.WAIT_OPENED, {"path": row.path, "kind": kind.value, **until})
        )
        self.recorder.urgent = True
        return wait

    def wait_of(self, row: StepRow, kind: WaitKind) -> WaitRow | None:
        """The wait that an earlier owner opened for a step that is still waiting, in its present attempt."""
        wait = self.waits.get((row.path, kind.value)) if row.status is StepStatus.WAITING else None
        return wait if wait is not None and wait.attempt == row.attempt else None

    # ------------------------------------------------------------ errors
    def time_over(self) -> StepError:
        """The error of a job whose time is over; that of a sub-job also ends with the job that started it."""
        limit = "its workflow's time limit"
        if self.claim.parent_id is not None:
            limit += ", or the job that started it,"
        what = "job" if self.previewing is None else "preview"
        return StepError("limit_exceeded", f"The {what} ran longer than {limit} allows.", answered=False)

    def error_of(self, error: StepError, row: StepRow) -> dict[str, Json]:
        """A step's error as people and programs see it."""
        return error_json(error=error, step=row.key, path=row.path)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
