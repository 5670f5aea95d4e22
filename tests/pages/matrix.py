"""Who may open which page: one row for each address of the staff UI.

A new page gets a row in a module of `tests/pages/rows`: its URL name, the method, the permission it takes, and what its
address names as `args=lambda place: [...]`, made in the workspace of `place`. `tests/pages/test_matrix.py` then tries it
for a visitor, for a person without a workspace, for each role in its own workspace, and for each role with an object of
another workspace, which must be a 404. An address without a row fails that test, as does a row without an address.
"""

from tests.pages.rows.of_jobs import OF_JOBS
from tests.pages.rows.of_previews import OF_PREVIEWS
from tests.pages.rows.of_settings import OF_SETTINGS
from tests.pages.rows.of_workflows import OF_WORKFLOWS

ROWS = (*OF_JOBS, *OF_WORKFLOWS, *OF_PREVIEWS, *OF_SETTINGS)

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
        "api-missing",
        "api-docs",
    }
)
"""Addresses for everybody."""
