"""What a walk does differently in a preview: pinned outputs, effects held back, short waits, and the step to end at.

A job's run has no `previewing`, and every question here is then answered with no.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from common.canonical import Json
from common.clock import monotonic
from common.errors import StepError
from integrations.actions import Action, ActionContext
from jobs.engine.effects import step_files
from jobs.engine.frames import Cause, Unwind
from jobs.engine.place import Place
from jobs.engine.rows import StepRow
from jobs.engine.times import later
from jobs.states import PreviewMark, StepStatus
from workflows.definition.model import Step

if TYPE_CHECKING:
    from jobs.engine.run import JobRun

LONGEST_WAIT = 1.0
"""Seconds that a delay, a pause between turns or between attempts lasts in a preview, whatever it says."""
_SHOWING_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Previewing:
    """What the person asked for. In the sub-jobs of a preview only `effects` counts: pins and `until` name steps of
    the draft.
    """

    effects: bool
    until: str = ""
    pins: Mapping[str, Json] = field(default_factory=dict)


def take_pin(run: "JobRun", row: StepRow) -> bool:
    """Complete the step with the output that is pinned for it. False: none is."""
    if run.previewing is None or row.key not in run.previewing.pins:
        return False
    row.reason = PreviewMark.PINNED
    run.complete(row, run.previewing.pins[row.key])
    return True


def holds_back(run: "JobRun", action: Action) -> bool:
    """Whether the action is not to be run, because it reaches outside."""
    return run.previewing is not None and not run.previewing.effects and action.would_send is not None


def hold_back(run: "JobRun", row: StepRow, action: Action, config: dict[str, Json]) -> None:
    """Complete the step without an output; what it would have sent is its input. Raises `StepError` where it could not
    have been sent.
    """
    assert action.would_send is not None, "only what reaches outside is held back"
    context = ActionContext(
        files=step_files(run.claim.workspace_id, config),
        idempotency_key=run.idempotency_key(row),
        attempt=row.attempt,
        deadline=monotonic() + _SHOWING_SECONDS,
    )
    request = action.would_send(config, context)
    row.reason = PreviewMark.HELD_BACK
    run.complete(row, None, step_input=request)


def refuse_held_back(row: StepRow) -> None:
    """Raise `StepError` `held_back` where an expression asks for the output that a step would have had."""
    if row.status is StepStatus.COMPLETED and row.reason == PreviewMark.HELD_BACK:
        message = (
            f"steps.{row.key}.output: the step {row.key} was held back, so it has no output; pin one for it, or let "
            "effects through"
        )
        raise StepError("held_back", message, detail={"held_back": row.path})


def shortened(run: "JobRun", row: StepRow, due_at: datetime | None) -> datetime | None:
    """When a wait ends: in a preview soon, which the row then says."""
    if run.previewing is None or due_at is None:
        return due_at
    soon = later(run.moment(), LONGEST_WAIT)
    if due_at <= soon:
        return due_at
    row.reason = PreviewMark.SHORTENED
    return soon


def stop_after(run: "JobRun", step: Step, place: Place, error: dict[str, Json] | None = None) -> None:
    """End the preview if this is the step that it was to run until; with `error` if that failed. Raises `Unwind`."""
    if run.previewing is None or step.key != run.previewing.until:
        return
    run.stopped_with = error
    root = place.frame
    while root.parent is not None:
        root = root.parent
    run.driver.stop(root, Cause.UNTIL)
    raise place.frame.unwinding or Unwind(Cause.UNTIL)


def has_stopped(run: "JobRun") -> bool:
    """Whether an earlier owner has come to the step that the preview was to run until."""
    if run.previewing is None or not run.previewing.until:
        return False
    for row in run.rows.values():
        if row.key == run.previewing.until and row.type not in ("item", "turn") and _has_ended(row):
            run.stopped_with = row.error if row.status is StepStatus.FAILED else None
            return True
    return False


def _has_ended(row: StepRow) -> bool:
    return row.ended and row.status is not StepStatus.CANCELLED
