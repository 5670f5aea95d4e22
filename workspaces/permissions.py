"""The one permission table: what each role may do. Pages, API, admin and engine all ask here.

Viewer, operator, reviewer, builder and admin are a ladder, each with all rights of those before it. Auditor stands
beside it: everything a viewer may, and the whole audit log; but payloads only if the membership grants them.
"""

from enum import StrEnum

from common.errors import Problem
from workspaces.actors import Actor
from workspaces.models import Role


class Permission(StrEnum):
    """One thing that a person or a program may do in a workspace. The value is stable: the docs print it."""

    JOB_VIEW = "job.view"
    JOB_AUDIT = "job.audit"  # the audit entries of one job
    JOB_EVIDENCE = "job.evidence"  # the evidence pack of one job
    JOB_START = "job.start"
    JOB_CANCEL = "job.cancel"
    JOB_RESUME = "job.resume"
    JOB_RERUN = "job.rerun"
    JOB_PICK_VERSION = "job.pick_version"  # start a version that is not the active one
    APPROVAL_VIEW = "approval.view"
    APPROVAL_DECIDE = "approval.decide"
    FILE_VIEW = "file.view"
    FILE_UPLOAD = "file.upload"
    WORKFLOW_VIEW = "workflow.view"
    WORKFLOW_EDIT = "workflow.edit"
    WORKFLOW_PREVIEW = "workflow.preview"
    WORKFLOW_ACTIVATE = "workflow.activate"
    WORKFLOW_ARCHIVE = "workflow.archive"
    TRIGGER_EDIT = "trigger.edit"  # a workflow's own incoming addresses
    SCHEDULE_VIEW = "schedule.view"
    SCHEDULE_EDIT = "schedule.edit"
    CONNECTION_VIEW = "connection.view"  # never its credentials: nobody reads those
    CONNECTION_EDIT = "connection.edit"
    TOKEN_OWN = "token.own"  # noqa: S105 - make, see and revoke one's own tokens
    TOKEN_ANY = "token.any"  # noqa: S105 - see and revoke everybody's
    MEMBER_VIEW = "member.view"
    MEMBER_EDIT = "member.edit"
    WEBHOOK_EDIT = "webhook.edit"  # completion hooks: what leaves the workspace by itself
    SETTINGS_EDIT = "settings.edit"
    AUDIT_VIEW = "audit.view"  # the workspace's whole log
    AUDIT_VERIFY = "audit.verify"
    AUDIT_EXPORT = "audit.export"


_P = Permission

LADDER = (Role.VIEWER, Role.OPERATOR, Role.REVIEWER, Role.BUILDER, Role.ADMIN)
"""From the lowest rung to the highest."""

_ADDED: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset(
        {
            _P.JOB_VIEW,
            _P.JOB_AUDIT,
            _P.JOB_EVIDENCE,
            _P.APPROVAL_VIEW,
            _P.FILE_VIEW,
            _P.WORKFLOW_VIEW,
            _P.SCHEDULE_VIEW,
            _P.CONNECTION_VIEW,
            _P.TOKEN_OWN,
            _P.MEMBER_VIEW,
        }
    ),
    Role.OPERATOR: frozenset({_P.JOB_START, _P.JOB_CANCEL, _P.JOB_RESUME, _P.JOB_RERUN, _P.FILE_UPLOAD}),
    Role.REVIEWER: frozenset({_P.APPROVAL_DECIDE}),
    Role.BUILDER: frozenset(
        {
            _P.JOB_PICK_VERSION,
            _P.WORKFLOW_EDIT,
            _P.WORKFLOW_PREVIEW,
            _P.WORKFLOW_ACTIVATE,
            _P.WORKFLOW_ARCHIVE,
            _P.TRIGGER_EDIT,
            _P.SCHEDULE_EDIT,
            _P.CONNECTION_EDIT,
        }
    ),
    Role.ADMIN: frozenset(
        {
            _P.TOKEN_ANY,
            _P.MEMBER_EDIT,
            _P.WEBHOOK_EDIT,
            _P.SETTINGS_EDIT,
            _P.AUDIT_VIEW,
            _P.AUDIT_VERIFY,
            _P.AUDIT_EXPORT,
        }
    ),
}


def _table() -> dict[Role, frozenset[Permission]]:
    table: dict[Role, frozenset[Permission]] = {}
    so_far: frozenset[Permission] = frozenset()
    for role in LADDER:
        so_far |= _ADDED[role]
        table[role] = so_far
    table[Role.AUDITOR] = table[Role.VIEWER] | {_P.AUDIT_VIEW, _P.AUDIT_VERIFY, _P.AUDIT_EXPORT}
    return table


TABLE: dict[Role, frozenset[Permission]] = _table()
"""What each role may do, spelled out."""


def can(role: Role, permission: Permission) -> bool:
    """Whether `role` may do it."""
    return permission in TABLE[role]


def require(actor: Actor | None, permission: Permission) -> None:
    """Nothing, or a `Problem` 403 `role_too_low` that names the role it takes. The system (None) may do all."""
    if actor is None or can(actor.role, permission):
        return
    who = "This token acts" if actor.token else "You act"
    raise Problem(
        403,
        "role_too_low",
        f"{who} as {actor.role.label.lower()} in the workspace {actor.workspace.slug}; this takes "
        f"{roles_that_can(permission)}. Ask an admin of the workspace for that role.",
        extra={"permission": permission.value},
    )


def is_operator(actor: Actor) -> bool:
    """Whether `actor` runs the installation: a superuser in person, never a token."""
    return actor.user.is_superuser and actor.token is None


def require_operator(actor: Actor | None) -> None:
    """Nothing, or a `Problem` 403 `forbidden` for everybody who does not run the installation."""
    if actor is not None and not is_operator(actor):
        raise Problem(403, "forbidden", "Only who runs this installation makes workspaces. Ask them for one.")


def roles_that_can(permission: Permission) -> str:
    """The roles it takes, in words: `the role operator or higher`, `the role admin or the role auditor`."""
    lowest = next(role for role in LADDER if permission in TABLE[role])
    words = f"the role {lowest.label.lower()}" + ("" if lowest is Role.ADMIN else " or higher")
    beside = permission in TABLE[Role.AUDITOR] and lowest is not Role.VIEWER
    return words + (" or the role auditor" if beside else "")


def lower(first: Role, second: Role) -> Role:
    """The role whose rights both have; a token acts with this of its own role and its owner's present one.

    On the ladder it is the lower rung. Admin and auditor give auditor, for an admin may do all that an auditor may.
    Any other role and auditor share a viewer's rights, and so give viewer.
    """
    if first is second:
        return first
    if Role.AUDITOR not in (first, second):
        return LADDER[min(LADDER.index(first), LADDER.index(second))]
    return Role.AUDITOR if Role.ADMIN in (first, second) else Role.VIEWER
