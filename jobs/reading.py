"""What a person reads of a job's inputs and outputs. That an auditor reads them is recorded, as the API does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from common.canonical import Json, dumps, loads
from common.errors import Problem
from jobs.inputs import shown
from jobs.models import Job, Payload
from jobs.selectors.outline import outline_of
from jobs.selectors.step_panel import Stored
from jobs.states import JobStatus, PayloadKind
from jobs.storage import open_blob
from jobs.transitions import job_label
from workflows.definition.model import Input, Output
from workflows.words import VALUE_TYPES
from workspaces.actors import Actor
from workspaces.pages.values import Column
from workspaces.reading import record_payload_reading

KINDS = (PayloadKind.INPUTS, PayloadKind.OUTPUTS)


class Standing(StrEnum):
    """Whether there is something to see."""

    SHOWN = "shown"
    NONE = "none"  # the workflow declares none
    NOT_YET = "not_yet"  # outputs of a job that has not ended
    NEVER = "never"  # outputs of one that failed or was cancelled
    PURGED = "purged"
    HIDDEN = "hidden"  # from an auditor without the grant


@dataclass(frozen=True, kw_only=True)
class NamedValue:
    """One input or output. `path` is how an expression reads it; `choice` the label of a chosen value."""

    key: str
    label: str
    type: str
    path: str
    value: Json
    help: str = ""
    choice: str = ""
    columns: Sequence[Column] = ()


@dataclass(frozen=True, kw_only=True)
class JobValues:
    """All inputs or all outputs of a job, in the order of the definition. `kind` is `inputs` or `outputs`."""

    kind: str
    standing: Standing
    values: Sequence[NamedValue] = ()


@dataclass(frozen=True, kw_only=True)
class BothValues:
    """What `jobs/_values.html` shows."""

    job: Job
    inputs: JobValues
    outputs: JobValues


def read_job_values(*, actor: Actor, job: Job) -> BothValues:
    """Inputs and outputs of `job` as `actor` may see them. One query, and one for the definition of a version that
    this process has not met; for an auditor those of the entry besides.
    """
    definition = outline_of(job).definition
    if not actor.sees_payloads:
        hidden = [JobValues(kind=kind.value, standing=Standing.HIDDEN) for kind in KINDS]
        return BothValues(job=job, inputs=hidden[0], outputs=hidden[1])
    stored = _stored(job)
    both = BothValues(
        job=job,
        inputs=_values(PayloadKind.INPUTS, definition.inputs, stored, job),
        outputs=_values(PayloadKind.OUTPUTS, definition.outputs, stored, job),
    )
    read = [each.kind for each in (both.inputs, both.outputs) if each.standing == Standing.SHOWN]
    if read:
        record_reading(actor=actor, job=job, paths=read)
    return both


def read_whole(*, actor: Actor, job: Job, kind: PayloadKind) -> str | BinaryIO:
    """All inputs or outputs as the canonical text that is stored, secrets masked. Raises `Problem` 404 and 410."""
    row = _stored(job).get(kind)
    if row is None or (kind == PayloadKind.OUTPUTS and job.status != JobStatus.COMPLETED):
        raise Problem(404, "not_found", f"Job #{job.pk} has no {kind.label.lower()}.")
    text = open_stored(row, what=f"The {kind.label.lower()} of job #{job.pk}")
    record_reading(actor=actor, job=job, paths=[kind.value])
    if kind == PayloadKind.OUTPUTS:
        return text
    return dumps(shown(loads(text if isinstance(text, str) else _all_of(text))))


def record_reading(*, actor: Actor, job: Job, paths: list[str]) -> None:
    """Leave an entry where an auditor reads values of `job`."""
    record_payload_reading(
        actor=actor, target=("job", str(job.pk), job_label(job.title, job.pk)), paths=paths
    )


def open_stored(row: dict[str, Any], *, what: str) -> str | BinaryIO:
    """The stored text of a payload row (`body`, `blob_id`). Raises `Problem` 410 for one that was removed."""
    if row["body"] is not None:
        return str(row["body"])
    if row["blob_id"] is None:
        raise Problem(410, "outputs_purged", f"{what} were removed.")
    return open_blob(row["blob_id"])


def read_stored(row: dict[str, Any]) -> Json:
    """The value of a payload row; null for one that was removed."""
    if row["body"] is None and row["blob_id"] is None:
        return None
    text = open_stored(row, what="")
    return loads(text if isinstance(text, str) else _all_of(text))


def _all_of(stream: BinaryIO) -> bytes:
    with stream:
        return stream.read()


def _stored(job: Job) -> dict[str, dict[str, Any]]:
    """The newest inputs and outputs by kind."""
    rows = Payload.objects.filter(job=job, path="", kind__in=KINDS).order_by("attempt")
    return {row["kind"]: {**row} for row in rows.values("kind", "body", "blob_id")}


def _values(
    kind: PayloadKind,
    declared: tuple[Input, ...] | tuple[Output, ...],
    stored: dict[str, dict[str, Any]],
    job: Job,
) -> JobValues:
    standing, row = Standing.SHOWN, stored.get(kind)
    if not declared:
        standing = Standing.NONE
    elif kind == PayloadKind.OUTPUTS and job.status != JobStatus.COMPLETED:
        standing = Standing.NEVER if job.ended else Standing.NOT_YET
    elif row is None or (row["body"] is None and row["blob_id"] is None):
        standing = Standing.PURGED
    if standing != Standing.SHOWN or row is None:
        return JobValues(kind=kind.value, standing=standing)
    values = shown(read_stored(row)) or {}
    return JobValues(kind=kind.value, standing=standing, values=list(_named(kind, declared, values)))


def _named(
    kind: PayloadKind, declared: tuple[Input, ...] | tuple[Output, ...], values: dict[str, Json]
) -> Iterator[NamedValue]:
    for each in declared:
        value = values.get(each.key)
        given = each if isinstance(each, Input) else None
        yield NamedValue(
            key=each.key,
            label=each.label or each.key,
            type=str(VALUE_TYPES.get(each.type, each.type)),
            path=f"{kind.value}.{each.key}",
            value=value,
            help=given.help if given else "",
            choice=_choice(given, value) if given else "",
            columns=[Column(key=one.key, label=one.label or one.key) for one in given.columns]
            if given
            else (),
        )


def _choice(declared: Input, value: Json) -> str:
    """The label of the value that was chosen; empty where that is the value itself."""
    for choice in declared.constraints.get("choices") or ():
        if isinstance(choice, dict) and choice.get("value") == value:
            label = choice.get("label")
            return str(label) if label and label != value else ""
    return ""


def read_step_value(*, actor: Actor, job: Job, path: str, stored: Stored) -> Json:
    """A value of the step at `path` of `job`; that an auditor reads it is recorded."""
    value = read_stored(_row(stored))
    record_reading(actor=actor, job=job, paths=[path])
    if stored.index is None:
        return value
    return value[stored.index] if isinstance(value, list) and stored.index < len(value) else None


def read_step_text(*, actor: Actor, job: Job, path: str, stored: Stored) -> str | BinaryIO:
    """The same as text for a file: JSON as it is stored, a log as plain text. Raises `Problem` 410."""
    if stored.purged:
        raise Problem(
            410, "outputs_purged", f"The values of step {path[:100]} of job #{job.pk} were removed."
        )
    if stored.index is None and stored.kind != PayloadKind.LOG:
        text = open_stored(_row(stored), what="They")
        record_reading(actor=actor, job=job, paths=[path])
        return text
    value = read_step_value(actor=actor, job=job, path=path, stored=stored)
    if stored.kind == PayloadKind.LOG:
        return str(value).encode("utf-8", "backslashreplace").decode()
    return dumps(value)


def _row(stored: Stored) -> dict[str, Any]:
    row = Payload.objects.values("body", "blob_id").get(pk=stored.id)
    return {**row}
