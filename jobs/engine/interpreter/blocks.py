"""Blocks that take one way or several: `branch`, `parallel`, `try`."""

from dataclasses import replace

from common.canonical import Json
from common.errors import StepError
from jobs.engine.frames import AnyOf, Cause, Frame, StepFailed, Unwind, Walk
from jobs.engine.interpreter.earlier import set_aside_unreached
from jobs.engine.interpreter.steps import evaluate, walk_sequence, walks
from jobs.engine.place import Place
from jobs.engine.rows import StepRow
from jobs.engine.run import JobRun
from jobs.engine.scope import last_output
from workflows.definition.model import Branch, BranchStep, ParallelStep, Step, TryStep
from workflows.expressions.scope import Scope


def expect(run: JobRun, place: Place, steps: tuple[Step, ...]) -> None:
    """Count steps that are known from now on."""
    if place.counts:
        run.total += len(steps)


@walks(BranchStep)
def walk_branch(run: JobRun, step: BranchStep, place: Place, row: StepRow) -> Walk:
    """The first branch whose condition is true, else the `else`."""
    branches: dict[str | None, Branch] = {branch.key: branch for branch in step.branches}
    if step.otherwise is not None:
        branches["else"] = step.otherwise
    if "taken" not in row.decision:
        taken: str | None = "else" if step.otherwise is not None else None
        for branch in step.branches:
            if branch.when is not None and (yield from evaluate(run, branch.when, place, row)):
                taken = branch.key
                break
        run.decide(row, taken=taken)
        if taken is not None:
            expect(run, place, branches[taken].steps)
    chosen = branches.get(row.decision["taken"])
    value = None
    if chosen is not None:
        yield from walk_sequence(run, chosen.steps, place)
        if chosen.value is not None:
            value = yield from evaluate(run, chosen.value, place, row)
    run.complete(row, {"taken": row.decision["taken"], "value": value})


@walks(ParallelStep)
def walk_parallel(run: JobRun, step: ParallelStep, place: Place, row: StepRow) -> Walk:
    """All branches side by side. One failing lets the others finish; under `any` the first to end stops them."""
    if "branches" not in row.decision:
        run.decide(row, branches=[branch.key for branch in step.branches])
        for branch in step.branches:
            expect(run, place, branch.steps)
    frames = {branch.key: _spawn_branch(run, branch, place, row) for branch in step.branches}
    while True:
        ended = {key: frame for key, frame in frames.items() if frame.done}
        winner = next((key for key, frame in ended.items() if frame.error is None), None)
        if step.wait_for == "any" and winner is not None and "winner" not in row.decision:
            run.decide(row, winner=winner)
            for frame in frames.values():
                run.driver.stop(frame, Cause.LOST)
        if len(ended) == len(frames):
            break
        yield AnyOf([frame for frame in frames.values() if not frame.done])
    if place.frame.unwinding and place.frame.must_stop:
        raise place.frame.unwinding
    if step.wait_for == "any":
        won = row.decision.get("winner")
        if won is None:
            raise _first_failure(list(frames.values()))
        run.complete(row, {key: frame.result if key == won else None for key, frame in frames.items()})
        return
    if any(frame.error for frame in frames.values()):
        raise _first_failure(list(frames.values()))
    run.complete(row, {key: frame.result for key, frame in frames.items()})


def _spawn_branch(run: JobRun, branch: Branch, place: Place, row: StepRow) -> Frame:
    winner = row.decision.get("winner")
    lost = Cause.LOST if winner is not None and branch.key != winner else None
    return run.driver.spawn(
        place.frame,
        lambda frame: _walk_branch_of_parallel(run, branch, replace(place, frame=frame), row),
        stopping=lost,
    )


def _walk_branch_of_parallel(run: JobRun, branch: Branch, place: Place, row: StepRow) -> Walk:
    yield from walk_sequence(run, branch.steps, place)
    if branch.value is not None:
        try:
            return (yield from evaluate(run, branch.value, place, row))
        except StepError as error:
            raise StepFailed(run.error_of(error, row)) from None
    return last_output(run, branch.steps, place.prefix)


def _first_failure(frames: list[Frame]) -> Exception:
    """What a block ends with: the first failure, or what stopped it."""
    failures = [frame.error for frame in frames if isinstance(frame.error, StepFailed)]
    if failures:
        return failures[0]
    return next(frame.error for frame in frames if frame.error is not None)


@walks(TryStep)
def walk_try(run: JobRun, step: TryStep, place: Place, row: StepRow) -> Walk:
    """The body; on a failure the first `catch` that fits; `finally` in any case, also when the job is cancelled."""
    stopped: Unwind | None = None
    failure: StepFailed | None = None
    try:
        yield from _walk_body_and_catch(run, step, place, row)
    except StepFailed as failed:
        failure = failed
    except Unwind as unwind:
        stopped = unwind
    if step.finally_:
        if row.decision.get("phase") != "finally":
            run.decide(row, phase="finally")
            expect(run, place, step.finally_)
        place.frame.shield += 1
        try:
            yield from walk_sequence(run, step.finally_, replace(place, again=True))
        finally:
            place.frame.shield -= 1
    set_aside_unreached(run, step, place)
    if stopped is None and place.frame.must_stop:
        stopped = place.frame.unwinding
    if stopped is not None:
        raise stopped
    if failure is not None:
        raise failure
    error = row.decision.get("error")
    run.complete(row, {"failed": error is not None, "error": error})


def _walk_body_and_catch(run: JobRun, step: TryStep, place: Place, row: StepRow) -> Walk:
    """Body and catch, from where an earlier owner left them. Raises `StepFailed` when nothing caught it."""
    decision = row.decision
    if "phase" not in decision:
        run.decide(row, phase="body")
        expect(run, place, step.steps)
    if row.decision["phase"] == "body":
        try:
            yield from walk_sequence(run, step.steps, place)
        except StepFailed as failure:
            caught = _catching(step, failure.error)
            run.decide(
                row, phase="catch" if caught is not None else "finally", error=failure.error, caught=caught
            )
            if caught is not None:
                expect(run, place, step.catch[caught].steps)
        else:
            return
    error, caught = row.decision.get("error"), row.decision.get("caught")
    if caught is not None:
        scope = Scope({"error": error}, parent=place.scope)
        yield from walk_sequence(run, step.catch[caught].steps, replace(place, scope=scope, again=True))
    elif error is not None:
        raise StepFailed(error)


def _catching(step: TryStep, error: dict[str, Json]) -> int | None:
    """The number of the first `catch` for this error."""
    for number, catch in enumerate(step.catch):
        if not catch.errors or error["code"] in catch.errors:
            return number
    return None
