"""Runs one claimed job: prepares what its walks need, drives them, and writes how it ended."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings

from audit.actions import Action
from audit.chain import Stream
from audit.services import SYSTEM
from common.canonical import Json
from common.errors import StepError
from common.redaction import Redactor
from integrations.guidance import error_json
from jobs import transitions
from jobs.engine import payloads
from jobs.engine.claim import Claim
from jobs.engine.commits import Commits, FencedOut
from jobs.engine.facts import Facts, read_facts, read_waits
from jobs.engine.frames import Cause, Frame, StepFailed, Unwind, Walk
from jobs.engine.interpreter.steps import compute, walk_sequence
from jobs.engine.owner import Owner
from jobs.engine.place import Place
from jobs.engine.previewing import has_stopped
from jobs.engine.recorder import Recorder
from jobs.engine.rows import StepRow, read_step_rows
from jobs.engine.run import JobRun
from jobs.engine.sandbox import Sandbox
from jobs.engine.scheduler import Scheduler
from jobs.engine.scope import step_views
from jobs.engine.times import later
from jobs.engine.worker import WorkerHandle
from jobs.states import JobStatus, PayloadKind, StepStatus, WaitOutcome
from workflows.definition.inputs import validate_outputs
from workflows.definition.typed import typed_inputs
from workflows.expressions.plain import read_json
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import Expression

MOST_DEATHS = 5
"""Workers that may die with a job in hand without one of its steps finishing."""


def run_job(claim: Claim, worker: WorkerHandle) -> None:
    """Walk a claimed job until it ends, parks, is handed back, or belongs to somebody else.

    Raises what our machinery raises when it fails; the job then goes back in line.
    """
    facts = read_facts(claim)
    owner = _owner(claim, worker, facts)
    results = owner.scheduler.results
    worker.watch(claim.id, claim.head_seq, claim.fence, lambda: results.put((None, None, None)))
    try:
        if claim.deaths >= MOST_DEATHS:
            _give_up_job(owner, f"{claim.deaths} workers died while they had this job in hand.")
        elif facts.unreadable:
            _give_up_job(owner, facts.unreadable)
        elif owner.drive(lambda frame: _walk_job(owner.run, _place(owner.run, facts, frame))):
            _end(owner)
    except FencedOut:
        return
    finally:
        worker.unwatch()
        owner.scheduler.abandon()


# ---------------------------------------------------------------- preparing
@cache
def _sandbox() -> Sandbox:
    """One per process; it makes its children when it is first used."""
    return Sandbox()


def _owner(claim: Claim, worker: WorkerHandle, facts: Facts) -> Owner:
    rows = read_step_rows(claim.id) if claim.fence > 1 else {}
    recorder = Recorder()
    scheduler = Scheduler(recorder, _stop_child)
    run = JobRun(
        claim=claim,
        definition=facts.definition,
        actions=facts.actions,
        called=facts.called,
        previewing=facts.previewing,
        recorder=recorder,
        rows=rows,
        waits=read_waits(claim, rows),
        sandbox=_sandbox(),
        driver=scheduler,
        redactor=Redactor(facts.secrets),
        worker=str(worker.id),
        release=settings.RELEASE,
    )
    stream = Stream(
        name=f"job:{claim.uid}", workspace_id=claim.workspace_id, workspace_uid=facts.workspace_uid
    )
    commits = Commits(
        run=run,
        worker=worker,
        stream=stream,
        silent=facts.silent,
        on_cancel=lambda: scheduler.stop(scheduler.root, Cause.CANCEL),
        on_settled=scheduler.wake,
    )
    _begin(run, scheduler.root)
    return Owner(run=run, scheduler=scheduler, commits=commits, worker=worker)


def _stop_child(child_id: int, cause: Cause) -> None:
    """Ask a sub-job to stop; its end settles the wait for it."""
    if cause is Cause.LIMIT:
        transitions.end_time(child_id)
        return
    transitions.request_cancel(child_id, actor=SYSTEM, reason="The job that started it stops.")


def _begin(run: JobRun, root: Frame) -> None:
    """The first entry of this owner, the time limit, and what an earlier owner knew."""
    claim = run.claim
    entry = (
        Action.JOB_STARTED
        if claim.fence == 1
        else Action.JOB_TAKEN_OVER
        if claim.takes_over
        else Action.JOB_CONTINUED
    )
    run.recorder.entry(run.events.draft(entry, {"fence": claim.fence, "generation": claim.generation}))
    if not claim.total:
        run.total = len(run.definition.steps)
    if run.definition.timeout is not None and run.deadline_at is None:
        run.deadline_at = later(run.moment(), run.definition.timeout)
    finished = [
        row
        for row in run.rows.values()
        if row.type == "finish" and row.status is StepStatus.COMPLETED and row.generation == run.generation
    ]
    if claim.cancel_at is not None:
        root.unwinding = Unwind(Cause.CANCEL)
    elif run.deadline_at is not None and run.deadline_at <= run.moment():
        root.unwinding = Unwind(Cause.LIMIT)
    elif finished:
        run.finishing = finished[0].decision.get("outputs") or {}
        root.unwinding = Unwind(Cause.FINISH)
    elif has_stopped(run):
        root.unwinding = Unwind(Cause.UNTIL)


# ---------------------------------------------------------------- walking
def _place(run: JobRun, facts: Facts, frame: Frame) -> Place:
    inputs = typed_inputs(run.definition.inputs, facts.inputs)
    scope = Scope({"inputs": inputs, **facts.scope}, steps=step_views(run, ("",)))
    return Place(frame=frame, scope=scope)


def _walk_job(run: JobRun, place: Place) -> Walk:
    """All steps, then the outputs."""
    yield from walk_sequence(run, run.definition.steps, place)
    row = StepRow("outputs", "outputs", "outputs", 0, run.claim.fence, stored=True)
    outputs: dict[str, Json] = {}
    wanted = {output.key: output.value for output in run.definition.outputs}
    try:
        for key, expression in wanted.items():
            if expression.reference is not None:
                outputs[key] = read_json(expression.reference, place.scope)
        computed = {key: expression for key, expression in wanted.items() if expression.reference is None}
        if computed:
            outputs |= yield from compute(run, computed, place.scope, row)
    except StepError as error:
        raise StepFailed(_output_error(error, wanted)) from None
    return outputs


def _output_error(error: StepError, wanted: Mapping[str, Expression]) -> dict[str, Json]:
    """The job's error for an output that cannot be evaluated; its message says which."""
    failed = error.detail.get("expression") if isinstance(error.detail, dict) else None
    keys = [
        key for key, one in wanted.items() if failed in (one.source, *(ref.source for ref in one.references))
    ]
    found = error_json(error=error, step=None, path=None)
    return {**found, "message": f"outputs.{keys[0]}: {error.message}"} if keys else found


# ---------------------------------------------------------------- ending
def _end(owner: Owner) -> None:
    """Write how the job ended. What stopped it as a whole counts for more than what failed on the way."""
    root = owner.scheduler.root
    cause = root.unwinding.cause if root.unwinding is not None and root.error is not None else None
    if cause is Cause.CANCEL:
        _close(owner, JobStatus.CANCELLED, Action.JOB_CANCELLED, {})
    elif cause is Cause.LIMIT:
        _end_failed(owner, _error(owner, owner.run.time_over()))
    elif isinstance(root.error, StepFailed):
        _end_failed(owner, root.error.error)
    elif cause is Cause.UNTIL:
        _end_until(owner)
    else:
        outputs = owner.run.finishing if isinstance(root.error, Unwind) else root.result
        _complete(owner, outputs or {})


def _end_until(owner: Owner) -> None:
    """A preview ends as the step ended that it was to run until, without outputs."""
    if owner.run.stopped_with is not None:
        _end_failed(owner, owner.run.stopped_with)
    else:
        _close(owner, JobStatus.COMPLETED, Action.JOB_COMPLETED, {})


def _complete(owner: Owner, outputs: dict[str, Json]) -> None:
    run = owner.run
    values = {output.key: outputs.get(output.key) for output in run.definition.outputs}
    errors = validate_outputs(run.definition.outputs, values)
    if errors:
        problem = StepError(
            "output_invalid",
            "; ".join(f"{error.path}: {error.message}" for error in errors[:3]),
            detail={"errors": [error.as_json() for error in errors[:50]]},
        )
        _end_failed(owner, _error(owner, problem))
        return
    try:
        stored = payloads.payload_row("", PayloadKind.OUTPUTS, run.generation + 1, run.redactor.mask(values))
    except StepError as error:
        _end_failed(owner, _error(owner, error))
        return
    run.recorder.payloads.append(stored)
    _close(owner, JobStatus.COMPLETED, Action.JOB_COMPLETED, {"outputs": stored.commitment.hex()})


def _error(owner: Owner, error: StepError) -> dict[str, Json]:
    masked: dict[str, Json] = owner.run.redactor.mask(error_json(error=error, step=None, path=None))
    return masked


def _give_up_job(owner: Owner, why: str) -> None:
    """Our machinery cannot go on with the job: fail it, with whatever was in progress or waiting."""
    run = owner.run
    problem = StepError("internal_error", why, answered=False)
    for wait in run.waits.values():
        if wait.outcome is None:
            run.recorder.settle(wait, WaitOutcome.WITHDRAWN)
    for row in run.rows.values():
        if not row.ended:
            if row.child_id is not None:
                _stop_child(row.child_id, Cause.LIMIT)
            run.note_outcome(row, problem)
            run.cut_off(row, problem)
    _end_failed(owner, _error(owner, problem))


def _end_failed(owner: Owner, error: dict[str, Any]) -> None:
    error = owner.run.redactor.mask(error)
    _close(owner, JobStatus.FAILED, Action.JOB_FAILED, {"error": error}, error)


def _close(
    owner: Owner,
    status: JobStatus,
    action: Action,
    data: dict[str, Json],
    error: dict[str, Any] | None = None,
) -> None:
    """Commit the end. What comes from outside meanwhile finds everything done already."""
    owner.run.recorder.entry(owner.run.events.draft(action, data))
    while not owner.commits.end(status, error):
        continue
