"""Runs one claimed job: prepares what its walks need, drives them, and writes how it ended."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

from audit.actions import Action
from audit.chain import Stream
from audit.services import SYSTEM
from common.canonical import Json
from common.errors import StepError
from common.redaction import Redactor
from common.secrets import SecretUnreadable
from integrations.guidance import error_json
from jobs import transitions
from jobs.engine import payloads
from jobs.engine.claim import Claim
from jobs.engine.commits import Commits, FencedOut
from jobs.engine.frames import Cause, Frame, StepFailed, Unwind, Walk
from jobs.engine.interpreter.steps import compute, walk_sequence
from jobs.engine.owner import Owner
from jobs.engine.recorder import Recorder
from jobs.engine.rows import StepRow, WaitRow, read_step_rows
from jobs.engine.run import JobRun, Place, later, time_limit
from jobs.engine.sandbox import Sandbox
from jobs.engine.scheduler import Scheduler
from jobs.engine.scope import step_views
from jobs.engine.worker import WorkerHandle
from jobs.inputs import today_in, unseal
from jobs.models import Job, Wait
from jobs.states import JobKind, JobStatus, PayloadKind, StepStatus, WaitKind, WaitOutcome
from workflows.definition.inputs import validate_outputs
from workflows.definition.model import Definition
from workflows.definition.typed import typed_inputs
from workflows.expressions.plain import read_json
from workflows.expressions.scope import Scope
from workflows.selectors import frozen_definition

MOST_DEATHS = 5
"""Workers that may die with a job in hand without one of its steps finishing."""


def run_job(claim: Claim, worker: WorkerHandle) -> None:
    """Walk a claimed job until it ends, parks, is handed back, or belongs to somebody else.

    Raises what our machinery raises when it fails; the job then goes back in line.
    """
    facts = _facts(claim)
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
@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is read once per claim besides the claim itself."""

    definition: Definition
    inputs: dict[str, Json]
    secrets: list[str]
    unreadable: str
    """Why the secret inputs cannot be read; empty when they can."""
    scope: dict[str, Json]
    workspace_uid: str
    silent: bool


@cache
def _sandbox() -> Sandbox:
    """One per process; it makes its children when it is first used."""
    return Sandbox()


def _facts(claim: Claim) -> _Facts:
    assert claim.version_id is not None, "previews are not run by this release"
    definition, _ = frozen_definition(claim.version_id)
    slug, number = _version_label(claim.version_id)
    uid, workspace_slug, workspace_name, username, root_kind = Job.objects.values_list(
        "workspace__uid", "workspace__slug", "workspace__name", "created_by__username", "root__kind"
    ).get(pk=claim.id)
    stored = payloads.read(claim.id, "", PayloadKind.INPUTS) or {}
    unreadable = ""
    try:
        inputs, secrets = unseal(definition, stored, job_uid=str(claim.uid))
    except SecretUnreadable as error:
        inputs, secrets, unreadable = {}, [], f"A secret input cannot be read: {error}"
    return _Facts(
        definition=definition,
        inputs=inputs,
        secrets=secrets,
        unreadable=unreadable,
        scope={
            "job": {
                "id": claim.id,
                "created_at": claim.created_at.isoformat(),
                "today": today_in(claim.time_zone, claim.started_at),
                "started_by": username or "system",
                "reference": claim.reference,
                "workflow": slug,
                "version": number,
            },
            "workspace": {"slug": workspace_slug, "name": workspace_name, "time_zone": claim.time_zone},
        },
        workspace_uid=str(uid),
        silent=JobKind.PREVIEW in (claim.kind, root_kind),
    )


@lru_cache(maxsize=512)
def _version_label(version_id: int) -> tuple[str, int]:
    """Slug and number of a version; neither ever changes."""
    found = Job.objects.filter(version_id=version_id).values_list("workflow__slug", "version__number").first()
    assert found is not None
    return found[0], found[1]


def _owner(claim: Claim, worker: WorkerHandle, facts: _Facts) -> Owner:
    rows = read_step_rows(claim.id) if claim.fence > 1 else {}
    recorder = Recorder()
    scheduler = Scheduler(recorder, _cancel_child)
    run = JobRun(
        claim=claim,
        definition=facts.definition,
        recorder=recorder,
        rows=rows,
        waits=_read_waits(claim, rows),
        sandbox=_sandbox(),
        scheduler=scheduler,
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


def _cancel_child(child_id: int) -> None:
    """Ask a sub-job to stop; its end settles the wait for it."""
    transitions.request_cancel(child_id, actor=SYSTEM, reason="The job that started it stops.")


def _begin(run: JobRun, root: Frame) -> None:
    """The first entry of this owner, the time limit, and what an earlier owner knew."""
    claim = run.claim
    entry = (
        Action.JOB_STARTED
        if claim.fence == 1
        else Action.JOB_TAKEN_OVER
        if claim.deaths
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


def _read_waits(claim: Claim, rows: dict[str, StepRow]) -> dict[tuple[str, str], WaitRow]:
    """The newest wait of each kind for every step that waits."""
    waiting = [row.path for row in rows.values() if row.status is StepStatus.WAITING]
    found: dict[tuple[str, str], WaitRow] = {}
    for start in range(0, len(waiting), 500):
        waits = Wait.objects.filter(job_id=claim.id, path__in=waiting[start : start + 500]).order_by("id")
        for wait in waits:
            found[wait.path, wait.kind] = WaitRow(
                wait.path,
                WaitKind(wait.kind),
                wait.generation,
                wait.attempt,
                wait.since,
                wait.due_at,
                WaitOutcome(wait.outcome) if wait.outcome else None,
            )
    return found


# ---------------------------------------------------------------- walking
def _place(run: JobRun, facts: _Facts, frame: Frame) -> Place:
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
        raise StepFailed(error_json(error=error, step="", path="")) from None
    return outputs


# ---------------------------------------------------------------- ending
def _end(owner: Owner) -> None:
    """Write how the job ended. What stopped it as a whole counts for more than what failed on the way."""
    root = owner.scheduler.root
    cause = root.unwinding.cause if root.unwinding is not None and root.error is not None else None
    if cause is Cause.CANCEL:
        _close(owner, JobStatus.CANCELLED, Action.JOB_CANCELLED, {})
    elif cause is Cause.LIMIT:
        _end_failed(owner, _error(owner, time_limit()))
    elif isinstance(root.error, StepFailed):
        _end_failed(owner, root.error.error)
    else:
        outputs = owner.run.finishing if isinstance(root.error, Unwind) else root.result
        _complete(owner, outputs or {})


def _complete(owner: Owner, outputs: dict[str, Json]) -> None:
    run = owner.run
    values = {output.key: outputs.get(output.key) for output in run.definition.outputs}
    errors = validate_outputs(run.definition.outputs, values)
    if errors:
        problem = StepError(
            "output_invalid",
            " ".join(f"{error.path}: {error.message}" for error in errors[:3]),
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
    masked: dict[str, Json] = owner.run.redactor.mask(error_json(error=error, step="", path=""))
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
                _cancel_child(row.child_id)
            run.note_outcome(row, problem)
            run.fail(row, run.error_of(problem, row))
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
