"""Who may open which page: one row for each address of the staff UI.

A new page gets a row in `ROWS`: its URL name, the method, the permission it takes, and what its address names as
`args=lambda place: [...]`, made in the workspace of `place`. `tests/pages/test_matrix.py` then tries it for a visitor, for a
person without a workspace, for each role in its own workspace, and for each role with an object of another workspace,
which must be a 404. An address without a row fails that test, as does a row without an address.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workspaces.actors import Actor
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


ROWS = (
    Row(name="overview", permission=Permission.JOB_VIEW),
    Row(name="jobs:now", permission=Permission.JOB_VIEW),
    Row(name="jobs:list", permission=Permission.JOB_VIEW),
    Row(name="jobs:rows", permission=Permission.JOB_VIEW),
    Row(name="jobs:csv", permission=Permission.JOB_VIEW),
    # Without jobs they lead back to the list; tests/pages/test_selected.py has the jobs of strangers.
    Row(name="jobs:cancel_selected", permission=Permission.JOB_CANCEL, status=302),
    Row(name="jobs:cancel_selected", method="post", permission=Permission.JOB_CANCEL, status=302),
    Row(name="jobs:rerun_selected", permission=Permission.JOB_RERUN, status=302),
    Row(name="jobs:rerun_selected", method="post", permission=Permission.JOB_RERUN, status=302),
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
        "errors",
        "problems",
        "healthz",
        "readyz",
        "schema",
        "api-docs",
    }
)
"""Addresses for everybody."""
