"""Pages about jobs, and their records in the audit log."""

from tests.pages import objects
from tests.pages.rows.row import Row
from workspaces.permissions import Permission

OF_JOBS = (
    Row(name="overview", permission=Permission.JOB_VIEW),
    Row(name="jobs:now", permission=Permission.JOB_VIEW),
    Row(name="jobs:of_workflow", permission=Permission.JOB_VIEW, args=objects.a_workflow),
    Row(name="jobs:samples", method="post", permission=Permission.WORKFLOW_ACTIVATE, status=302),
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
    Row(name="audit:list", permission=Permission.AUDIT_VIEW),
    Row(name="audit:entry", permission=Permission.AUDIT_VIEW, args=objects.an_entry),
    Row(name="audit:verify", method="post", permission=Permission.AUDIT_VERIFY),
    Row(name="audit:export", method="post", permission=Permission.AUDIT_EXPORT, data={"format": "csv"}),
)
