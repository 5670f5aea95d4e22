"""Settings: people, invitations, tokens, the workspace."""

from tests.pages import objects
from tests.pages.rows.row import Row
from workspaces.permissions import Permission

OF_SETTINGS = (
    Row(name="settings:index", permission=Permission.MEMBER_VIEW),
    Row(name="settings:members", permission=Permission.MEMBER_VIEW),
    Row(name="settings:member", permission=Permission.MEMBER_EDIT, args=objects.a_member),
    Row(
        name="settings:member",
        method="post",
        permission=Permission.MEMBER_EDIT,
        args=objects.a_member,
        data={"role": "viewer"},
        status=302,
    ),
    Row(
        name="settings:remove_member",
        method="post",
        permission=Permission.MEMBER_EDIT,
        args=objects.a_member,
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
    Row(name="settings:invitation", permission=Permission.MEMBER_EDIT, args=objects.an_invitation),
    Row(
        name="settings:invitation",
        method="post",
        permission=Permission.MEMBER_EDIT,
        args=objects.an_invitation,
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
    Row(name="settings:token", permission=Permission.TOKEN_OWN, args=objects.a_token, own=True),
    Row(
        name="settings:token",
        method="post",
        permission=Permission.TOKEN_OWN,
        args=objects.a_token,
        own=True,
        status=302,
    ),
    Row(name="settings:workspace", permission=Permission.MEMBER_VIEW),
    Row(
        name="settings:workspace",
        method="post",
        permission=Permission.SETTINGS_EDIT,
        data={"name": "Ledger", "time_zone": "UTC"},
        status=302,
    ),
    # Superusers may: tests/pages/settings/test_workspace.py.
    Row(name="settings:new_workspace", permission=None, status=403),
    Row(name="settings:new_workspace", method="post", permission=None, status=403),
)
