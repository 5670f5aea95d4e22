"""Walking steps: a sequence, and what every step has (condition, recording, `on_error`)."""

from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeVar

from common.canonical import Json
from common.errors import StepError
from jobs.engine.frames import Breathe, Call, Cause, Request, StepFailed, Unwind, Walk
from jobs.engine.place import Place
from jobs.engine.previewing import stop_after, take_pin
from jobs.engine.rows import StepRow
from jobs.engine.run import HALTED, UNKNOWN, JobRun
from jobs.states import StepStatus
from workflows.definition.model import (
    BranchStep,
    ForEachStep,
    ParallelStep,
    RepeatStep,
    Step,
    TryStep,
    WorkflowStep,
)
from workflows.expressions.plain import fill, read_json
from workflows.expressions.program import compile_program
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import Expression, Value

StepWalk = Callable[[JobRun, Any, Place, StepRow], Walk]
WALKS: dict[type[Step], StepWalk] = {}
"""How each kind of step is walked; the modules beside this one add theirs."""

EXPRESSION_SECONDS = 2.0
_BLOCKS = (BranchStep, ForEachStep, ParallelStep, RepeatStep, TryStep, WorkflowStep)

Function = TypeVar("Function", bound=StepWalk)


def walks(kind: type[Step]) -> Callable[[Function], Function]:
    """Registers the walk of a kind of step."""

    def register(function: Function) -> Function:
        WALKS[kind] = function
        return function

    return register


def walk_sequence(run: JobRun, steps: tuple[Step, ...], place: Place) -> Walk:
    """Walk steps from top to bottom. Raises `StepFailed` at the first that fails for good."""
    for step in steps:
        try:
            yield from walk_step(run, step, place)
        except StepFailed as failure:
            stop_after(run, step, place, failure.error)
            raise
        stop_after(run, step, place)


def walk_step(run: JobRun, step: Step, place: Place) -> Walk:
    """Walk one step, or take what an earlier owner or an earlier generation has recorded of it."""
    path = place.prefix + step.key
    row = run.rows.get(path)
    fresh = row is None or (row.ended and place.again)
    counted = row is not None and row.status in (StepStatus.COMPLETED, StepStatus.SKIPPED)
    if row is not None and row.ended:
        if stays(run, row, place, tolerated=step.on_error == "continue"):
            return
        begin_again(run, row, place)
    elif place.frame.unwinding and place.frame.must_stop and (row is None or not isinstance(step, _BLOCKS)):
        if row is not None:
            run.halt(row, place.frame.unwinding.cause)
        raise place.frame.unwinding
    row = row or run.new_row(path, step.key, step.type)
    try:
        yield from run_step(run, step, place, row, fresh=fresh)
    except StepError as error:
        fail(run, step, row, run.error_of(error, row), place)
    except StepFailed as failure:
        fail(run, step, row, failure.error, place)
    except Unwind as unwind:
        run.halt(row, unwind.cause)
        raise
    if place.counts and not counted:
        run.done += 1


def run_step(run: JobRun, step: Step, place: Place, row: StepRow, *, fresh: bool) -> Walk:
    """Run the step, unless a preview has its output already or its condition is false, which only a `fresh` one asks."""
    if take_pin(run, row):
        return
    if step.when is not None and fresh and not (yield from evaluate(run, step.when, place, unseen(row))):
        run.skip(row, "when")
        return
    if run.careful and not row.stored:
        yield from show(run, row)
    yield from WALKS[type(step)](run, step, place, row)


def stays(run: JobRun, row: StepRow, place: Place, *, tolerated: bool) -> bool:
    """Whether a step run that has ended keeps what it has. Raises what it ended with."""
    resumed = row.generation < run.generation
    if resumed and (
        place.again or row.status is StepStatus.CANCELLED or row.decision.get(HALTED) or row.type == "finish"
    ):
        return False
    if row.status is StepStatus.FAILED and not tolerated:
        if resumed:
            return False
        raise StepFailed(row.error or {})
    if row.status is StepStatus.CANCELLED:
        raise place.frame.unwinding or Unwind(Cause.CANCEL)
    return True


_OUTCOMES = (HALTED, "failed", "errors")


def begin_again(run: JobRun, row: StepRow, place: Place) -> None:
    """A resume walks the step once more. What steers a block stays decided; only a `try` starts from its body, and
    what is walked anew decides anew. Raises `Unwind` where everything stops: the step then stays as it ended.
    """
    if place.frame.unwinding and place.frame.must_stop:
        raise place.frame.unwinding
    if row.type == "try" or place.again:
        row.decision = {name: value for name, value in row.decision.items() if name == UNKNOWN}
    else:
        row.decision = {name: value for name, value in row.decision.items() if name not in _OUTCOMES}
    run.next_attempt(row)


def fail(run: JobRun, step: Step, row: StepRow, error: dict[str, Json], place: Place) -> None:
    """Record a failure; raise it on unless the step's failures are tolerated. While everything stops, that goes on."""
    unwinding = place.frame.unwinding if place.frame.must_stop else None
    if unwinding is not None and error["code"] == "cancelled":
        run.halt(row, unwinding.cause)
    else:
        run.fail(row, error)
    if unwinding is not None:
        raise unwinding
    if step.on_error != "continue":
        raise StepFailed(row.error or error)


def unseen(row: StepRow) -> StepRow:
    """Stands for `row` while it is not decided whether the step runs: nothing of it is shown meanwhile."""
    return StepRow(
        row.path, row.key, row.type, row.ordinal, row.fence, attempt=row.attempt, key_generation=row.key_generation,
        stored=True,
    )  # fmt: skip


def take_over(run: JobRun, row: StepRow, *, idempotent: bool = True) -> Walk:
    """Go on with a pure step that an earlier owner left in progress; its row is committed before it runs again."""
    if run.taken_over(row):
        run.recover(row, idempotent=idempotent)
        run.recorder.urgent = True
        yield Breathe()


def show(run: JobRun, row: StepRow) -> Walk:
    """Commit the step's row before it runs."""
    run.started(row)
    run.recorder.urgent = True
    yield Breathe()


def evaluate(
    run: JobRun, wanted: Value | Expression, place: Place, row: StepRow
) -> Generator[Request, Any, Any]:
    """The value of a template or an expression: in place when it only refers, else in the sandbox.
    Raises `StepError`.
    """
    scope = step_scope(run, place, row)
    if isinstance(wanted, Expression):
        if wanted.reference is not None:
            return read_json(wanted.reference, scope)
    elif wanted.plain:
        return fill(wanted, scope)
    return (yield from compute(run, {"value": wanted}, scope, row))["value"]


def compute(
    run: JobRun, parts: Mapping[str, Value | Expression], scope: Scope, row: StepRow
) -> Generator[Request, Any, dict[str, Json]]:
    """All `parts` in one call of the sandbox. Raises `StepError`."""
    program = compile_program(parts, scope)
    moment, seed = run.claim.started_at, f"{run.uid}:{row.path}:{run.generation}"
    try:
        raw = yield Call(
            run=lambda: run.sandbox.evaluate(
                program.source, program.inputs, seconds=EXPRESSION_SECONDS, now=moment, seed=seed
            ),
            row=row,
            effect=False,
            deadline=EXPRESSION_SECONDS,
        )
    except StepError as error:
        raise program.explain(error) from None
    return program.results(raw)


def step_scope(run: JobRun, place: Place, row: StepRow) -> Scope:
    """What the step's expressions see: the place, and the step itself."""
    return place.scope.child(step={"idempotency_key": run.idempotency_key(row), "attempt": row.attempt})
