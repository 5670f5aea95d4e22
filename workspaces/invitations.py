"""Invitations: a link that makes whoever opens it a member, once. The link is the proof; only its hash is stored."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import Action
from common import clock
from common.canonical import Json
from common.errors import FieldError, Problem
from common.names import name_error
from workspaces.actors import Actor
from workspaces.models import Invitation, Membership, Role, User
from workspaces.people import create_person, email_format_error, refuse
from workspaces.permissions import Permission, require
from workspaces.services import admit, lock, record

USUAL_DAYS = 7
LONGEST_DAYS = 30
LONGEST_NOTE = 200
_LONGEST_TOKEN = 100


@transaction.atomic
def invite(
    *, role: Role, email: str = "", note: str = "", days: int = USUAL_DAYS, actor: Actor
) -> tuple[Invitation, str]:
    """An invitation to the actor's workspace and the secret of its link, which cannot be shown again.

    With `email` it is for the person with that address. Raises `Problem` 422 or 403.
    """
    require(actor, Permission.MEMBER_EDIT)
    refuse(_address_error(actor, email), _note_error(note), _days_error(days))
    token = secrets.token_urlsafe(32)
    now = clock.now()
    invitation = Invitation.objects.create(
        digest=_digest(token),
        workspace=actor.workspace,
        role=role,
        email=email,
        note=note,
        invited_by=actor.user,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    change: dict[str, Json] = {"role": role, "expires_at": clock.rfc3339(invitation.expires_at)}
    _record(invitation, Action.INVITATION_CREATED, actor, change)
    return invitation, token


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: Actor) -> None:
    """Take an invitation back. One that is over already stays as it is."""
    require(actor, Permission.MEMBER_EDIT)
    lock(invitation.workspace)
    if Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=clock.now()):
        _record(invitation, Action.INVITATION_REVOKED, actor, {"role": invitation.role})


def find_invitation(token: str) -> Invitation:
    """The open invitation of a link. Raises `Problem` 404 for none, 410 for one that is over."""
    invitation = None
    if token.isascii() and len(token) <= _LONGEST_TOKEN:
        rows = Invitation.objects.select_related("workspace", "invited_by")
        invitation = rows.filter(digest=_digest(token)).first()
    if invitation is None:
        detail = _(
            "This link leads to no invitation. Look whether all of it was copied, or ask for a new one."
        )
        raise Problem(404, "not_found", detail)
    _refuse_ended(invitation)
    return invitation


def refuse_wrong_person(*, invitation: Invitation, user: User) -> None:
    """Nothing for whom the invitation is for. Raises `Problem` 409 for members, 403 for another address."""
    if Membership.objects.filter(workspace=invitation.workspace, user=user).exists():
        detail = _("You are a member of this workspace already, so there is nothing to accept.")
        raise Problem(409, "member_already", detail)
    if invitation.email and invitation.email.lower() != user.email.lower():
        detail = _(
            "This invitation is for another e-mail address than that of your account {}. Sign out and open the link "
            "again, or ask for an invitation to your address."
        ).format(user.get_username())
        raise Problem(403, "forbidden", detail)


@transaction.atomic
def accept_invitation(*, token: str, user: User, request_id: str = "") -> Membership:
    """Make `user` a member by the link. Of two at once, one is. Raises `Problem` 403, 404, 409 or 410."""
    invitation = find_invitation(token)
    refuse_wrong_person(invitation=invitation, user=user)
    return _join(invitation, user, request_id)


@transaction.atomic
def accept_as_new_person(
    *, token: str, username: str, email: str, password: str, request_id: str = ""
) -> Membership:
    """Make an account and its membership by the link; both or neither. The address is the invitation's, if it has
    one. Raises `Problem` 404, 410 or 422.
    """
    invitation = find_invitation(token)
    person = create_person(
        username=username,
        email=invitation.email or email,
        password=password,
        time_zone=invitation.workspace.time_zone,
    )
    return _join(invitation, person, request_id)


def _join(invitation: Invitation, user: User, request_id: str) -> Membership:
    workspace = lock(invitation.workspace)
    own = Invitation.objects.open().filter(pk=invitation.pk)
    if not own.update(accepted_at=clock.now(), accepted_by=user):
        invitation.refresh_from_db(fields=["accepted_at", "revoked_at"])
        _refuse_ended(invitation)
        raise _expired()
    role = Role(invitation.role)
    actor = Actor(user=user, workspace=workspace, role=role, request_id=request_id)
    change: dict[str, Json] = {"role": role, "invited_by": invitation.invited_by.get_username()}
    _record(invitation, Action.INVITATION_ACCEPTED, actor, change)
    return admit(workspace, user=user, role=role, sees_payloads=False, actor=actor)


def _refuse_ended(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        detail = _(
            "An invitation works once. If it was you who joined, go on to the Overview; else ask for a new one."
        )
        raise Problem(410, "invitation_used", detail)
    inviter_left = not invitation.invited_by.is_active
    if invitation.revoked_at is not None or inviter_left or invitation.workspace.archived_at is not None:
        detail = _("This invitation was taken back. Ask the person who sent it for a new one.")
        raise Problem(410, "invitation_revoked", detail)
    if invitation.expires_at <= clock.now():
        raise _expired()


def _expired() -> Problem:
    detail = _("This invitation was not used in time. Ask the person who sent it for a new one.")
    return Problem(410, "invitation_expired", detail)


def _address_error(actor: Actor, email: str) -> FieldError | None:
    if not email:
        return None
    members = Membership.objects.filter(workspace=actor.workspace, user__email__iexact=email)
    if members.exists():
        message = _("somebody with this address is a member already; change their role instead")
        return FieldError(path="email", code="duplicate", message=message)
    return email_format_error(email)


def _note_error(note: str) -> FieldError | None:
    return name_error(note, path="note", longest=LONGEST_NOTE) if note else None


def _days_error(days: int) -> FieldError | None:
    if 1 <= days <= LONGEST_DAYS:
        return None
    message = _("expected 1 to {} days, got {}").format(LONGEST_DAYS, days)
    return FieldError(path="days", code="too_large" if days > LONGEST_DAYS else "too_small", message=message)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(invitation: Invitation, action: Action, actor: Actor, change: dict[str, Json]) -> None:
    label = invitation.email or invitation.note or str(Role(invitation.role).label)
    if invitation.email:
        change = {**change, "email": invitation.email}
    record(invitation.workspace, action, actor, ("invitation", str(invitation.uid), label), change)
