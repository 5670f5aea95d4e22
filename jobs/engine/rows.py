"""The owner's copies of rows: what it will write, and what it has read after a takeover."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from common.canonical import Json, dumps, loads
from common.errors import StepError
from jobs.models import StepRun
from jobs.states import STEP_ENDED, PayloadKind, StepStatus, WaitKind, WaitOutcome

UNREAD: Final = object()
"""The output of a step run that has not been read from the database yet."""

POISON_DEATHS: Final = 3
"""Workers that may die in the middle of one step."""
STEP_COLUMNS: Final = (
    "path", "key", "type", "status", "reason", "ordinal", "attempt", "generation", "key_generation", "deaths",
    "fence", "started_at", "finished_at", "decision", "error", "attempts", "child_id", "action_version", "release",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class StepRow:
    """A step run in the owner's memory. `stored`: the database has a row for it."""

    path: str
    key: str
    type: str
    ordinal: int
    fence: int
    status: StepStatus = StepStatus.IN_PROGRESS
    reason: str = ""
    attempt: int = 1
    generation: int = 0
    key_generation: int = 0
    deaths: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    decision: dict[str, Json] = field(default_factory=dict)
    error: dict[str, Json] | None = None
    attempts: list[dict[str, Json]] = field(default_factory=list)
    child_id: int | None = None
    action_version: int = 0
    release: str = ""
    stored: bool = False
    dirty: bool = False
    value: Any = UNREAD

    @property
    def ended(self) -> bool:
        return self.status in STEP_ENDED

    def columns(self) -> tuple[Any, ...]:
        """The values of `STEP_COLUMNS`, as the database stores them."""
        return (
            self.path, self.key, self.type, self.status.value, self.reason, self.ordinal, self.attempt,
            self.generation, self.key_generation, self.deaths, self.fence, self.started_at, self.finished_at,
            dumps(self.decision) if self.decision else "", dumps(self.error) if self.error else "",
            dumps(self.attempts) if self.attempts else "", self.child_id, self.action_version, self.release,
        )  # fmt: skip


def read_step_rows(job_id: int) -> dict[str, StepRow]:
    """Every step run of a job by path, without payloads, in the order of their starts."""
    stored = StepRun.objects.filter(job_id=job_id).order_by("ordinal").values_list(*STEP_COLUMNS)
    return {columns[0]: _step_row(columns) for columns in stored.iterator(chunk_size=2000)}


def _step_row(columns: tuple[Any, ...]) -> StepRow:
    values = dict(zip(STEP_COLUMNS, columns, strict=True))
    values["status"] = StepStatus(values["status"])
    values["decision"] = loads(values["decision"]) if values["decision"] else {}
    values["error"] = loads(values["error"]) if values["error"] else None
    values["attempts"] = loads(values["attempts"]) if values["attempts"] else []
    return StepRow(**values, stored=True)


def interrupted(row: StepRow) -> StepError:
    """Why a step cannot simply go on whose worker died in the middle of it."""
    if row.deaths >= POISON_DEATHS:
        return StepError(
            "interrupted", f"The worker died {row.deaths} times while this step was running.", answered=False
        )
    return StepError(
        "interrupted",
        "The worker died while this step was running, and nobody can tell whether the step took effect.",
        answered=False,
    )


PAYLOAD_COLUMNS: Final = ("path", "kind", "attempt", "body", "blob_id", "bytes", "salt", "commitment")


@dataclass(slots=True, eq=False)
class PayloadRow:
    """A value to be stored; exactly one of `body` and `blob` is set."""

    path: str
    kind: PayloadKind
    attempt: int
    body: str | None
    blob: str | None
    size: int
    salt: bytes
    commitment: bytes
    text: str
    """The canonical text, wherever it is stored."""

    def value(self) -> Json:
        """What a reader of the database gets: what later steps see must not depend on who is asking, not even in
        the order of an object's keys.
        """
        return loads(self.text)

    def columns(self) -> tuple[Any, ...]:
        """The values of `PAYLOAD_COLUMNS`."""
        return (
            self.path, self.kind.value, self.attempt, self.body, self.blob, self.size, self.salt, self.commitment,
        )  # fmt: skip


@dataclass(slots=True, eq=False)
class WaitRow:
    """A wait of the job in hand. `outcome` is empty while it is open."""

    path: str
    kind: WaitKind
    generation: int
    attempt: int
    since: datetime
    due_at: datetime | None = None
    outcome: WaitOutcome | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class NewChild:
    """A sub-job that the next commit creates. `row` is the step run that waits for it."""

    row: StepRow
    uid: uuid.UUID
    workflow_id: int
    version_id: int
    digest: str
    needs: int
    inputs: PayloadRow
    input_summary: str
