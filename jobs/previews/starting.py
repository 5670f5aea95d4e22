"""Starting a preview: a row among the jobs that workers run like a job, and that no list of jobs shows."""

import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from audit import services as audit
from audit.actions import Action
from common import clock
from common.canonical import Json, NotJson, dumps, loads
from common.errors import FieldError, Problem, StepError
from jobs import transitions
from jobs.engine import payloads
from jobs.inputs import check_inputs, seal, shown, today_in, unseal
from jobs.models import Job, Preview
from jobs.models.job import Priority, Source
from jobs.previews.kept import PIN_BYTES, keep_sample_inputs, pins_of
from jobs.runnable import require_active_callees
from jobs.services import DEFAULT_QUEUE, Started
from jobs.states import JobKind, PayloadKind
from workflows.definition.model import Definition
from workflows.models import Workflow
from workflows.previewable import Previewable, previewable
from workflows.reading import frozen_text
from workflows.services.locking import refuse_archived
from workspaces.actors import Actor
from workspaces.permissions import Permission, require

LONGEST = timedelta(hours=1)
"""A preview that runs longer fails."""
PINS_BYTES = 1024 * 1024
"""All pinned outputs of one preview together."""


def start_preview(
    *,
    actor: Actor,
    workflow: Workflow,
    inputs: Json,
    until: str = "",
    pins: Mapping[str, Json] | None = None,
    effects: bool = False,
    source: Source = Source.API,
) -> Started:
    """Run the draft of `workflow` once, whole or until the step with the key `until`. A step that `pins` names is not run:
    that is its output. Without `effects` what reaches outside is held back.

    Raises `Problem`: 403; 409 `workflow_archived`, `has_problems`, `subworkflow_not_active`, `second_person_needed` for
    `effects`; 413 `too_large`; 422 `invalid` for `until` and `pins`, `invalid_inputs`.
    """
    require(actor, Permission.WORKFLOW_PREVIEW)
    refuse_archived(workflow)
    if effects and not may_let_effects_through(actor):
        raise Problem(
            409,
            "second_person_needed",
            "Effects are let through here only by what two people agreed on: hold them back, pin the outputs of such "
            "steps, or activate the workflow and run a job.",
        )
    draft = previewable(workflow, until=until)
    pins = dict(pins or {})
    pinned = _pins_text(draft, pins)
    require_active_callees(actor, loads(draft.frozen.manifest))
    job = _new_row(actor, workflow, draft, source=source)
    values = _checked(draft.definition, inputs, job)
    sealed = seal(draft.definition, values, job_uid=str(job.uid))
    try:
        stored = payloads.payload_row("", PayloadKind.INPUTS, 1, sealed)
    except StepError as error:  # a step reads its own message; here nothing has run yet
        raise Problem(413, "too_large", error.message) from error
    with transaction.atomic():
        transitions.enqueue(job, inputs=stored, digest="", actor=actor.label, request_id=actor.request_id)
        Preview.objects.create(
            job=job,
            draft_digest=workflow.draft_digest,
            until=until,
            effects=effects,
            pins=pinned,
            manifest=draft.frozen.manifest,
        )
        told: dict[str, Json] = {"preview": job.pk, "until": until, "effects": effects, "pins": sorted(pins)}
        audit.record(
            workspace=actor.workspace,
            action=Action.PREVIEW_STARTED,
            actor=actor.label,
            target_type="workflow",
            target_id=str(workflow.pk),
            label=workflow.slug,
            data=told,
            request_id=actor.request_id,
        )
    return Started(job=job, created=True, inputs=shown(sealed))


def may_let_effects_through(actor: Actor) -> bool:
    """Not where activating takes two people: what reaches outside would have been decided on by one."""
    return not actor.workspace.four_eyes


def start_preview_again(*, actor: Actor, preview: Job) -> Started:
    """The draft as it is now, with the inputs of an earlier preview, until the same step, with the same say about
    effects, and with what the person has pinned now. Raises what `start_preview` raises, and `Problem` 409
    `inputs_purged`.
    """
    require(actor, Permission.WORKFLOW_PREVIEW)
    stored = payloads.read(preview.pk, "", PayloadKind.INPUTS)
    if stored is None:
        raise Problem(409, "inputs_purged", "The inputs of that preview were removed; give them anew.")
    given, _ = unseal(frozen_text(preview.draft or "{}"), stored, job_uid=str(preview.uid))
    asked = Preview.objects.only("until", "effects").get(job=preview)
    workflow = preview.workflow
    return start_preview(
        actor=actor,
        workflow=workflow,
        inputs=given,
        until=asked.until,
        pins=pins_of(actor, workflow),
        effects=asked.effects,
        source=Source.UI,
    )


def started_by_form(
    *,
    actor: Actor,
    workflow: Workflow,
    inputs: dict[str, Json],
    until: str,
    pins: frozenset[str],
    effects: bool,
) -> Started:
    """What the page does: start with the kept pins among `pins`, and keep the inputs for the next time."""
    kept = {key: output for key, output in pins_of(actor, workflow).items() if key in pins}
    started = start_preview(
        actor=actor,
        workflow=workflow,
        inputs=inputs,
        until=until,
        pins=kept,
        effects=effects,
        source=Source.UI,
    )
    keep_sample_inputs(actor=actor, workflow=workflow, inputs=inputs)
    return started


def _new_row(actor: Actor, workflow: Workflow, draft: Previewable, *, source: str) -> Job:
    now = clock.now()
    limit = draft.definition.timeout
    length = (
        LONGEST if limit is None else min(timedelta(seconds=min(limit, LONGEST.total_seconds())), LONGEST)
    )
    return Job(
        uid=uuid.uuid4(),
        workspace=actor.workspace,
        workflow=workflow,
        version=None,
        kind=JobKind.PREVIEW,
        draft=draft.frozen.definition,
        queue=DEFAULT_QUEUE,
        needs=draft.frozen.needs,
        priority=Priority.HIGH,  # somebody sits in front of it
        run_at=now,
        claim_at=transitions.claim_at(now, Priority.HIGH),
        deadline_at=now + length,
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
        detail = f"{count} input{'s do' if count > 1 else ' does'} not fit; no preview was started."
        raise Problem(422, "invalid_inputs", detail, errors=checked.errors)
    return checked.values


def _pins_text(draft: Previewable, pins: Mapping[str, Json]) -> str:
    """The pins as they are stored; those of steps behind `until` do no harm. Raises `Problem` 422 for what is no step of
    the draft, or too large.
    """
    errors: list[FieldError] = []
    size = 0
    for key, output in pins.items():
        path = f"pins.{key[:80]}"
        if key not in draft.keys:
            message = f"expected the key of a step of the draft, got {key[:80]!r}"
            errors.append(FieldError(path=path, code="unknown", message=message))
            continue
        try:
            length = len(dumps(output).encode())
        except (NotJson, UnicodeEncodeError) as error:
            errors.append(FieldError(path=path, code="wrong_type", message=f"cannot be kept: {error}"))
            continue
        size += length
        if length > PIN_BYTES or size > PINS_BYTES:
            message = f"expected at most {PIN_BYTES:,} bytes, and {PINS_BYTES:,} of all pins together"
            errors.append(FieldError(path=path, code="too_long", message=message))
    if errors:
        raise Problem(422, "invalid", "The pins do not fit; no preview was started.", errors=errors[:50])
    return dumps(dict(pins))
