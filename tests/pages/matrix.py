"""Who may open which page: one row for each address of the staff UI.

A new page gets a row in `ROWS`: its URL name, the method, the permission it takes, and what its address names as
`args=lambda place: [...]`, made in the workspace of `place`. `tests/pages/test_matrix.py` then tries it for a visitor, for a
person without a workspace, for each role in its own workspace, and for each role with an object of another workspace,
which must be a 404. An address without a row fails that test, as does a row without an address.

Over 300 lines because it is one table.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.pages import objects
from workspaces.actors import Actor
from workspaces.permissions import Permission

Args = Callable[[Actor], list[object]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`place` (given to `args`) is a builder in the workspace that the object shall belong to. `permission=None`:
    every member. `status`: what who is allowed gets; `data`: what is posted, or the query.
    """

    name: str
    method: str = "get"
    permission: Permission | None
    args: Args | None = None
    data: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    shared: bool = False
    """What the address names belongs to no workspace: everybody has it."""
    blind: int | None = None
    """What an auditor gets who may not see values, where that is something else."""


_A_TEXT = {"text": "{slug: fresh, format: 1, name: New, steps: [{key: a, type: set, values: {x: 1}}]}"}

_PREVIEW = Permission.WORKFLOW_PREVIEW
OF_PREVIEWS = (
    Row(name="jobs:preview", permission=_PREVIEW, args=objects.a_workflow),
    Row(name="jobs:preview", method="post", permission=_PREVIEW, args=objects.a_workflow, data={"form_key": "0" * 32}, status=302),
    Row(name="jobs:preview_forget_pin", method="post", permission=_PREVIEW, args=objects.a_workflow, status=302),
    Row(
        name="jobs:preview_samples",
        method="post",
        permission=Permission.WORKFLOW_PREVIEW,
        args=objects.a_copy,
        status=302,
    ),
    Row(name="jobs:preview_scope", permission=Permission.WORKFLOW_PREVIEW, args=objects.a_workflow),
    Row(name="jobs:preview_run", permission=_PREVIEW, args=objects.a_preview_of),
    Row(name="jobs:preview_detail", permission=_PREVIEW, args=objects.a_preview, status=302),
    Row(name="jobs:preview_state", permission=_PREVIEW, args=objects.a_preview),
    Row(name="jobs:preview_step_list", permission=_PREVIEW, args=objects.a_preview),
    Row(name="jobs:preview_inside", permission=_PREVIEW, args=objects.a_preview),
    Row(name="jobs:preview_step", permission=_PREVIEW, args=objects.a_preview, data={"path": "a"}),
    Row(name="jobs:preview_step_value", permission=_PREVIEW, args=objects.a_finished_preview, data={"path": "a", "kind": "output"}),
    Row(name="jobs:preview_stop", method="post", permission=_PREVIEW, args=objects.a_preview, status=302),
    Row(name="jobs:preview_pin", method="post", permission=_PREVIEW, args=objects.a_finished_preview, data={"path": "a"}, status=302),
)  # fmt: skip

ROWS = (
    Row(name="overview", permission=Permission.JOB_VIEW),
    Row(name="jobs:now", permission=Permission.JOB_VIEW),
    Row(name="jobs:of_workflow", permission=Permission.JOB_VIEW, args=objects.a_workflow),
    Row(name="jobs:samples", method="post", permission=Permission.WORKFLOW_ACTIVATE, status=302),
    Row(name="workflows:list", permission=Permission.WORKFLOW_VIEW),
    Row(name="workflows:new", permission=Permission.WORKFLOW_EDIT),
    Row(
        name="workflows:new",
        method="post",
        permission=Permission.WORKFLOW_EDIT,
        data={"name": "Fresh"},
        status=302,
    ),
    Row(name="workflows:import", permission=Permission.WORKFLOW_EDIT),
    Row(name="workflows:import", method="post", permission=Permission.WORKFLOW_EDIT, data=_A_TEXT),
    Row(name="workflows:gallery", permission=Permission.WORKFLOW_VIEW),
    Row(
        name="workflows:gallery_entry",
        permission=Permission.WORKFLOW_VIEW,
        args=lambda _place: ["invoice-check"],
        shared=True,
    ),
    Row(
        name="workflows:gallery_entry",
        method="post",
        permission=Permission.WORKFLOW_EDIT,
        args=lambda _place: ["invoice-check"],
        shared=True,
        status=302,
    ),
    Row(
        name="workflows:gallery_file",
        permission=Permission.WORKFLOW_VIEW,
        args=lambda _place: ["invoice-check", "orders.csv"],
        shared=True,
    ),
    Row(name="workflows:detail", permission=Permission.WORKFLOW_VIEW, args=objects.a_workflow),
    Row(name="workflows:source", permission=Permission.WORKFLOW_VIEW, args=objects.a_workflow),
    Row(name="workflows:builder", permission=Permission.WORKFLOW_EDIT, args=objects.a_workflow),
    Row(
        name="workflows:builder",
        method="post",
        permission=Permission.WORKFLOW_EDIT,
        args=objects.a_workflow,
        data={"do": "add:set", "place": "steps"},
        status=302,
    ),
    Row(name="workflows:builder_graph", permission=Permission.WORKFLOW_EDIT, args=objects.a_workflow),
    Row(name="workflows:builder_history", permission=Permission.WORKFLOW_EDIT, args=objects.a_workflow),
    Row(
        name="workflows:builder_history",
        method="post",
        permission=Permission.WORKFLOW_EDIT,
        args=objects.a_workflow,
        data={"restore": "1", "revision": "1"},
        status=404,
    ),
    Row(name="workflows:builder_source", permission=Permission.WORKFLOW_EDIT, args=objects.a_workflow),
    Row(
        name="workflows:builder_source",
        method="post",
        permission=Permission.WORKFLOW_EDIT,
        args=objects.a_workflow,
        data={**_A_TEXT, "do": "save", "revision": "1"},
        status=302,
    ),
    Row(name="workflows:export", permission=Permission.WORKFLOW_VIEW, args=objects.a_workflow),
    Row(name="workflows:import_draft", permission=Permission.WORKFLOW_EDIT, args=objects.a_workflow),
    Row(
        name="workflows:import_draft",
        method="post",
        permission=Permission.WORKFLOW_EDIT,
        args=objects.a_workflow,
        data=_A_TEXT,
    ),
    Row(name="workflows:activate", permission=Permission.WORKFLOW_ACTIVATE, args=objects.a_workflow),
    Row(
        name="workflows:activate",
        method="post",
        permission=Permission.WORKFLOW_ACTIVATE,
        args=objects.a_workflow,
        data={"revision": "1"},
        status=302,
    ),
    Row(name="workflows:deactivate", permission=Permission.WORKFLOW_ACTIVATE, args=objects.a_workflow),
    Row(
        name="workflows:deactivate",
        method="post",
        permission=Permission.WORKFLOW_ACTIVATE,
        args=objects.a_workflow,
        status=302,
    ),
    Row(name="workflows:archive", permission=Permission.WORKFLOW_ARCHIVE, args=objects.a_workflow),
    Row(
        name="workflows:archive",
        method="post",
        permission=Permission.WORKFLOW_ARCHIVE,
        args=objects.a_workflow,
        status=302,
    ),
    Row(name="workflows:restore", permission=Permission.WORKFLOW_ARCHIVE, args=objects.an_archived_workflow),
    Row(
        name="workflows:restore",
        method="post",
        permission=Permission.WORKFLOW_ARCHIVE,
        args=objects.an_archived_workflow,
        status=302,
    ),
    Row(
        name="jobs:activation_preview",
        permission=Permission.WORKFLOW_PREVIEW,
        args=objects.a_workflow,
        status=302,
    ),
    Row(name="workflows:callers", permission=Permission.WORKFLOW_VIEW, args=objects.a_workflow),
    Row(
        name="workflows:callers",
        method="post",
        permission=Permission.WORKFLOW_ACTIVATE,
        args=objects.a_workflow,
        status=302,
    ),
    Row(name="workflows:request", permission=Permission.WORKFLOW_VIEW, args=objects.a_request),
    Row(
        name="workflows:request",
        method="post",
        permission=Permission.WORKFLOW_ACTIVATE,
        args=objects.a_request,
        data={"action": "refuse", "comment": "Not yet"},
        status=302,
    ),
    Row(name="workflows:versions", permission=Permission.WORKFLOW_VIEW, args=objects.an_active_workflow),
    Row(name="workflows:version", permission=Permission.WORKFLOW_VIEW, args=objects.a_version),
    Row(name="workflows:draft_from_version", permission=Permission.WORKFLOW_EDIT, args=objects.a_version),
    Row(
        name="workflows:draft_from_version",
        method="post",
        permission=Permission.WORKFLOW_EDIT,
        args=objects.a_version,
        data={"revision": "1"},
        status=302,
    ),
    Row(name="jobs:file", permission=Permission.FILE_VIEW, args=objects.a_file, blind=403),
    Row(name="jobs:detail", permission=Permission.JOB_VIEW, args=objects.a_job),
    Row(name="jobs:state", permission=Permission.JOB_VIEW, args=objects.a_job),
    Row(name="jobs:step_list", permission=Permission.JOB_VIEW, args=objects.a_job),
    Row(name="jobs:graph", permission=Permission.JOB_VIEW, args=objects.a_job),
    Row(name="jobs:inside", permission=Permission.JOB_VIEW, args=objects.a_job),
    Row(name="jobs:cancel", permission=Permission.JOB_CANCEL, args=objects.a_job),
    Row(name="jobs:cancel", method="post", permission=Permission.JOB_CANCEL, args=objects.a_job, status=302),
    Row(name="jobs:resume", method="post", permission=Permission.JOB_RESUME, args=objects.a_job, status=302),
    Row(name="jobs:audit", permission=Permission.JOB_AUDIT, args=objects.a_job),
    Row(
        name="jobs:audit_entry",
        permission=Permission.JOB_AUDIT,
        args=lambda place: [*objects.a_job(place), 1],
    ),
    Row(
        name="jobs:audit_verify",
        method="post",
        permission=Permission.AUDIT_VERIFY,
        args=objects.a_job,
        status=302,
    ),
    Row(name="jobs:values", permission=Permission.JOB_VIEW, args=objects.a_job),
    Row(
        name="jobs:values_file",
        permission=Permission.JOB_VIEW,
        args=lambda place: [*objects.a_job(place), "inputs"],
        blind=403,
    ),
    Row(name="jobs:step", permission=Permission.JOB_VIEW, args=objects.a_job, data={"path": "a"}),
    Row(
        name="jobs:step_value",
        permission=Permission.JOB_VIEW,
        args=objects.a_finished_job,
        data={"path": "a", "kind": "output"},
        blind=403,
    ),
    Row(name="jobs:evidence", permission=Permission.JOB_EVIDENCE, args=objects.a_job),
    Row(name="jobs:evidence", method="post", permission=Permission.JOB_EVIDENCE, args=objects.a_job),
    *OF_PREVIEWS,
    Row(name="audit:list", permission=Permission.AUDIT_VIEW),
    Row(name="audit:entry", permission=Permission.AUDIT_VIEW, args=objects.an_entry),
    Row(name="audit:verify", method="post", permission=Permission.AUDIT_VERIFY),
    Row(name="audit:export", method="post", permission=Permission.AUDIT_EXPORT, data={"format": "csv"}),
    Row(name="jobs:new", permission=Permission.JOB_START),
    Row(name="jobs:new", method="post", permission=Permission.JOB_START, status=422),
    Row(name="jobs:new_file", method="post", permission=Permission.FILE_UPLOAD, status=404),
    Row(name="jobs:new_table", method="post", permission=Permission.JOB_START, status=404),
    Row(name="jobs:new_shown", method="post", permission=Permission.JOB_START, status=404),
    Row(name="jobs:new_ready", permission=Permission.JOB_START, status=204),
    Row(name="jobs:list", permission=Permission.JOB_VIEW),
    Row(name="jobs:rows", permission=Permission.JOB_VIEW),
    Row(name="jobs:csv", permission=Permission.JOB_VIEW),
    # Without jobs they lead back to the list; tests/pages/test_selected.py has the jobs of strangers.
    Row(name="jobs:cancel_selected", permission=Permission.JOB_CANCEL, status=302),
    Row(name="jobs:cancel_selected", method="post", permission=Permission.JOB_CANCEL, status=302),
    Row(name="jobs:rerun_selected", permission=Permission.JOB_RERUN, status=302),
    Row(name="jobs:rerun_selected", method="post", permission=Permission.JOB_RERUN, status=302),
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
    Row(name="settings:token", permission=Permission.TOKEN_OWN, args=objects.a_token),
    Row(
        name="settings:token",
        method="post",
        permission=Permission.TOKEN_OWN,
        args=objects.a_token,
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
        "api-missing",
        "api-docs",
    }
)
"""Addresses for everybody."""
