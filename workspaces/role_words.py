"""The permission table in words: what a person reads before they give somebody a role."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workspaces.actors import Actor
from workspaces.models import Role
from workspaces.permissions import LADDER, TABLE, Permission, lower

_P = Permission

WORDS: dict[Permission, Promise] = {
    _P.JOB_VIEW: gettext_lazy("see jobs"),
    _P.JOB_AUDIT: gettext_lazy("see the audit log of a job"),
    _P.JOB_EVIDENCE: gettext_lazy("take the evidence of a job"),
    _P.JOB_START: gettext_lazy("start jobs"),
    _P.JOB_CANCEL: gettext_lazy("cancel jobs"),
    _P.JOB_RESUME: gettext_lazy("resume failed jobs"),
    _P.JOB_RERUN: gettext_lazy("run jobs again"),
    _P.JOB_PICK_VERSION: gettext_lazy("start a version that is not the active one"),
    _P.APPROVAL_VIEW: gettext_lazy("see approvals"),
    _P.APPROVAL_DECIDE: gettext_lazy("decide approvals"),
    _P.FILE_VIEW: gettext_lazy("see files"),
    _P.FILE_UPLOAD: gettext_lazy("upload files"),
    _P.WORKFLOW_VIEW: gettext_lazy("see workflows"),
    _P.WORKFLOW_EDIT: gettext_lazy("edit workflows"),
    _P.WORKFLOW_PREVIEW: gettext_lazy("preview drafts"),
    _P.WORKFLOW_ACTIVATE: gettext_lazy("activate and deactivate workflows"),
    _P.WORKFLOW_ARCHIVE: gettext_lazy("archive workflows"),
    _P.TRIGGER_EDIT: gettext_lazy("change incoming triggers"),
    _P.SCHEDULE_VIEW: gettext_lazy("see schedules"),
    _P.SCHEDULE_EDIT: gettext_lazy("change schedules"),
    _P.CONNECTION_VIEW: gettext_lazy("see connections"),
    _P.CONNECTION_EDIT: gettext_lazy("change connections"),
    _P.TOKEN_OWN: gettext_lazy("make tokens of their own"),
    _P.TOKEN_ANY: gettext_lazy("see and revoke everybody's tokens"),
    _P.MEMBER_VIEW: gettext_lazy("see the members"),
    _P.MEMBER_EDIT: gettext_lazy("invite, change and remove members"),
    _P.WEBHOOK_EDIT: gettext_lazy("change webhooks"),
    _P.SETTINGS_EDIT: gettext_lazy("change the workspace"),
    _P.AUDIT_VIEW: gettext_lazy("read the audit log of the workspace"),
    _P.AUDIT_VERIFY: gettext_lazy("verify the audit log"),
    _P.AUDIT_EXPORT: gettext_lazy("export the audit log"),
}
"""What a role with the permission may do: continues the sentence “may …”."""

ROLES = (*LADDER, Role.AUDITOR)
"""In the order in which people choose from them."""


@dataclass(frozen=True, kw_only=True)
class PermissionRow:
    """A permission in words, and for each of `ROLES` whether it has it."""

    words: str
    has: tuple[bool, ...]


def role_words(role: Role) -> str:
    """What the role may, in one sentence: the rung below it, and what it adds."""
    if role is Role.VIEWER:
        return _("May {}.").format(_listed(TABLE[role]))
    below = Role.VIEWER if role is Role.AUDITOR else LADDER[LADDER.index(role) - 1]
    added = _listed(TABLE[role] - TABLE[below])
    sentence = _("May do all that the role {} may, and {}.").format(str(below.label).lower(), added)
    if role is Role.AUDITOR:
        sentence += " " + _("Sees inputs, outputs and files only where that is granted.")
    return sentence


def permission_rows() -> list[PermissionRow]:
    """The whole table."""
    return [
        PermissionRow(words=str(words), has=tuple(permission in TABLE[role] for role in ROLES))
        for permission, words in WORDS.items()
    ]


def roles_at_most(actor: Actor) -> list[Role]:
    """The roles that `actor` may hand to a token: none with a right that they lack."""
    return [role for role in ROLES if lower(role, actor.role) is role]


def _listed(permissions: Iterable[Permission]) -> str:
    """In the order of `WORDS`: “a, b and c”."""
    chosen = set(permissions)
    parts = [str(words) for permission, words in WORDS.items() if permission in chosen]
    return parts[0] if len(parts) == 1 else _("{} and {}").format(", ".join(parts[:-1]), parts[-1])
