"""What the owner's next commit will hold: rows that changed, values, waits, sub-jobs, and the audit events of it."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from audit.actions import Action
from audit.chain import Entry, EntryDraft
from common.canonical import Json
from common.clock import monotonic, rfc3339
from jobs.engine.rows import NewChild, PayloadRow, StepRow, WaitRow
from jobs.states import JobStatus, WaitOutcome
from jobs.storage import NewFile

MAX_EVENTS = 500
"""Events in one `steps.recorded` entry."""
MAX_AGE = 0.05
"""Seconds that finished instant steps may stay unwritten while others go on."""


@dataclass(slots=True, kw_only=True)
class JobColumns:
    """What a journal commit says of the job's own row, besides the head."""

    status: JobStatus = JobStatus.IN_PROGRESS
    done: int = 0
    total: int = 0
    deaths: int = 0
    due_at: datetime | None = None
    deadline_at: datetime | None = None
    finished_at: datetime | None = None
    error_code: str = ""
    error_summary: str = ""
    error: str = ""


@dataclass(slots=True, kw_only=True)
class Batch:
    """One journal commit: everything that is written if, and only if, fence and head are still those seen."""

    job_id: int
    fence: int
    seen: int
    head_seq: int
    head_hash: bytes
    job: JobColumns
    inserts: list[StepRow] = field(default_factory=list)
    updates: list[StepRow] = field(default_factory=list)
    payloads: list[PayloadRow] = field(default_factory=list)
    entries: tuple[Entry, ...] = ()
    waits: list[WaitRow] = field(default_factory=list)
    settled: list[WaitRow] = field(default_factory=list)
    children: list[NewChild] = field(default_factory=list)
    resumed: list[StepRow] = field(default_factory=list)
    files: list[NewFile] = field(default_factory=list)
    parent_id: int | None = None
    """Set when this commit ends a sub-job: the parent's wait is settled in the same transaction."""

    @property
    def plain(self) -> bool:
        """Whether it touches only job, step runs, values in rows, and audit entries: the hot shape."""
        return not (
            self.waits
            or self.settled
            or self.children
            or self.resumed
            or self.files
            or self.parent_id
            or any(payload.blob for payload in self.payloads)
        )


class Recorder:
    """Collects until the owner commits. Nothing here touches the database."""

    def __init__(self) -> None:
        self.rows: dict[str, StepRow] = {}
        self.payloads: list[PayloadRow] = []
        self.log: list[dict[str, Json] | EntryDraft] = []
        """What happened, in order: events of steps, and entries of their own."""
        self.waits: list[WaitRow] = []
        self.settled: list[WaitRow] = []
        self.children: list[NewChild] = []
        self.resumed: list[StepRow] = []
        self.files: list[NewFile] = []
        self.since: float | None = None
        self.urgent = False
        """The end of an effect, or anything that others wait for, is in here: commit at once."""

    @property
    def empty(self) -> bool:
        return not (self.rows or self.log or self.payloads or self.settled)

    @property
    def wants_commit(self) -> bool:
        """Whether a walk that could go on should let the owner commit first."""
        if self.urgent or len(self.log) >= MAX_EVENTS:
            return True
        return self.since is not None and monotonic() - self.since > MAX_AGE

    def step(self, row: StepRow, at: datetime, payloads: dict[str, PayloadRow] | None = None) -> None:
        """Record where a step run stands now, and the values that came with it, as one event."""
        self.touch(row)
        event: dict[str, Json] = {
            "path": row.path,
            "status": row.status.value,
            "attempt": row.attempt,
            "at": rfc3339(at),
        }
        if payloads:
            for kind, payload in payloads.items():
                self.payloads.append(payload)
                event[kind] = payload.commitment.hex()
        if row.decision:
            event["decision"] = row.decision
        if row.error:
            event["error"] = row.error["code"]
        if row.action_version:
            event["action_version"] = row.action_version
        self.log.append(event)

    def touch(self, row: StepRow) -> None:
        """Write the row with the next commit, without an event of its own."""
        row.dirty = True
        self.rows[row.path] = row
        if self.since is None:
            self.since = monotonic()

    def forget(self, row: StepRow) -> None:
        """Take back a row that was to appear and must not: its step never started."""
        self.rows.pop(row.path, None)
        self.log = [one for one in self.log if not _tells_of_start(one, row.path)]
        self.payloads = [payload for payload in self.payloads if payload.path != row.path]

    def entry(self, draft: EntryDraft) -> None:
        """An audit entry of its own, after the steps recorded so far."""
        self.log.append(draft)
        self.since = self.since if self.since is not None else monotonic()

    def open_wait(self, wait: WaitRow) -> None:
        self.waits.append(wait)

    def settle(self, wait: WaitRow, outcome: WaitOutcome) -> None:
        """End a wait that the owner itself ends. One that this commit would have opened is not opened at all."""
        wait.outcome = outcome
        if wait in self.waits:
            self.waits.remove(wait)
        else:
            self.settled.append(wait)

    def drafts_with(self, step_events: "StepEvents") -> list[EntryDraft]:
        """The entries of the commit, in order; events that follow each other share an entry, 500 at most."""
        drafts: list[EntryDraft] = []
        for is_event, group in groupby(self.log, key=lambda one: isinstance(one, dict)):
            together: list[Any] = list(group)
            if is_event:
                starts = range(0, len(together), MAX_EVENTS)
                drafts += [step_events(together[start : start + MAX_EVENTS]) for start in starts]
            else:
                drafts += together
        return drafts

    def committed(self) -> None:
        """Everything is in the database: begin anew."""
        for row in self.rows.values():
            row.stored = True
            row.dirty = False
        self.__init__()  # type: ignore[misc]  # the same empty state as at first


_STARTS = frozenset({Action.WAIT_OPENED.value, Action.CHILD_CREATED.value})


def _tells_of_start(one: dict[str, Json] | EntryDraft, path: str) -> bool:
    """Whether it says that something began at `path`."""
    if isinstance(one, EntryDraft):
        return one.action in _STARTS and one.data.get("path") == path
    return bool(one["path"] == path)


class StepEvents:
    """Makes the `steps.recorded` entry of one job."""

    def __init__(self, *, actor: str, target_id: str, label: str) -> None:
        self.actor, self.target_id, self.label = actor, target_id, label

    def __call__(self, events: list[dict[str, Json]]) -> EntryDraft:
        return self.draft(Action.STEPS_RECORDED, {"events": events})

    def draft(self, action: Action, data: dict[str, Json]) -> EntryDraft:
        """An entry about the job."""
        return EntryDraft(
            action=action.value,
            actor=self.actor,
            target_type="job",
            target_id=self.target_id,
            label=self.label,
            data=data,
        )
