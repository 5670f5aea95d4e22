"""Steps without steps inside: `set`, `code`, leaf actions, `delay`, `fail`, `finish`."""

import threading
from collections.abc import Callable, Generator
from typing import Any

from django.conf import settings

from common.canonical import Json, dumps
from common.clock import monotonic
from common.errors import StepError
from integrations.actions import Action, ActionContext
from integrations.registry import get_action
from jobs.engine import retries
from jobs.engine.effects import check_config, step_files
from jobs.engine.frames import Call, Cause, Pause, Request, Slot, StepFailed, Unwind, Walk
from jobs.engine.interpreter.steps import evaluate, take_over, walks
from jobs.engine.payloads import INLINE_BYTES
from jobs.engine.place import Place
from jobs.engine.previewing import hold_back, holds_back
from jobs.engine.rows import StepRow, WaitRow
from jobs.engine.run import JobRun
from jobs.engine.times import due_time, later, seconds_of
from jobs.states import PayloadKind, WaitKind, WaitOutcome
from workflows.definition.check_secrets import PASSES_ON
from workflows.definition.model import (
    CodeStep,
    DelayStep,
    FailStep,
    FinishStep,
    LeafStep,
    Retry,
    SetStep,
    Step,
)

DEFAULT_SECONDS = 60.0


@walks(SetStep)
def walk_set(run: JobRun, step: SetStep, place: Place, row: StepRow) -> Walk:
    """The object of its values."""
    yield from take_over(run, row)
    run.complete(row, (yield from evaluate(run, step.values, place, row)))


@walks(CodeStep)
def walk_code(run: JobRun, step: CodeStep, place: Place, row: StepRow) -> Walk:
    """Run the source in the sandbox. Pure: recorded when it ends, or after 10 ms."""

    def attempt() -> Walk:
        inputs = yield from evaluate(run, step.inputs, place, row)
        seconds = min(step.timeout or DEFAULT_SECONDS, settings.CODE_MAX_SECONDS)
        moment, seed = run.claim.started_at, f"{run.uid}:{row.path}:{run.generation}"
        cancelled = threading.Event()
        result = yield Call(
            run=lambda: run.sandbox.run_code(
                step.source, inputs, seconds=seconds, now=moment, seed=seed, cancel=cancelled
            ),
            row=row,
            effect=False,
            deadline=seconds,
            cancelled=cancelled,
        )
        run.complete(row, result.value, step_input=inputs, log=result.log)

    yield from take_over(run, row, idempotent=step.idempotent is not False)
    yield from with_retries(run, step.retry or Retry(max_attempts=1), row, attempt, idempotent=lambda: True)


@walks(LeafStep)
def walk_leaf(run: JobRun, step: LeafStep, place: Place, row: StepRow) -> Walk:
    """Run an action: an effect that starts only after its row and input are committed."""
    action = get_action(step.type, run.actions[step.type])
    if action is None:
        raise StepError(
            "internal_error", f"This release has no action {step.type} in version {run.actions[step.type]}."
        )
    row.action_version = action.version
    idempotent = step.idempotent is True

    def attempt() -> Walk:
        nonlocal idempotent
        taken_over = run.taken_over(row)
        try:
            config = yield from evaluate(run, step.config, place, row)
            check_config(action, config)
        except StepError:
            if taken_over:
                run.recover(row, idempotent=False)
            raise
        if holds_back(run, action):
            hold_back(run, row, action, config)
            return
        idempotent = step.idempotent if step.idempotent is not None else action.idempotent(config)
        if taken_over:
            run.recover(row, idempotent=idempotent)
            config = yield from evaluate(run, step.config, place, row)
        yield from perform(run, step, row, action, config, idempotent=idempotent)

    yield from with_retries(run, step.retry, row, attempt, idempotent=lambda: idempotent)


def perform(
    run: JobRun, step: Step, row: StepRow, action: Action, config: dict[str, Json], *, idempotent: bool
) -> Generator[Request, Any, None]:
    """Start the action once its row is committed, and record what comes of it."""
    files = step_files(run.claim.workspace_id, config)
    given = run.payload(
        row, PayloadKind.INPUT, config
    )  # refuses what cannot be kept: a taken slot would be lost
    if not run.driver.take_slot():
        yield Slot()
    seconds = step.timeout or DEFAULT_SECONDS
    cancelled = threading.Event()
    key, attempt = run.idempotency_key(row), row.attempt

    def act() -> Json:
        context = ActionContext(
            files=files,
            idempotency_key=key,
            attempt=attempt,
            deadline=monotonic() + seconds,
            cancelled=cancelled,
        )
        return action.run(config, context)

    run.started(row, given)
    output = yield Call(
        run=act, row=row, effect=True, deadline=seconds, cancelled=cancelled, idempotent=idempotent
    )
    run.complete(row, output if step.type in PASSES_ON else run.redactor.mask(output))
    run.recorder.files += files.created
    run.recorder.urgent = True


def with_retries(
    run: JobRun,
    policy: Retry | None,
    row: StepRow,
    attempt: Callable[[], Walk],
    *,
    idempotent: Callable[[], bool],
) -> Walk:
    """Try until it works or the policy says never; between two attempts nothing is held."""
    wait = run.wait_of(row, WaitKind.RETRY)
    if wait is not None:
        yield from pause(run, row, wait)
        run.next_attempt(row)
    while True:
        try:
            yield from attempt()
        except StepError as error:
            run.note_outcome(row, error)
            seconds = retries.decide(
                policy=policy,
                idempotent=idempotent(),
                error=error,
                attempt=tries(row, run.generation),
            )
            if seconds is None:
                raise
            row.error, row.finished_at = run.redactor.mask(run.error_of(error, row)), run.moment()
            wait = run.open_wait(row, WaitKind.RETRY, due_at=later(run.moment(), seconds))
            yield from pause(run, row, wait)
            run.next_attempt(row)
        else:
            return


def tries(row: StepRow, generation: int) -> int:
    """How often the step was tried since the last resume; workers that died do not count."""
    earlier = [
        attempt
        for attempt in row.attempts
        if attempt["generation"] == generation and (attempt["error"] or {}).get("code") != "interrupted"
    ]
    return len(earlier) + 1


def pause(run: JobRun, row: StepRow, wait: WaitRow) -> Generator[Request, Any, WaitOutcome]:
    """Wait until `wait` is settled."""
    if wait.outcome is None:
        yield Pause(row, wait)
    run.waits.pop((wait.path, wait.kind.value), None)
    assert wait.outcome is not None
    return wait.outcome


@walks(DelayStep)
def walk_delay(run: JobRun, step: DelayStep, place: Place, row: StepRow) -> Walk:
    """Wait for a while, or until a time; past: not at all."""
    yield from take_over(run, row)
    wait = run.wait_of(row, WaitKind.DELAY)
    if wait is None:
        if step.duration is not None:
            seconds = seconds_of((yield from evaluate(run, step.duration, place, row)))
            due_at = later(run.moment(), seconds)
        else:
            assert step.until is not None, "the definition has one of the two"
            until = yield from evaluate(run, step.until, place, row)
            due_at = due_time(until, run.claim.time_zone)
        if due_at > run.moment():
            wait = run.open_wait(row, WaitKind.DELAY, due_at=due_at)
    if wait is not None:
        yield from pause(run, row, wait)
    run.complete(row, {})


@walks(FailStep)
def walk_fail(run: JobRun, step: FailStep, place: Place, row: StepRow) -> Walk:
    """Fail as the author says."""
    message = yield from evaluate(run, step.message, place, row)
    reason = yield from evaluate(run, step.reason, place, row)
    details = yield from evaluate(run, step.details, place, row)
    message, reason = str(message), "" if reason is None else str(reason)
    size = len(dumps(details))
    if size > INLINE_BYTES:
        message += f" (Its details have {size:,} bytes; at most {INLINE_BYTES:,} are kept.)"
        details = None
    raise StepFailed(run.error_of(StepError("step_failed", message, reason=reason, detail=details), row))


@walks(FinishStep)
def walk_finish(run: JobRun, step: FinishStep, place: Place, row: StepRow) -> Walk:
    """End the workflow now, as completed."""
    outputs = yield from evaluate(run, step.outputs, place, row)
    if place.frame.unwinding and place.frame.must_stop:
        raise place.frame.unwinding  # another `finish`, or a cancel, came while this one was evaluated
    row.decision = {"outputs": run.redactor.mask(outputs)}
    run.complete(row, {})
    run.finishing = outputs or {}
    root = place.frame
    while root.parent is not None:
        root = root.parent
    run.driver.stop(root, Cause.FINISH)
    raise place.frame.unwinding or Unwind(Cause.FINISH)
