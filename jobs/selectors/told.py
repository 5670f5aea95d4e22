"""The audit entries of a job in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.actions import Action
from audit.models import AuditEntry
from common.canonical import Json, loads
from jobs.models.job import Source
from jobs.states import WAITS_FOR, JobStatus, StepStatus, WaitKind

_EVENTS_TOLD: Final = 3
INLINE_BYTES: Final = 4_096
"""The details of a larger entry have a page of their own."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One entry. `details` is what its text holds beside the columns; None where it is too large for a list."""

    seq: int
    at: datetime
    actor: str
    action: str
    label: str
    sentence: str
    request_id: str
    previous_hash: str
    hash: str
    size: int
    details: Json


def told(entry: AuditEntry, *, sees_payloads: bool, whole: bool = False) -> Told:
    """`entry` in words. What a service answered, in the detail of an error, is left out for those who may not see
    payloads.
    """
    data: dict[str, Any] = loads(entry.body).get("data", {})
    if not sees_payloads and isinstance(data.get("error"), dict):
        data = data | {"error": data["error"] | {"detail": None}}
    size = len(entry.body)
    return Told(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        label=Action(entry.action).label if entry.action in Action.values else entry.action,
        sentence=_sentence(entry.action, data),
        request_id=entry.request_id,
        previous_hash=bytes(entry.prev).hex(),
        hash=bytes(entry.hash).hex(),
        size=size,
        details=data if whole or size <= INLINE_BYTES else None,
    )


def _sentence(action: str, data: Mapping[str, Any]) -> str:
    """What the entry's own members say, after its label."""
    path = str(data.get("path", ""))
    if action == Action.STEPS_RECORDED:
        return _events(data.get("events", []))
    if isinstance(error := data.get("error"), dict):
        return _after(path, f"{error.get('code')}: {error.get('message')}")
    if action == Action.CHILD_CREATED:
        words = {"workflow": data.get("workflow"), "version": data.get("version")}
        return _after(path, _("%(workflow)s, version %(version)s") % words)
    if action == Action.CHILD_ENDED and data.get("status") in JobStatus.values:
        return _after(path, JobStatus(data["status"]).label.lower())
    if data.get("kind") in WaitKind.values:
        return _after(path, str(WAITS_FOR[WaitKind(data["kind"])]))
    return _after(path, _of_job(data))


def _of_job(data: Mapping[str, Any]) -> str:
    """What is told of the job as a whole: where it came from, why it was to stop."""
    if data.get("source") in Source.values:
        return _("by %(source)s") % {"source": Source(data["source"]).label}
    return str(data.get("reason", ""))


def _after(path: str, words: str) -> str:
    return ": ".join(part for part in (path, words) if part)


def _events(events: Any) -> str:
    words = [_event(event) for event in events[:_EVENTS_TOLD]]
    more = len(events) - len(words)
    if more > 0:
        words.append(ngettext("and one more", "and %(more)s more", more) % {"more": more})
    return ", ".join(words)


def _event(event: Mapping[str, Any]) -> str:
    status = event.get("status")
    word = StepStatus(status).label.lower() if status in StepStatus.values else str(status)
    return f"{event.get('path')} {word}"
