"""One step of a job as its panel shows it: all but its values, which are read only for the tab that shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count

from common.canonical import Json, loads
from jobs.models import Job, Payload, StepRun, Wait
from jobs.selectors.failures import where_it_began
from jobs.selectors.jobs import shown_error
from jobs.selectors.step_found import Crumb, FoundStep, find_step, part_name
from jobs.selectors.step_words import decisions, why_not_run
from jobs.states import STEP_ENDED, WAITS_FOR, PayloadKind, StepStatus, WaitKind
from workflows.definition.model import ForEachStep
from workflows.words import step_icon, step_type_word

INSIDE_SHOWN: Final = 20
_VALUE_KINDS = (PayloadKind.INPUT, PayloadKind.OUTPUT, PayloadKind.LOG, PayloadKind.ITEMS)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of the step."""

    number: int
    status: str
    started_at: datetime | None
    finished_at: datetime | None
    error: Json


@dataclass(frozen=True, kw_only=True)
class StepWait:
    """What it waits for."""

    words: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Inside:
    """A step, item or turn directly inside it."""

    path: str
    name: str
    status: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A value that is there to be read. `path` is that of its row, of the loop for an item."""

    id: int
    kind: PayloadKind
    bytes: int
    purged: bool
    index: int | None = None
    """For an item: its place in the stored list."""


@dataclass(frozen=True, kw_only=True)
class StepPanel:
    """What is known of a step without its values. `values` has what could be read, by tab."""

    found: FoundStep
    error: Json
    error_path: str
    """Where the failure began; empty when that is this step."""
    decided: Sequence[str]
    not_run: str
    attempts: Sequence[Attempt]
    waits: Sequence[StepWait]
    inside: Sequence[Inside]
    counts: Mapping[str, int]
    """Items or turns by status."""
    values: Mapping[str, Stored]

    @property
    def name(self) -> str:
        """For people."""
        run = self.found.run
        if run is not None and run.type in ("item", "turn"):
            return self.found.crumbs[-1].label
        return self.found.step.name or self.found.step.key

    @property
    def type(self) -> str:
        """In words."""
        return step_type_word(self.found.run.type if self.found.run else self.found.step.type)

    @property
    def icon(self) -> str:
        """Of its type."""
        return step_icon(self.found.run.type if self.found.run else self.found.step.type)

    @property
    def child(self) -> Job | None:
        """The sub-job that it started."""
        return self.found.run.child if self.found.run else None

    @property
    def way(self) -> Sequence[Crumb]:
        """The levels above it."""
        return self.found.crumbs[:-1]

    @property
    def help_anchor(self) -> str:
        """Where the page of error codes explains its error."""
        return str(self.error["code"]).replace("_", "-") if isinstance(self.error, dict) else ""

    @property
    def idempotency_key(self) -> str:
        """As services see it; empty for a step that was not reached."""
        run = self.found.run
        return f"{self.found.job.uid}:{run.path}:{run.key_generation}" if run else ""

    @property
    def live(self) -> bool:
        """Whether anything of it can still change by itself."""
        return not self.found.outer.ended and self.found.status not in STEP_ENDED

    @property
    def parts(self) -> tuple[object, ...]:
        """What changes whenever something else is to be shown."""
        run = self.found.run
        facts = (run.status, run.attempt, run.generation, run.finished_at, run.decision) if run else ()
        child = (self.child.pk, self.child.status) if self.child else ()
        stored = [(kind, value.id, value.purged) for kind, value in self.values.items()]
        waits = [(wait.words, wait.since) for wait in self.waits]
        return (
            self.found.path,
            self.found.status,
            facts,
            child,
            stored,
            waits,
            sorted(self.counts.items()),
            self.live,
        )


def step_panel(job: Job, path: str, *, sees_payloads: bool) -> StepPanel:
    """Raises `Problem` 404. Besides finding the step two queries, one more while it waits, and two for a loop, item or
    turn.
    """
    found = find_step(job, path)
    run = found.run
    error = shown_error(run.error, whole=sees_payloads) if run else None
    return StepPanel(
        found=found,
        error=error,
        error_path=_began(found) if run and run.error else "",
        decided=decisions(found, loads(run.decision)) if run and run.decision else [],
        not_run=why_not_run(found),
        attempts=_attempts(run, error, whole=sees_payloads) if run else [],
        waits=_waits(run) if run and run.status == StepStatus.WAITING else [],
        inside=_inside(found),
        counts=_counts(found),
        values=_values(found) if run else {},
    )


def _began(found: FoundStep) -> str:
    assert found.run is not None, "only what ran has failed"
    path = where_it_began(loads(found.run.error))
    return "" if path in ("", found.inner_path) else f"{found.prefix}{path}"


def _attempts(run: StepRun, error: Json, *, whole: bool) -> list[Attempt]:
    """All of them, the newest last."""
    earlier: list[dict[str, Any]] = loads(run.attempts) if run.attempts else []
    tries = [
        Attempt(
            number=number,
            status=StepStatus.FAILED,
            started_at=_moment(each["started_at"]),
            finished_at=_moment(each["finished_at"]),
            error=each["error"] if whole or not each["error"] else {**each["error"], "detail": None},
        )
        for number, each in enumerate(earlier, start=1)
    ]
    newest = Attempt(
        number=run.attempt,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        error=error,
    )
    return [*tries, newest]


def _waits(run: StepRun) -> list[StepWait]:
    rows = Wait.objects.filter(job=run.job_id, path=run.path, settled_at__isnull=True).order_by("id")
    return [
        StepWait(words=str(WAITS_FOR[WaitKind(wait.kind)]), since=wait.since, until=wait.due_at)
        for wait in rows
    ]


def _is_loop(found: FoundStep) -> bool:
    return found.run is not None and found.step.type in ("for_each", "repeat") and not _is_part(found)


def _is_part(found: FoundStep) -> bool:
    return found.run is not None and found.run.type in ("item", "turn")


def _parts_of(found: FoundStep) -> Any:
    rows = StepRun.objects.filter(job=found.job, path__startswith=f"{found.inner_path}[", key=found.step.key)
    return rows.filter(type__in=("item", "turn"))


def _counts(found: FoundStep) -> Mapping[str, int]:
    if not _is_loop(found):
        return {}
    rows = _parts_of(found).order_by().values_list("status").annotate(Count("pk"))
    return dict(rows)


def _inside(found: FoundStep) -> list[Inside]:
    """Of a loop those that failed, else the newest; of an item or turn the steps that it ran."""
    if _is_loop(found):
        rows = _parts_of(found)
        failed = list(rows.filter(status=StepStatus.FAILED).order_by("ordinal")[:INSIDE_SHOWN])
        return [_row(found, row) for row in failed or rows.order_by("-ordinal")[:INSIDE_SHOWN]]
    if _is_part(found):
        start = f"{found.inner_path}."
        rows = StepRun.objects.filter(job=found.job, path__startswith=start).exclude(
            type__in=("item", "turn")
        )
        direct = [row for row in rows.order_by("ordinal")[:500] if "." not in row.path.removeprefix(start)]
        return [_row(found, row) for row in direct[:INSIDE_SHOWN]]
    return []


def _row(found: FoundStep, row: StepRun) -> Inside:
    number = row.path.rpartition("[")[2].rstrip("]")
    part = row.type in ("item", "turn")
    return Inside(
        path=found.prefix + row.path,
        name=part_name(found.step, number) if part else found.outline.name(row.key) or row.key,
        status=row.status,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _values(found: FoundStep) -> dict[str, Stored]:
    """The newest input, and output and log of this attempt; for an item its place in the list of its loop."""
    run = found.run
    assert run is not None, "only what ran has values"
    loop, _, number = run.path.rpartition("[") if run.type == "item" else ("", "", "")
    paths = [run.path, loop] if loop else [run.path]
    rows = Payload.objects.filter(job=found.job, path__in=paths, kind__in=_VALUE_KINDS).order_by("attempt")
    values: dict[str, Stored] = {}
    for pk, path, kind, attempt, size, purged in rows.values_list(
        "pk", "path", "kind", "attempt", "bytes", "purged_at"
    ):
        own = path == run.path
        stored = Stored(id=pk, kind=PayloadKind(kind), bytes=size, purged=purged is not None)
        if (kind == PayloadKind.INPUT and own) or (
            kind == PayloadKind.ITEMS and own and isinstance(found.step, ForEachStep)
        ):
            values["input"] = stored
        elif kind == PayloadKind.ITEMS and not own:
            index = int(number.rstrip("]"))
            values["input"] = Stored(
                id=pk, kind=PayloadKind.ITEMS, bytes=size, purged=purged is not None, index=index
            )
        elif own and kind in (PayloadKind.OUTPUT, PayloadKind.LOG) and attempt >= run.attempt:
            values[str(PayloadKind(kind).value)] = stored
    return values


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
