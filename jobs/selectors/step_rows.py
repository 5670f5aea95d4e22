"""One step run, or one step that was not reached, as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from common.canonical import Json, loads
from jobs.models import Job, StepRun
from jobs.selectors.jobs import moment, shown_error
from jobs.selectors.outline import Outline
from jobs.selectors.unreached import Rows, Unreached, unreached
from jobs.selectors.values import Values
from jobs.states import PayloadKind
from workflows.definition.model import ForEachStep, RepeatStep, Step

if TYPE_CHECKING:  # it shows step runs itself, one depth further down
    from jobs.selectors.nested import Nested

_PARTS = ("item", "turn")


@dataclass(frozen=True, kw_only=True)
class ViewOptions:
    """Whose steps are shown, to whom, and what stands before their paths."""

    job: Job
    outline: Outline
    sees_payloads: bool
    prefix: str = ""


def step_row(run: StepRun, options: ViewOptions, values: Values, nested: "Nested") -> dict[str, Json]:
    """A step run. `attempts` are the earlier ones; `input` is the newest, `output` and `log` of this attempt."""
    whole = options.sees_payloads

    def value(kind: PayloadKind, attempt: int) -> Json:
        return values.read(run.path, kind, job_id=run.job_id, attempt=attempt) if whole else None

    return {
        "path": options.prefix + run.path,
        "key": run.key,
        "name": options.outline.name(run.key),
        "type": run.type,
        "status": run.status,
        "reason": run.reason,
        "attempt": run.attempt,
        "attempts": _attempts(run.attempts, whole=whole),
        "idempotency_key": f"{options.job.uid}:{run.path}:{run.key_generation}",
        "input": value(PayloadKind.INPUT, 0),
        "output": value(PayloadKind.OUTPUT, run.attempt),
        "error": shown_error(run.error, whole=whole),
        "log": value(PayloadKind.LOG, run.attempt),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at),
        "job": nested.job(run.child_id, f"{options.prefix}{run.path}/") if run.child_id else None,
    }


def unreached_rows(
    rows: Iterable[StepRun], options: ViewOptions, *, whole: bool = True, last: bool = True
) -> list[dict[str, Json]]:
    """The steps without a row in the items and turns among `rows` and, on the `last` page, in the job itself.

    `whole`: `rows` are all rows of the job.
    """
    places: dict[str, tuple[Step, ...]] = {"": options.outline.definition.steps} if last else {}
    for row in rows:
        step = options.outline.steps.get(row.key)
        if row.type in _PARTS and isinstance(step, ForEachStep | RepeatStep):
            places[f"{row.path}."] = step.steps
    job = options.job
    known = Rows(
        job_id=job.pk, known={row.path: row for row in rows}, whole=whole, resumed=job.generation > 0
    )
    return [_unreached_row(each, options) for each in unreached(places, known)]


def _unreached_row(unreached: Unreached, options: ViewOptions) -> dict[str, Json]:
    status, reason = unreached.shown_in(options.job)
    return {
        "path": options.prefix + unreached.path,
        "key": unreached.step.key,
        "name": unreached.step.name,
        "type": unreached.step.type,
        "status": status,
        "reason": reason,
        "attempt": 0,
        "attempts": [],
        "idempotency_key": None,
        "input": None,
        "output": None,
        "error": None,
        "log": None,
        "started_at": None,
        "finished_at": None,
        "job": None,
    }


def _attempts(text: str, *, whole: bool) -> list[dict[str, Json]]:
    if not text:
        return []
    return [
        {
            "started_at": _same_form(attempt["started_at"]),
            "finished_at": _same_form(attempt["finished_at"]),
            "error": attempt["error"]
            if whole or not attempt["error"]
            else attempt["error"] | {"detail": None},
        }
        for attempt in loads(text)
    ]


def _same_form(text: str | None) -> str | None:
    return moment(datetime.fromisoformat(text)) if text else None
