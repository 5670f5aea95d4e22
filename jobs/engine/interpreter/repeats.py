"""`repeat`: the same steps turn after turn, until a condition is true."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from common.canonical import Json
from common.errors import StepError
from jobs.engine.frames import Breathe, Request, StepFailed, Unwind, Walk
from jobs.engine.interpreter.leaves import pause
from jobs.engine.interpreter.loops import forget_inner_rows, walk_turn
from jobs.engine.interpreter.steps import begin_again, evaluate, stays, walks
from jobs.engine.place import Place
from jobs.engine.rows import UNREAD, StepRow
from jobs.engine.run import JobRun
from jobs.engine.scope import place_scope
from jobs.engine.times import later, seconds_of
from jobs.states import PayloadKind, StepStatus, WaitKind
from workflows.definition.model import RepeatStep


@walks(RepeatStep)
def walk_repeat(run: JobRun, step: RepeatStep, place: Place, row: StepRow) -> Walk:
    """The steps until the condition is true, at most `max_times`; the list of turns."""
    if "turns" not in row.decision:
        run.decide(row, turns=step.max_times)
    turns: list[Json] = []
    for index in range(step.max_times):
        value, over = yield from _walk_turn(
            run, step, place, (f"{row.path}[{index}]", index), last=turns[-1] if turns else None
        )
        turns.append(value)
        if over:
            run.complete(row, turns)
            return
        if run.recorder.wants_commit:
            yield Breathe()
    if step.on_exhausted == "fail":
        raise StepError(
            "limit_exceeded",
            f"The condition was still not met after {step.max_times} turns.",
            detail={"expression": step.until.source if step.until else None, "turns": step.max_times},
        )
    run.complete(row, turns)


def _walk_turn(
    run: JobRun, step: RepeatStep, place: Place, turn: tuple[str, int], *, last: Json
) -> Generator[Request, Any, tuple[Json, bool]]:
    """One turn: what it collected, and whether it was the last. `turn` is its path and number. Raises
    `StepFailed`.
    """
    path, index = turn
    row = run.rows.get(path)
    if row is not None and row.ended:
        if stays(run, row, place, tolerated=False):
            if row.value is UNREAD:
                row.value = run.kept(path, PayloadKind.OUTPUT)
            return row.value, bool(row.decision.get("until"))
        begin_again(run, row, place)
    elif row is None and place.frame.unwinding and place.frame.must_stop:
        raise place.frame.unwinding
    row = row or run.new_row(path, step.key, "turn")
    scope = place_scope(run, place.scope, (*place.prefixes, path + "."), {"index": index, "last": last})
    inner = replace(place, scope=scope, prefixes=(*place.prefixes, path + "."), counts=False)
    try:
        if index and step.delay is not None:
            yield from _wait_between(run, step, place, row)
        value = yield from walk_turn(run, row, inner, step)
        until = step.until is not None and bool((yield from evaluate(run, step.until, inner, row)))
        row.decision = {"until": until}
        run.complete(row, value)
    except (StepFailed, StepError) as failure:
        error = failure.error if isinstance(failure, StepFailed) else run.error_of(failure, row)
        run.fail(row, error)
        raise StepFailed(error) from None
    except Unwind as unwind:
        run.halt(row, unwind.cause)
        raise
    finally:
        forget_inner_rows(run, row)
    return row.value, until


def _wait_between(run: JobRun, step: RepeatStep, place: Place, row: StepRow) -> Walk:
    """The delay before a turn, once."""
    wait = run.wait_of(row, WaitKind.DELAY)
    if wait is None:
        if row.stored or step.delay is None:
            return
        seconds = seconds_of((yield from evaluate(run, step.delay, place, row)))
        if seconds <= 0:
            return
        wait = run.open_wait(row, WaitKind.DELAY, due_at=later(run.moment(), seconds))
    yield from pause(run, row, wait)
    row.status = StepStatus.IN_PROGRESS
    run.recorder.touch(row)
