"""What changes in a workspace's people and tokens. Each change writes its audit entry in the same transaction."""

from datetime import datetime

from django.db import IntegrityError, transaction
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from audit import services as audit
from audit.actions import Action
from common import clock
from common.canonical import Json
from common.errors import FieldError, Problem
from common.names import name_error, slug_error
from workspaces.actors import Actor
from workspaces.models import Invitation, Membership, Role, Token, User, Workspace
from workspaces.people import refuse, time_zone_error
from workspaces.permissions import Permission, lower, require, require_operator
from workspaces.selectors import is_last_admin

LONGEST_NAME = 200
LONGEST_TOKEN_NAME = 100


@transaction.atomic
def create_workspace(
    *, slug: str, name: str, admin: User, time_zone: str = "UTC", actor: Actor | None
) -> Workspace:
    """A new workspace with `admin` as its first member. Raises `Problem` 422 for a bad or taken slug or name.

    It takes somebody who runs the installation: a superuser, in person.
    """
    require_operator(actor)
    refuse(
        slug_error(slug, path="slug"),
        name_error(name, path="name", longest=LONGEST_NAME),
        time_zone_error(time_zone),
    )
    if Workspace.objects.filter(slug=slug).exists():
        refuse(FieldError(path="slug", code="duplicate", message=f"the slug {slug} is taken; choose another"))
    workspace = Workspace.objects.create(slug=slug, name=name, time_zone=time_zone)
    record(workspace, Action.WORKSPACE_CREATED, actor, ("workspace", workspace.slug, name), {"slug": slug})
    admit(workspace, user=admin, role=Role.ADMIN, sees_payloads=False, actor=actor)
    return workspace


@transaction.atomic
def change_workspace(
    *,
    workspace: Workspace,
    name: str | None = None,
    time_zone: str | None = None,
    four_eyes: bool | None = None,
    actor: Actor | None,
) -> Workspace:
    """Give the workspace another name or time zone, or let activating take two people; None leaves it. Its slug stays.
    Raises `Problem` 422.

    Jobs that exist keep the zone that they began with, requests to activate stay open.
    """
    require(actor, Permission.SETTINGS_EDIT)
    workspace = lock(workspace)
    refuse(
        name_error(name, path="name", longest=LONGEST_NAME) if name is not None else None,
        time_zone_error(time_zone) if time_zone is not None else None,
    )
    change: dict[str, Json] = {}
    for column, value in (("name", name), ("time_zone", time_zone), ("four_eyes", four_eyes)):
        before = getattr(workspace, column)
        if value is not None and value != before:
            setattr(workspace, column, value)
            change[column] = {"before": before, "after": value}
    if change:
        workspace.save(update_fields=list(change))
        target = ("workspace", workspace.slug, workspace.name)
        record(workspace, Action.WORKSPACE_CHANGED, actor, target, change)
    return workspace


@transaction.atomic
def add_member(
    *, workspace: Workspace, user: User, role: Role, sees_payloads: bool = False, actor: Actor | None
) -> Membership:
    """Make `user` a member. Raises `Problem` 409 `member_already`."""
    require(actor, Permission.MEMBER_EDIT)
    return admit(workspace, user=user, role=role, sees_payloads=sees_payloads, actor=actor)


@transaction.atomic
def change_role(
    *,
    membership: Membership,
    role: Role | None = None,
    sees_payloads: bool | None = None,
    actor: Actor | None,
) -> Membership:
    """Change what a member may do; it holds at once for their tokens too. None leaves a field as it is now, whatever
    `membership` says of it. Raises `Problem` 409 `last_admin`.

    Who is admin no longer leaves no open invitations behind.
    """
    require(actor, Permission.MEMBER_EDIT)
    membership = _locked(membership)
    before: dict[str, Json] = {"role": membership.role, "sees_payloads": membership.sees_payloads}
    if role is not None:
        if role is not Role.ADMIN:
            _refuse_without_admin(membership)
            _revoke_invitations(membership)
        membership.role = role
    if sees_payloads is not None:
        membership.sees_payloads = sees_payloads
    membership.save(update_fields=["role", "sees_payloads"])
    after: dict[str, Json] = {"role": membership.role, "sees_payloads": membership.sees_payloads}
    if after != before:
        _record_member(membership, Action.MEMBER_CHANGED, actor, {"before": before, "after": after})
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, actor: Actor | None) -> None:
    """End a membership; the person's tokens and open invitations stop at once. Raises `Problem` 409 `last_admin`."""
    require(actor, Permission.MEMBER_EDIT)
    membership = _locked(membership)
    _refuse_without_admin(membership)
    tokens = Token.objects.filter(workspace=membership.workspace, user=membership.user, revoked_at=None)
    revoked = tokens.update(revoked_at=clock.now())
    change: dict[str, Json] = {"role": membership.role, "tokens_revoked": revoked}
    change["invitations_revoked"] = _revoke_invitations(membership)
    _record_member(membership, Action.MEMBER_REMOVED, actor, change)
    membership.delete()


@transaction.atomic
def create_token(
    *, user: User, workspace: Workspace, role: Role, name: str, expiry: datetime | None, actor: Actor | None
) -> tuple[Token, str]:
    """A token of `user` in `workspace` and its key, which is not stored and cannot be shown again.

    Nobody hands out more than they have: the role is at most the owner's, and the actor's; a token that makes a
    token cannot make one that outlives it. Raises `Problem` 422 or 403.
    """
    require(actor, Permission.TOKEN_OWN)
    refuse(
        name_error(name, path="name", longest=LONGEST_TOKEN_NAME),
        _role_error(user=user, workspace=workspace, role=role, actor=actor),
        _expiry_error(expiry, actor=actor),
    )
    digest, key = get_digest_token()
    token = Token(digest=digest, token_key=key[: CONSTANTS.TOKEN_KEY_LENGTH], user=user, workspace=workspace)
    token.role, token.name, token.expiry = role, name, expiry
    token.save(force_insert=True)
    change: dict[str, Json] = {"role": role, "owner": user.get_username(), "prefix": token.token_key}
    change["expires_at"] = clock.rfc3339(expiry) if expiry else None
    record(workspace, Action.TOKEN_CREATED, actor, ("token", str(token.uid), name), change)
    return token, str(key)


@transaction.atomic
def revoke_token(*, token: Token, actor: Actor | None) -> None:
    """Stop a token for good. One's own, or anybody's as admin. Revoking it again changes nothing."""
    require(actor, Permission.TOKEN_OWN)
    if actor is not None and token.user_id != actor.user.pk:
        require(actor, Permission.TOKEN_ANY)
    if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
        return
    change: dict[str, Json] = {"owner": token.user.get_username(), "prefix": token.token_key}
    record(token.workspace, Action.TOKEN_REVOKED, actor, ("token", str(token.uid), token.name), change)


def admit(
    workspace: Workspace, *, user: User, role: Role, sees_payloads: bool, actor: Actor | None
) -> Membership:
    """Make `user` a member, whoever asks: it is the caller who may. Raises `Problem` 409 `member_already`."""
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                workspace=workspace, user=user, role=role, sees_payloads=sees_payloads
            )
    except IntegrityError as error:
        detail = f"{user.get_username()} is a member of {workspace.slug} already; change the role instead."
        raise Problem(409, "member_already", detail) from error
    change: dict[str, Json] = {"role": role, "sees_payloads": sees_payloads}
    _record_member(membership, Action.MEMBER_ADDED, actor, change)
    return membership


def lock(workspace: Workspace) -> Workspace:
    """The workspace as it is now, locked until the transaction ends. Every change of its people begins with it."""
    return Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def _locked(membership: Membership) -> Membership:
    """The membership as it is now, with the workspace locked, so that two admins cannot demote each other."""
    lock(membership.workspace)
    found = Membership.objects.select_related("workspace", "user").filter(pk=membership.pk).first()
    if found is None:
        raise Problem(404, "not_found", "There is no such member in this workspace.")
    return found


def _refuse_without_admin(membership: Membership) -> None:
    if is_last_admin(membership):
        detail = "A workspace keeps at least one admin. Make somebody else an admin first."
        raise Problem(409, "last_admin", detail)


def _revoke_invitations(membership: Membership) -> int:
    """Take back what the member's own open invitations offer; how many there were."""
    own = Invitation.objects.open().filter(workspace=membership.workspace, invited_by=membership.user)
    return own.update(revoked_at=clock.now())


def _role_error(*, user: User, workspace: Workspace, role: Role, actor: Actor | None) -> FieldError | None:
    owned = Membership.objects.filter(workspace=workspace, user=user).values_list("role", flat=True).first()
    if owned is None:
        message = (
            f"expected a member of {workspace.slug}, got {user.get_username()}, who is none; add them first"
        )
        return FieldError(path="user", code="not_a_choice", message=message)
    for bound in (Role(owned), actor.role if actor else role):
        if lower(role, bound) is not role:
            message = f"expected at most the role {bound.value}, got {role.value}"
            return FieldError(path="role", code="too_large", message=message)
    return None


def _expiry_error(expiry: datetime | None, *, actor: Actor | None) -> FieldError | None:
    if expiry is not None and expiry <= clock.now():
        message = f"expected a moment to come, got {clock.rfc3339(expiry)}"
        return FieldError(path="expires_at", code="too_small", message=message)
    bound = actor.token.expiry if actor and actor.token else None
    if bound is not None and (expiry is None or expiry > bound):
        message = f"expected at most {clock.rfc3339(bound)}, when the token that asks expires"
        return FieldError(path="expires_at", code="too_large", message=message)
    return None


def _record_member(
    membership: Membership, action: Action, actor: Actor | None, change: dict[str, Json]
) -> None:
    name = membership.user.get_username()
    record(membership.workspace, action, actor, ("member", name, name), change)


def record(
    workspace: Workspace,
    action: Action,
    actor: Actor | None,
    target: tuple[str, str, str],
    change: dict[str, Json],
) -> None:
    """Append to the workspace's log; `target` is type, id and label."""
    audit.record(
        workspace=workspace,
        action=action.value,
        actor=actor.label if actor else audit.SYSTEM,
        target_type=target[0],
        target_id=target[1],
        label=target[2],
        data=change,
        request_id=actor.request_id if actor else "",
    )
