"""What a person keeps for their next previews of a workflow: sample inputs and pinned outputs. Never a secret."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from common import clock
from common.canonical import Json, NotJson, dumps, loads
from common.errors import Problem
from jobs.models import Job, Payload, Pin, SampleInputs, StepRun
from jobs.states import PayloadKind, StepStatus
from jobs.storage import open_blob
from workflows.models import Workflow
from workflows.reading import parsed_text
from workspaces.actors import Actor
from workspaces.permissions import Permission, require

SAMPLE_BYTES = 256 * 1024
PIN_BYTES = 256 * 1024
MOST_PINS = 200


def sample_inputs_of(actor: Actor, workflow: Workflow) -> dict[str, Json]:
    """The inputs that the person last tried `workflow` with; empty before. One query."""
    row = SampleInputs.objects.filter(user=actor.user, workflow=workflow).only("inputs").first()
    values: dict[str, Json] = loads(row.inputs) if row else {}
    return values


def keep_sample_inputs(*, actor: Actor, workflow: Workflow, inputs: Mapping[str, Json]) -> bool:
    """Keep the inputs for the person's next preview, without secrets, as the draft has them now. False: they are too
    large to be kept, and what was kept before stays. Nobody else sees them, so no entry tells of it. Raises `Problem` 403.
    """
    require(actor, Permission.WORKFLOW_PREVIEW)
    draft = parsed_text(workflow.draft).partial
    declared = {one.key: one for one in draft.inputs} if draft else {}
    kept = {key: value for key, value in inputs.items() if key in declared and not declared[key].secret}
    text = _text(kept, SAMPLE_BYTES)
    if text is None:
        return False
    SampleInputs.objects.update_or_create(
        user=actor.user, workflow=workflow, defaults={"inputs": text, "updated_at": clock.now()}
    )
    return True


def pins_of(actor: Actor, workflow: Workflow) -> dict[str, Json]:
    """The outputs that the person has pinned for steps that the draft has, by their keys. One query."""
    draft = parsed_text(workflow.draft).partial
    steps = {step.key for step in draft.walk()} if draft else set()
    rows = Pin.objects.filter(user=actor.user, workflow=workflow).order_by("key")
    kept = rows.values_list("key", "output")[:MOST_PINS]
    return {key: loads(output) for key, output in kept if key in steps}


@transaction.atomic
def pin_output(*, actor: Actor, preview: Job, path: str) -> str:
    """Pin the output that the step at `path` of `preview` gave, for the person's next previews; the step's key.

    Raises `Problem` 403; 404 for no such step; 409 `no_output` where it gave none; 413 `too_large`.
    """
    require(actor, Permission.WORKFLOW_PREVIEW)
    row = StepRun.objects.filter(job=preview, path=path).exclude(type__in=("item", "turn")).first()
    if row is None:
        raise Problem(404, "not_found", "There is no such step in this preview.")
    found = Payload.objects.filter(job=preview, path=path, kind=PayloadKind.OUTPUT, attempt=row.attempt)
    stored = found.values("body", "blob_id", "bytes").first()
    if row.status != StepStatus.COMPLETED or stored is None:
        raise Problem(409, "no_output", f"The step {row.key} gave no output that could be pinned.")
    if stored["bytes"] > PIN_BYTES:
        detail = (
            f"The output of {row.key} has {stored['bytes']:,} bytes; at most {PIN_BYTES:,} can be pinned."
        )
        raise Problem(413, "too_large", detail)
    keep_pin(actor=actor, workflow=preview.workflow, key=row.key, output=_value(stored))
    return row.key


@transaction.atomic
def keep_pin(*, actor: Actor, workflow: Workflow, key: str, output: Json) -> None:
    """Pin `output` for the step `key` of the draft. Raises `Problem` 403; 409 `too_many_pins`; 413 `too_large`; 422 for
    no such step.
    """
    require(actor, Permission.WORKFLOW_PREVIEW)
    draft = parsed_text(workflow.draft).partial
    if draft is None or all(step.key != key for step in draft.walk()):
        raise Problem(422, "invalid", f"The draft has no step {key[:80]!r} any more.")
    text = _text(output, PIN_BYTES)
    if text is None:
        raise Problem(413, "too_large", f"At most {PIN_BYTES:,} bytes can be pinned for a step.")
    others = Pin.objects.filter(user=actor.user, workflow=workflow).exclude(key=key)
    if others.count() >= MOST_PINS:
        detail = f"So many outputs are pinned already ({MOST_PINS}). Take some of them off first."
        raise Problem(409, "too_many_pins", detail)
    Pin.objects.update_or_create(
        user=actor.user, workflow=workflow, key=key, defaults={"output": text, "updated_at": clock.now()}
    )


@transaction.atomic
def forget_pin(*, actor: Actor, workflow: Workflow, key: str) -> bool:
    """Take a pin off; the step runs again. False: there was none. Raises `Problem` 403."""
    require(actor, Permission.WORKFLOW_PREVIEW)
    return bool(Pin.objects.filter(user=actor.user, workflow=workflow, key=key).delete()[0])


def _text(value: Json, most: int) -> str | None:
    """The value as it is stored; None where it is too large or cannot be."""
    try:
        text = dumps(value)
        return text if len(text.encode()) <= most else None
    except (NotJson, UnicodeEncodeError):
        return None


def _value(stored: Mapping[str, Any]) -> Json:
    if stored["body"] is not None:
        return loads(stored["body"])
    with open_blob(stored["blob_id"]) as stream:
        return loads(stream.read())
