"""Reading that leaves a trace: who exported or verified the log, and which payloads an auditor looked at."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from audit import export
from audit import services as audit
from audit.actions import Action
from audit.models import AuditEntry
from audit.verify import Report, verify_stream, verify_workspace
from common import clock
from common.canonical import Json
from common.errors import FieldError, Problem
from common.seats import SeatedLines, require_seat
from workspaces.actors import Actor
from workspaces.models import Role
from workspaces.permissions import Permission, require

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
"""The forms of an export. JSON Lines have the exact texts and hashes and verify on their own, so they are always whole;
CSV is for reading.
"""


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """The log as a file; `lines` are read once."""

    name: str
    media_type: str
    lines: SeatedLines


def export_log(
    *, actor: Actor, form: str, entries: QuerySet[AuditEntry], filters: dict[str, Json]
) -> LogFile:
    """The log in one of `MEDIA_TYPES`, and a note that `actor` took it. `entries` are those that `filters` leave.

    Raises `Problem`: 403, 422 for another form, or for JSON Lines with filters, 503 `busy`.
    """
    require(actor, Permission.AUDIT_EXPORT)
    if form not in MEDIA_TYPES:
        message = f"expected one of {', '.join(MEDIA_TYPES)}; got {form[:20]!r}"
        raise _refused("format", "not_a_choice", message)
    if form == "jsonl" and filters:
        message = "expected no filter with jsonl: with entries left out, the chain could not be verified"
        raise _refused(next(iter(filters))[:80], "unknown", message)
    seat = require_seat()
    try:
        with transaction.atomic():
            _record(actor, Action.AUDIT_EXPORTED, {"format": form, "filters": filters})
    except BaseException:
        seat.leave()
        raise
    if form == "jsonl":
        lines = export.workspace_jsonl(actor.workspace)
    else:
        lines = export.entries_csv(entries.order_by("id").iterator(chunk_size=2_000))
    name = f"audit-{actor.workspace.slug}-{clock.now():%Y%m%d-%H%M%S}.{form}"
    return LogFile(name=name, media_type=MEDIA_TYPES[form], lines=SeatedLines(lines, seat))


def verify_log(*, actor: Actor) -> Report:
    """Verify all streams of the workspace, and note that and what came of it. Raises `Problem` 403,
    503 `busy`.

    The verification itself runs outside of a transaction: it may take minutes.
    """
    require(actor, Permission.AUDIT_VERIFY)
    with require_seat():
        report = verify_workspace(actor.workspace)
    with transaction.atomic():
        found: dict[str, Json] = {
            "streams": report.streams,
            "entries": report.entries,
            "findings": report.found,
        }
        _record(actor, Action.AUDIT_VERIFIED, found)
    return report


def verify_one(*, actor: Actor, stream: str) -> Report:
    """Verify one stream of the workspace, and note that and what came of it. Raises `Problem` 403."""
    require(actor, Permission.AUDIT_VERIFY)
    report = verify_stream(stream)
    with transaction.atomic():
        found: dict[str, Json] = {"stream": stream, "entries": report.entries, "findings": report.found}
        _record(actor, Action.AUDIT_VERIFIED, found)
    return report


def record_payload_reading(*, actor: Actor, target: tuple[str, str, str], paths: list[str]) -> None:
    """Note that an auditor read payloads of `target` (type, id and label): inputs, outputs or files, by `paths`.

    Everybody else reads them as part of their work, which leaves no entry and takes no transaction.
    """
    if actor.role is not Role.AUDITOR:
        return
    with transaction.atomic():
        audit.record(
            workspace=actor.workspace,
            action=Action.PAYLOAD_READ.value,
            actor=actor.label,
            target_type=target[0],
            target_id=target[1],
            label=target[2],
            data={"paths": list(paths)},
            request_id=actor.request_id,
        )


def _record(actor: Actor, action: Action, content: dict[str, Json]) -> None:
    audit.record(
        workspace=actor.workspace,
        action=action.value,
        actor=actor.label,
        target_type="workspace",
        target_id=actor.workspace.slug,
        label=actor.workspace.name,
        data=content,
        request_id=actor.request_id,
    )


def _refused(path: str, code: str, message: str) -> Problem:
    error = FieldError(path=path, code=code, message=message)
    return Problem(422, "invalid", "Some fields are not valid.", errors=[error])
