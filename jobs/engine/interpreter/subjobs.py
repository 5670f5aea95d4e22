"""`workflow` steps: a sub-job runs the version that the manifest pins, and the step waits for its end."""

import uuid
from collections.abc import Generator
from typing import Any

from audit.actions import Action
from common.canonical import Json, loads
from common.errors import StepError
from jobs.engine import payloads, retries
from jobs.engine.frames import Request, Unwind, Walk
from jobs.engine.inputs import sub_job_inputs
from jobs.engine.interpreter.leaves import pause, tries
from jobs.engine.interpreter.steps import evaluate, take_over, walks
from jobs.engine.place import Place
from jobs.engine.rows import NewChild, StepRow
from jobs.engine.run import JobRun
from jobs.engine.times import later
from jobs.models import Job
from jobs.states import JobStatus, PayloadKind, StepStatus, WaitKind, WaitOutcome
from workflows.definition.model import Retry, WorkflowStep


@walks(WorkflowStep)
def walk_workflow(run: JobRun, step: WorkflowStep, place: Place, row: StepRow) -> Walk:
    """Run another workflow and take its outputs. A retry or a resume goes on with the same sub-job."""
    yield from take_over(run, row)
    if (wait := run.wait_of(row, WaitKind.RETRY)) is not None:
        yield from pause(run, row, wait)
        run.next_attempt(row)
    while True:
        wait = run.wait_of(row, WaitKind.SUBJOB)
        if wait is None:
            if row.child_id is not None and row.attempts[-1]["error"]:
                _take_outputs(run, row)  # it may have completed after this job was given up
                if row.ended:
                    return
            wait = yield from _send_off(run, step, place, row)
        try:
            yield from pause(run, row, wait)
        except Unwind:
            if wait.outcome is WaitOutcome.ENDED:
                _take_outputs(run, row)  # a resume would start it once more
            raise
        row.status = StepStatus.IN_PROGRESS
        child = _take_outputs(run, row)
        if row.ended:
            return
        if place.frame.unwinding and place.frame.must_stop:
            raise place.frame.unwinding
        error = _failure(child, row)
        seconds = retries.decide(
            policy=step.retry or Retry(max_attempts=1),
            idempotent=True,
            error=error,
            attempt=tries(row, run.generation),
        )
        if seconds is None or child.status != JobStatus.FAILED:
            raise error
        row.error, row.finished_at = run.redactor.mask(run.error_of(error, row)), run.moment()
        wait = run.open_wait(row, WaitKind.RETRY, due_at=later(run.moment(), seconds))
        yield from pause(run, row, wait)
        run.next_attempt(row)


def _take_outputs(run: JobRun, row: StepRow) -> Job:
    """The sub-job, which has ended; if it completed, the step is completed with what it gave."""
    assert row.child_id is not None, "the wait for a sub-job is opened with it"
    child = Job.objects.defer("draft").get(pk=row.child_id)
    if child.status == JobStatus.COMPLETED:
        run.complete(row, payloads.read(child.pk, "", PayloadKind.OUTPUTS))
        run.recorder.urgent = True
    return child


def _send_off(run: JobRun, step: WorkflowStep, place: Place, row: StepRow) -> Generator[Request, Any, Any]:
    """Create the sub-job, or put the failed one of an earlier attempt back in line; and wait for it."""
    if row.child_id is not None and _can_resume(row.child_id):
        run.recorder.resumed.append(row)
        return run.open_wait(row, WaitKind.SUBJOB)
    given = yield from evaluate(run, step.inputs, place, row)
    version = run.called(step.workflow)
    uid = uuid.uuid4()
    inputs, stored, summary = sub_job_inputs(
        version.pk,
        given,
        job_uid=str(uid),
        workspace_id=run.claim.workspace_id,
        moment=run.moment(),
        time_zone=run.claim.time_zone,
        redactor=run.redactor,
    )
    child = NewChild(
        row=row,
        uid=uid,
        workflow_id=version.workflow_id,
        version_id=version.pk,
        digest=version.digest,
        needs=version.needs,
        inputs=payloads.payload_row("", PayloadKind.INPUTS, 1, stored),
        input_summary=summary,
    )
    run.recorder.children.append(child)
    given_to_it = payloads.payload_row(row.path, PayloadKind.INPUT, row.attempt, run.redactor.mask(inputs))
    run.recorder.payloads.append(given_to_it)
    run.recorder.entry(
        run.events.draft(
            Action.CHILD_CREATED,
            {
                "path": row.path,
                "job": str(child.uid),
                "workflow": step.workflow,
                "version": version.number,
                "input": given_to_it.commitment.hex(),
            },
        )
    )
    return run.open_wait(row, WaitKind.SUBJOB)


def _can_resume(child_id: int) -> bool:
    """A sub-job that completed or was cancelled is final: the step that is walked again gets a new one."""
    return Job.objects.filter(pk=child_id, status=JobStatus.FAILED).exists()


def _failure(child: Job, row: StepRow) -> StepError:
    """Why a sub-job gave no outputs; leads down to the step that failed."""
    inner: dict[str, Json] = loads(child.error) if child.error else {}
    if child.status == JobStatus.CANCELLED:
        return StepError("cancelled", f"Job #{child.pk}, which this step started, was cancelled.")
    path = f"{row.path}/{inner['path']}" if inner.get("path") else row.path
    return StepError(
        "subworkflow_failed",
        f"Job #{child.pk}, which this step started, failed: {inner.get('message', child.error_summary)}",
        detail={"job": child.pk, "path": path, "error": inner},
    )
