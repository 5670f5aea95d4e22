"""What people and programs may ask of jobs. Views, the API, commands and the admin call these and nothing else."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from common import clock
from common.canonical import Json
from common.errors import Problem, StepError
from jobs import transitions
from jobs.duplicates import duplicate_key, running_duplicate
from jobs.engine import payloads
from jobs.inputs import check_inputs, seal, shown, today_in, unseal
from jobs.models import Job
from jobs.models.job import Priority, Source
from jobs.runnable import not_active, require_active_callees, version_to_run, workflow_to_run
from jobs.states import JobKind, JobStatus, PayloadKind
from jobs.summary import summary_of
from workflows.definition.model import Definition
from workflows.models import Workflow, WorkflowVersion
from workflows.selectors import frozen_definition
from workspaces.actors import Actor
from workspaces.permissions import Permission, require

MAX_TEXT = 200
DEFAULT_QUEUE = "default"


class OnDuplicate(StrEnum):
    """What to do when a job that is not ended does the same already."""

    ALLOW = "allow"
    REJECT = "reject"
    RETURN = "return"


class RerunVersion(StrEnum):
    """Which version a re-run runs."""

    SAME = "same"
    ACTIVE = "active"


@dataclass(frozen=True, kw_only=True)
class Started:
    """The job, and whether this call made it (else it is the duplicate that `return` asked for). `inputs` are those
    of a job that was made, as people may see them.
    """

    job: Job
    created: bool
    inputs: Json = None


def start_job(
    *,
    actor: Actor,
    workflow: str,
    inputs: Json,
    version: int | None = None,
    title: str = "",
    reference: str = "",
    priority: Priority | None = None,
    on_duplicate: OnDuplicate = OnDuplicate.ALLOW,
    source: Source = Source.API,
    rerun_of: Job | None = None,
) -> Started:
    """Check everything, then put a job in line; it exists with all its inputs or not at all. `rerun_of` is a job of
    the same workflow that this one repeats, with inputs that a person looked at again.

    Raises `Problem`: 422 `unknown` (no such workflow or version), 422 `invalid_inputs`, 409 `workflow_not_active`,
    `subworkflow_not_active`, `duplicate_job` or `sub_job`, 413 `too_large`, 403.
    """
    require(actor, Permission.JOB_START)
    if rerun_of is not None:
        require(actor, Permission.JOB_RERUN)
        require_outermost(rerun_of, "run again")
    frozen = version_to_run(actor=actor, workflow=workflow, number=version, rerun_of=rerun_of)
    definition, manifest = frozen_definition(frozen.pk)
    require_active_callees(actor, manifest)
    job = _new_job(actor, frozen, definition, source=source, priority=priority)
    job.title, job.reference, job.rerun_of, job.workflow = title, reference, rerun_of, frozen.workflow
    values = _checked(definition, inputs, job)
    return _enqueue(actor, job, definition, values, on_duplicate)


def cancel_job(*, actor: Actor | None, job: Job, reason: str = "") -> Job:
    """Ask a job to stop; asking again changes nothing. Raises `Problem` 409 `job_ended`, `sub_job`."""
    require(actor, Permission.JOB_CANCEL)
    require_outermost(job, "cancelled")
    if not transitions.request_cancel(
        job.pk, actor=_label(actor), reason=reason[:MAX_TEXT], request_id=_request_id(actor)
    ):
        job.refresh_from_db(fields=["status"])
        raise Problem(
            409, "job_ended", f"Job #{job.pk} has ended already ({job.get_status_display().lower()})."
        )
    job.refresh_from_db()
    return job


def resume_job(*, actor: Actor | None, job: Job) -> Job:
    """Go on with a failed job from its failed steps. Raises `Problem` 409 `not_resumable`, `sub_job`, `is_preview`."""
    require(actor, Permission.JOB_RESUME)
    require_outermost(job, "resumed")
    refuse_preview(job)
    if not transitions.resume(job.pk, actor=_label(actor), request_id=_request_id(actor)):
        job.refresh_from_db(fields=["status"])
        raise Problem(409, "not_resumable", why_not_resumable(job))
    job.refresh_from_db()
    return job


def rerun_job(*, actor: Actor, job: Job, version: RerunVersion = RerunVersion.SAME) -> Started:
    """Start a new job with the inputs of another, linked to it. Raises what `start_job` raises, and `Problem` 409
    `inputs_purged`, `is_preview`.
    """
    require(actor, Permission.JOB_RERUN)
    require_outermost(job, "run again")
    refuse_preview(job)
    workflow = workflow_to_run(actor, job.workflow.slug)
    frozen = job.version if version is RerunVersion.SAME else workflow.active_version
    if frozen is None or workflow.active_version is None:
        raise not_active(workflow)
    assert job.version_id is not None
    stored = payloads.read(job.pk, "", PayloadKind.INPUTS)
    if stored is None:
        raise Problem(
            409, "inputs_purged", f"The inputs of job #{job.pk} were removed; start a new job instead."
        )
    before, _ = frozen_definition(job.version_id)
    given, _secrets = unseal(before, stored, job_uid=str(job.uid))
    definition, manifest = frozen_definition(frozen.pk)
    require_active_callees(actor, manifest)
    again = _new_job(actor, frozen, definition, source=job.source, priority=Priority(job.priority))
    again.title, again.reference, again.rerun_of = job.title, job.reference, job
    again.workflow = workflow
    again.source = Source.API if actor.token else Source.UI
    return _enqueue(actor, again, definition, _checked(definition, given, again), OnDuplicate.ALLOW)


def why_not_resumable(job: Job) -> str:
    """A sentence; empty for a job that can be resumed."""
    if job.parent_id is not None:
        return f"Job #{job.pk} is a sub-job: resume its outermost job #{job.root_id}."
    if job.status == JobStatus.FAILED:
        child = transitions.unended_children(job.pk).first()
        return f"Sub-job #{child.pk} is still stopping; try again when it has ended." if child else ""
    return f"Only a failed job can be resumed; job #{job.pk} is {job.get_status_display().lower()}."


def require_outermost(job: Job, verb: str) -> None:
    """Raise `Problem` 409 `sub_job` for a job that another one started: what is done to it is done to the outermost."""
    if job.parent_id is not None:
        raise Problem(
            409,
            "sub_job",
            f"Job #{job.pk} is a sub-job; it is {verb} only through its outermost job #{job.root_id}.",
            extra={"job": job.root_id},
        )


def refuse_preview(job: Job) -> None:
    """Raise `Problem` 409 `is_preview` for what is done to jobs alone."""
    if job.kind == JobKind.PREVIEW:
        detail = f"#{job.pk} is a preview, no job: start another preview of the draft instead."
        raise Problem(409, "is_preview", detail)


# ---------------------------------------------------------------- parts
def _new_job(
    actor: Actor, frozen: WorkflowVersion, definition: Definition, *, source: str, priority: Priority | None
) -> Job:
    now = clock.now()
    rank = priority or Priority(definition.priority)
    return Job(
        uid=uuid.uuid4(),
        workspace=actor.workspace,
        workflow_id=frozen.workflow_id,
        version=frozen,
        kind=JobKind.JOB,
        status=JobStatus.QUEUED,
        queue=DEFAULT_QUEUE,
        needs=frozen.needs,
        priority=rank,
        run_at=now,
        claim_at=transitions.claim_at(now, rank),
        time_zone=actor.workspace.time_zone,
        created_at=now,
        created_by=actor.user,
        source=source,
    )


def _checked(definition: Definition, given: Json, job: Job) -> dict[str, Json]:
    checked = check_inputs(
        definition, given, workspace_id=job.workspace_id, today=today_in(job.time_zone, job.created_at)
    )
    if checked.errors:
        count = len(checked.errors)
        raise Problem(
            422,
            "invalid_inputs",
            f"{count} input{'s do' if count > 1 else ' does'} not fit; no job was started.",
            errors=checked.errors,
        )
    return checked.values


def _enqueue(
    actor: Actor, job: Job, definition: Definition, values: dict[str, Json], on_duplicate: OnDuplicate
) -> Started:
    job.dup_key = duplicate_key(job, values)
    job.input_summary = summary_of(definition, values)
    sealed = seal(definition, values, job_uid=str(job.uid))
    try:
        stored = payloads.payload_row("", PayloadKind.INPUTS, 1, sealed)
    except StepError as error:  # a step reads its own message; here nothing has run yet
        raise Problem(413, "too_large", error.message) from error
    with transaction.atomic():
        if on_duplicate is not OnDuplicate.ALLOW:
            Workflow.objects.select_for_update(no_key=True).only("pk").get(pk=job.workflow_id)
            duplicate = running_duplicate(job)
            if duplicate is not None and on_duplicate is OnDuplicate.RETURN:
                return Started(job=duplicate, created=False)
            if duplicate is not None:
                raise Problem(
                    409,
                    "duplicate_job",
                    f"Job #{duplicate.pk} does the same already and has not ended.",
                    extra={"job": duplicate.pk},
                )
        transitions.enqueue(
            job,
            inputs=stored,
            digest=job.version.digest if job.version else "",
            actor=actor.label,
            request_id=actor.request_id,
        )
    return Started(job=job, created=True, inputs=shown(sealed))


def _label(actor: Actor | None) -> str:
    return actor.label if actor else "system"


def _request_id(actor: Actor | None) -> str:
    return actor.request_id if actor else ""
