"""What the settings pages show of people, invitations and tokens."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from common import clock
from workspaces.actors import Actor
from workspaces.models import Invitation, Membership, Role, Token, Workspace
from workspaces.permissions import Permission, can, lower


@dataclass(frozen=True, kw_only=True)
class SettingsCounts:
    """How much there is behind each entry of the settings."""

    members: int
    admins: int
    invitations: int
    tokens: int


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """A token as people see it. `role` is the one in force: None once it does not work any more."""

    uid: str
    name: str
    prefix: str
    owner: str
    role: Role | None
    own_role: Role
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    state: str
    """`active`, `expired`, `revoked`, or `ownerless` while its owner may not sign in."""


def members_of(workspace: Workspace) -> QuerySet[Membership]:
    """The members, with their people."""
    return Membership.objects.filter(workspace=workspace).select_related("user", "workspace")


def is_last_admin(membership: Membership) -> bool:
    """Whether nobody would be admin without this member."""
    if membership.role != Role.ADMIN:
        return False
    admins = Membership.objects.filter(workspace=membership.workspace, role=Role.ADMIN, user__is_active=True)
    return not admins.exclude(pk=membership.pk).exists()


def tokens_for(actor: Actor) -> QuerySet[Token]:
    """The tokens that `actor` may see: their own, or as admin everybody's; each with its owner's present role."""
    owner = Membership.objects.filter(workspace=OuterRef("workspace"), user=OuterRef("user"))
    tokens = Token.objects.filter(workspace=actor.workspace).select_related("user", "workspace")
    if not can(actor.role, Permission.TOKEN_ANY):
        tokens = tokens.filter(user=actor.user)
    annotated: QuerySet[Token] = tokens.annotate(owner_role=Subquery(owner.values("role")[:1]))
    return annotated


def working(tokens: QuerySet[Token]) -> QuerySet[Token]:
    """Those that still open the door."""
    return tokens.filter(Q(expiry=None) | Q(expiry__gt=clock.now()), revoked_at=None, user__is_active=True)


def token_row(token: Token) -> TokenRow:
    """A token of `tokens_for`."""
    owner_role: str | None = token.owner_role  # type: ignore[attr-defined] # annotated
    state = _token_state(token, has_owner=bool(owner_role) and token.user.is_active)
    in_force = lower(Role(token.role), Role(owner_role)) if owner_role and state == "active" else None
    return TokenRow(
        uid=str(token.uid),
        name=token.name,
        prefix=token.token_key,
        owner=token.user.get_username(),
        role=in_force,
        own_role=Role(token.role),
        created_at=token.created,
        last_used_at=token.last_used_at,
        expires_at=token.expiry,
        revoked_at=token.revoked_at,
        state=state,
    )


def _token_state(token: Token, *, has_owner: bool) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expiry is not None and token.expiry <= clock.now():
        return "expired"
    return "active" if has_owner else "ownerless"


def settings_counts(actor: Actor) -> SettingsCounts:
    """The numbers of the first page."""
    members = Membership.objects.filter(workspace=actor.workspace)
    counted = members.aggregate(all=Count("pk"), admins=Count("pk", filter=Q(role=Role.ADMIN)))
    sees_invitations = can(actor.role, Permission.MEMBER_EDIT)
    return SettingsCounts(
        members=counted["all"],
        admins=counted["admins"],
        invitations=open_invitations(actor.workspace).count() if sees_invitations else 0,
        tokens=working(tokens_for(actor)).count(),
    )


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """What can still be accepted in the workspace, with who invited."""
    return Invitation.objects.open().filter(workspace=workspace).select_related("workspace", "invited_by")
