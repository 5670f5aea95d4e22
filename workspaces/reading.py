"""Reading that leaves a trace: who exported or verified the log, and which payloads an auditor looked at."""

from django.db import transaction

from audit import services as audit
from audit.actions import Action
from audit.verify import Report, verify_stream, verify_workspace
from common.canonical import Json
from workspaces.actors import Actor
from workspaces.models import Role
from workspaces.permissions import Permission, require


@transaction.atomic
def record_export(*, actor: Actor, form: str, filters: dict[str, Json]) -> None:
    """Note that `actor` exports the log. Raises `Problem` 403."""
    require(actor, Permission.AUDIT_EXPORT)
    _record(actor, Action.AUDIT_EXPORTED, {"format": form, "filters": filters})


def verify_log(*, actor: Actor) -> Report:
    """Verify all streams of the workspace, and note that and what came of it. Raises `Problem` 403.

    The verification itself runs outside of a transaction: it may take minutes.
    """
    require(actor, Permission.AUDIT_VERIFY)
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
