"""Pages about previews."""

from tests.pages import objects
from tests.pages.rows.row import Row
from workspaces.permissions import Permission

_PREVIEW = Permission.WORKFLOW_PREVIEW

OF_PREVIEWS = (
    Row(name="jobs:preview", permission=_PREVIEW, args=objects.a_workflow),
    Row(
        name="jobs:preview",
        method="post",
        permission=_PREVIEW,
        args=objects.a_workflow,
        data={"form_key": "0" * 32},
        status=302,
    ),
    Row(
        name="jobs:preview_forget_pin",
        method="post",
        permission=_PREVIEW,
        args=objects.a_workflow,
        status=302,
    ),
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
    Row(
        name="jobs:preview_step_value",
        permission=_PREVIEW,
        args=objects.a_finished_preview,
        data={"path": "a", "kind": "output"},
    ),
    Row(name="jobs:preview_stop", method="post", permission=_PREVIEW, args=objects.a_preview, status=302),
    Row(
        name="jobs:preview_pin",
        method="post",
        permission=_PREVIEW,
        args=objects.a_finished_preview,
        data={"path": "a"},
        status=302,
    ),
)
