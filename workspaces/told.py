"""The entries of a workspace's log in words: who did what, to what, and what the entry itself adds."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import Action
from common.looks import Look, Tone

_A = Action
_L = gettext_lazy

SENTENCES: Final[dict[str, Promise]] = {
    _A.JOB_CREATED: _L("{who} started {what}"),
    _A.JOB_STARTED: _L("{who} began to run {what}"),
    _A.JOB_CONTINUED: _L("{who} went on with {what}"),
    _A.JOB_TAKEN_OVER: _L("{who} took {what} over from a worker that was lost"),
    _A.JOB_CANCEL_REQUESTED: _L("{who} asked {what} to stop"),
    _A.JOB_RESUMED: _L("{who} resumed {what}"),
    _A.JOB_COMPLETED: _L("{what} completed"),
    _A.JOB_FAILED: _L("{what} failed"),
    _A.JOB_CANCELLED: _L("{what} was cancelled"),
    _A.JOB_TIME_ENDED: _L("The time of {what} ended with that of the job that started it"),
    _A.STEPS_RECORDED: _L("Steps of {what} were recorded"),
    _A.STEP_FAILED: _L("A step of {what} failed"),
    _A.WAIT_OPENED: _L("{what} began to wait"),
    _A.WAIT_ANSWERED: _L("{who} answered what {what} waited for"),
    _A.WAIT_SETTLED: _L("A wait of {what} ended"),
    _A.DECISION_RECORDED: _L("{who} decided an approval of {what}"),
    _A.CHILD_CREATED: _L("{what} started a sub-job"),
    _A.CHILD_ENDED: _L("A sub-job of {what} ended"),
    _A.PAYLOADS_PURGED: _L("Inputs, outputs and files of {what} were removed"),
    _A.WORKFLOW_CREATED: _L("{who} created the workflow {what}"),
    _A.WORKFLOW_RENAMED: _L("{who} renamed the workflow {what}"),
    _A.WORKFLOW_DRAFT_SAVED: _L("{who} saved the draft of {what}"),
    _A.WORKFLOW_DRAFT_DISCARDED: _L("{who} discarded the draft of {what}"),
    _A.WORKFLOW_DRAFT_FROM_VERSION: _L("{who} made version {number} of {what} the draft again"),
    _A.WORKFLOW_ACTIVATED: _L("{who} activated version {number} of {what}"),
    _A.ACTIVATION_REQUESTED: _L("{who} asked to activate {what}"),
    _A.ACTIVATION_APPROVED: _L("{who} approved the activation of {what}"),
    _A.ACTIVATION_REFUSED: _L("{who} refused to activate {what}"),
    _A.ACTIVATION_WITHDRAWN: _L("{who} withdrew the request to activate {what}"),
    _A.ACTIVATION_OUTDATED: _L("The request to activate {what} is outdated"),
    _A.WORKFLOW_DEACTIVATED: _L("{who} deactivated the workflow {what}"),
    _A.WORKFLOW_ARCHIVED: _L("{who} archived the workflow {what}"),
    _A.WORKFLOW_RESTORED: _L("{who} took the workflow {what} out of the archive"),
    _A.WORKFLOW_IMPORTED: _L("{who} imported the workflow {what}"),
    _A.PREVIEW_STARTED: _L("{who} started a preview of {what}"),
    _A.WORKSPACE_CREATED: _L("{who} created the workspace {what}"),
    _A.WORKSPACE_CHANGED: _L("{who} changed the settings of the workspace {what}"),
    _A.WORKSPACE_ARCHIVED: _L("{who} archived the workspace {what}"),
    _A.MEMBER_ADDED: _L("{who} added the member {what}"),
    _A.MEMBER_CHANGED: _L("{who} changed the role of {what}"),
    _A.MEMBER_REMOVED: _L("{who} removed the member {what}"),
    _A.TOKEN_CREATED: _L("{who} created the token {what}"),
    _A.TOKEN_REVOKED: _L("{who} revoked the token {what}"),
    _A.FILE_UPLOADED: _L("{who} uploaded the file {what}"),
    _A.PAYLOAD_READ: _L("{who} read inputs, outputs or files of {what}"),
    _A.EVIDENCE_TAKEN: _L("{who} took the evidence of {what}"),
    _A.AUDIT_EXPORTED: _L("{who} exported the audit log"),
    _A.AUDIT_VERIFIED: _L("{who} verified the audit log"),
    _A.AUDIT_CHECKPOINT: _L("{what} was signed over all streams that had moved"),
}
"""What an entry says, by its action; what is not here is told as `who: label of the action (what)`."""

ENDS: Final[dict[str, Look]] = {
    _A.JOB_COMPLETED: Look(word=_L("Completed"), icon="circle-check", tone=Tone.GOOD),
    _A.JOB_FAILED: Look(word=_L("Failed"), icon="circle-x", tone=Tone.BAD),
    _A.STEP_FAILED: Look(word=_L("Failed"), icon="circle-x", tone=Tone.BAD),
    _A.JOB_CANCELLED: Look(word=_L("Cancelled"), icon="ban", tone=Tone.STOPPED),
}
"""What stands out among the others when somebody looks for what went wrong."""

GROUPS: Final[tuple[tuple[Promise, str, tuple[str, ...]], ...]] = (
    (_L("Jobs"), "play", ("job.", "steps.", "step.", "wait.", "decision.", "child.", "payloads.", "batch.")),
    (_L("Workflows"), "workflow", ("workflow.", "preview.")),
    (_L("Workspace, members and tokens"), "users", ("workspace.", "member.", "invitation.", "token.")),
    (
        _L("Connections, schedules, hooks and files"),
        "plug",
        ("connection.", "schedule.", "webhook.", "trigger.", "file."),
    ),
    (_L("Reading and proving"), "shield-check", ("payload.", "evidence.", "audit.")),
)
"""The kinds of actions: words, icon, and how their names begin."""


def sentence_of(action: str, actor: str, label: str, data: Mapping[str, Any]) -> str:
    """`ada activated version 3 of expense-report`."""
    who = actor_words(actor)
    pattern = SENTENCES.get(action)
    if pattern is None or (action == Action.WORKFLOW_ACTIVATED and "number" not in data):
        words = Action(action).label if action in Action.values else action
        return f"{who}: {words} ({label})"
    sentence = str(pattern).format(who=who, what=label, number=data.get("number"))
    return sentence if actor.startswith("user:") or not sentence.startswith(who) else capfirst(sentence)


def note_of(data: Mapping[str, Any]) -> str:
    """What the entry's own members add: where, why, from what to what."""
    error = data.get("error")
    parts = [
        data.get("path"),
        f"{error.get('code')}: {error.get('message')}" if isinstance(error, dict) else None,
        data.get("reason"),
        data.get("note"),
        _role(data.get("role")),
        _change(data.get("name")),
        _four_eyes(data.get("four_eyes")),
        data.get("comment"),
        _events(data.get("events")),
        data.get("status") if "job" in data else None,
    ]
    return " · ".join(str(part) for part in parts if part)


def actor_words(actor: str) -> str:
    """`user:ada` as `ada`, a token with its owner, a worker and the system as what they are."""
    kind, _colon, name = actor.partition(":")
    if kind == "user":
        return name
    if kind == "token":
        return _("the token %(name)s") % {"name": name}
    if kind == "worker":
        return _("a worker")
    return _("Workledger") if actor == "system" else actor


def group_of(action: str) -> int:
    """The place in `GROUPS` of the kind that an action is of."""
    found = (place for place, (_words, _icon, begins) in enumerate(GROUPS) if action.startswith(begins))
    return next(found, 0)


def grouped_actions() -> list[tuple[str, list[tuple[str, str]]]]:
    """All actions with their words, by kind: the choices of a select."""
    choices: list[tuple[str, list[tuple[str, str]]]] = [(str(words), []) for words, _icon, _begins in GROUPS]
    for value, label in Action.choices:
        choices[group_of(value)][1].append((value, str(label)))
    return [(words, found) for words, found in choices if found]


def _role(role: Any) -> str | None:
    if isinstance(role, dict):
        return _change(role)
    return str(role) if role else None


def _change(change: Any) -> str | None:
    if not isinstance(change, dict) or "after" not in change:
        return None
    return _("from %(before)s to %(after)s") % change if change.get("before") else str(change["after"])


def _four_eyes(change: Any) -> str | None:
    if not isinstance(change, dict) or "after" not in change:
        return None
    return _("activating takes two people") if change["after"] else _("activating takes one person")


def _events(events: Any) -> str | None:
    if not isinstance(events, list) or not events:
        return None
    told = ", ".join(f"{each.get('path')} {each.get('status')}".replace("_", " ") for each in events[:3])
    return (
        told
        if len(events) <= 3
        else _("%(told)s and %(more)s more") % {"told": told, "more": len(events) - 3}
    )
