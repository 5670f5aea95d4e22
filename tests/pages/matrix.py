"""Who may open which page: one row for each address of the staff UI.

A new page gets a row in `ROWS`: its URL name, the method, the permission it takes, and what its address names as
`args=lambda place: [...]`, made in the workspace of `place`. `tests/pages/test_matrix.py` then tries it for a visitor, for a
person without a workspace, for each role in its own workspace, and for each role with an object of another workspace,
which must be a 404. An address without a row fails that test, as does a row without an address.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.factories import make_invitation, make_member, make_token
from workspaces.actors import Actor
from workspaces.models import Membership, Role
from workspaces.permissions import Permission

Args = Callable[[Actor], list[object]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`place` (given to `args`) is a builder in the workspace that the object shall belong to. `permission=None`:
    every member. `status`: what who is allowed gets; `data`: what is posted.
    """

    name: str
    method: str = "get"
    permission: Permission | None
    args: Args | None = None
    data: dict[str, Any] = field(default_factory=dict)
    status: int = 200


def _member(place: Actor) -> list[object]:
    return [make_member(Role.VIEWER, workspace=place.workspace).user.username]


def _invitation(place: Actor) -> list[object]:
    return [make_invitation(workspace=place.workspace)[0].uid]


def _token(place: Actor) -> list[object]:
    """Of the newest member, who asks: one's own is all that most may see."""
    owner = Membership.objects.filter(workspace=place.workspace).latest("id").user
    return [make_token(Role.VIEWER, workspace=place.workspace, user=owner)[0].uid]


ROWS = (
    Row(name="overview", permission=Permission.JOB_VIEW),
    Row(name="jobs:now", permission=Permission.JOB_VIEW),
    Row(name="settings:index", permission=Permission.MEMBER_VIEW),
    Row(name="settings:members", permission=Permission.MEMBER_VIEW),
    Row(name="settings:member", permission=Permission.MEMBER_EDIT, args=_member),
    Row(
        name="settings:member",
        method="post",
        permission=Permission.MEMBER_EDIT,
        args=_member,
        data={"role": "viewer"},
        status=302,
    ),
    Row(
        name="settings:remove_member",
        method="post",
        permission=Permission.MEMBER_EDIT,
        args=_member,
        status=302,
    ),
    Row(name="settings:invitations", permission=Permission.MEMBER_EDIT),
    Row(name="settings:new_invitation", permission=Permission.MEMBER_EDIT),
    Row(
        name="settings:new_invitation",
        method="post",
        permission=Permission.MEMBER_EDIT,
        data={"role": "viewer", "days": "7"},
        status=201,
    ),
    Row(name="settings:invitation", permission=Permission.MEMBER_EDIT, args=_invitation),
    Row(
        name="settings:invitation",
        method="post",
        permission=Permission.MEMBER_EDIT,
        args=_invitation,
        status=302,
    ),
    Row(name="settings:tokens", permission=Permission.TOKEN_OWN),
    Row(name="settings:new_token", permission=Permission.TOKEN_OWN),
    Row(
        name="settings:new_token",
        method="post",
        permission=Permission.TOKEN_OWN,
        data={"role": "viewer", "name": "nightly", "expires_at": "7"},
        status=201,
    ),
    Row(name="settings:token", permission=Permission.TOKEN_OWN, args=_token),
    Row(name="settings:token", method="post", permission=Permission.TOKEN_OWN, args=_token, status=302),
    Row(name="settings:workspace", permission=Permission.MEMBER_VIEW),
    Row(
        name="settings:workspace",
        method="post",
        permission=Permission.SETTINGS_EDIT,
        data={"name": "Ledger", "time_zone": "UTC"},
        status=302,
    ),
    Row(
        name="settings:new_workspace", permission=None, status=403
    ),  # superusers: tests/pages/settings/test_workspace.py
    Row(name="settings:new_workspace", method="post", permission=None, status=403),
)

PERSONAL = frozenset(
    {
        "account",
        "account_theme",
        "account_keys",
        "account_workspace",
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    }
)
"""Addresses about the person who looks, in no workspace: for everybody who is signed in."""

OPEN = frozenset(
    {
        "account_login",
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "join",
        "errors",
        "problems",
        "healthz",
        "readyz",
        "schema",
        "api-docs",
    }
)
"""Addresses for everybody."""
