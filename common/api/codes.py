"""Every `code` of a problem document, with what it means and what to do: one page, at `/docs/problems/`."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

CODES: dict[str, tuple[int, str]] = {
    "malformed": (
        400,
        "The request is not readable: not JSON, not one object, a key twice, NaN. Correct it.",
    ),
    "invalid_token": (401, "The token is unknown, expired or revoked, or its owner left. Make a new one."),
    "not_authenticated": (401, "Send the header Authorization: Token KEY, or sign in."),
    "csrf": (403, "A browser session wrote without a valid CSRF token. Reload the page, or use a token."),
    "forbidden": (403, "This is not allowed here, whatever the role."),
    "no_workspace": (403, "The person is not a member of any workspace. Ask an admin to be added."),
    "payloads_hidden": (403, "Auditors see inputs, outputs and files only if their membership grants it."),
    "own_request": (403, "Nobody decides on what they asked for themselves. Somebody else has to."),
    "role_too_low": (403, "The detail names the role that it takes. Ask an admin of the workspace for it."),
    "not_found": (404, "Nothing is at this address, or it belongs to another workspace."),
    "method_not_allowed": (405, "The header Allow says which methods the address takes."),
    "already_decided": (409, "Somebody was quicker; the answer says who decided what."),
    "version_changed": (
        409,
        "Another version became active while a form was filled in. Look at it again, then send it.",
    ),
    "draft_changed": (
        409,
        "The draft is another one than If-Match names. Read it again and repeat the change.",
    ),
    "duplicate_job": (409, "A job like this one has not ended yet; the answer has its id."),
    "evidence_too_large": (
        409,
        "The evidence of the job is larger than one pack may be. Take that of its sub-jobs, each by itself.",
    ),
    "has_problems": (409, "The draft has problems, listed in the answer. Correct them, then activate."),
    "idempotency_conflict": (409, "The Idempotency-Key was used for another request. Take a new one."),
    "idempotency_in_progress": (
        409,
        "Requests with this Idempotency-Key keep failing together. Send it again.",
    ),
    "inputs_purged": (409, "The job's inputs were removed after their retention, so it cannot run again."),
    "job_cancelled": (409, "The job was cancelled and has no outputs."),
    "job_ended": (409, "The job has ended; there is nothing left to cancel or to decide."),
    "job_failed": (409, "The job failed and has no outputs; the answer has its error."),
    "last_admin": (409, "A workspace keeps at least one admin. Make somebody else an admin first."),
    "member_already": (409, "The user is a member already. Change the role instead."),
    "no_evidence": (409, "A preview keeps no audit log, so there is nothing to prove it with. Run a job."),
    "is_preview": (
        409,
        "A preview is not run again or resumed as a job is. Start another preview of the draft.",
    ),
    "no_output": (409, "The step of the preview gave no output, so there is nothing to pin."),
    "not_resumable": (409, "The job cannot be resumed; the detail says why."),
    "request_changed": (
        409,
        "What a request would make active has changed since it was looked at. Look at it again, then decide.",
    ),
    "request_open": (
        409,
        "Somebody else asked to activate the workflow, and nobody has decided that yet; the answer has its id.",
    ),
    "second_person_needed": (
        409,
        "In this workspace it takes a second person: ask for an activation. A preview holds its effects back.",
    ),
    "slug_taken": (409, "Something in the workspace has this slug already. Choose another."),
    "sub_job": (409, "A sub-job is cancelled and resumed only through its outermost job."),
    "subworkflow_not_active": (409, "A workflow that this one calls is not active. Activate it first."),
    "too_many_problems": (409, "The definition has too many problems to keep. Correct some of them first."),
    "too_many_pins": (409, "So many outputs cannot be pinned for one workflow. Take some of them off first."),
    "workflow_archived": (409, "The workflow is in the archive. Take it out first."),
    "workflow_not_active": (409, "The workflow has no active version. Activate it first."),
    "invitation_expired": (410, "The invitation was not used in time. Ask an admin for a new one."),
    "invitation_revoked": (410, "The invitation was taken back. Ask an admin for a new one."),
    "invitation_used": (410, "An invitation makes one person a member, once. Ask an admin for a new one."),
    "outputs_purged": (
        410,
        "The outputs were removed after their retention; their proof is in the audit log.",
    ),
    "length_required": (411, "Send the body with its Content-Length, not in chunks (Transfer-Encoding)."),
    "too_large": (413, "The body is larger than this address takes. Upload large content as a file."),
    "unsupported_encoding": (415, "Send the body as it is, without Content-Encoding."),
    "unsupported_media_type": (415, "Send application/json, or what the description of the operation names."),
    "invalid": (422, "Fields or query parameters are not valid; errors says which and why."),
    "invalid_inputs": (422, "The inputs of a job are not valid; errors says which and why."),
    "if_match_required": (428, "Name the draft that you change by its ETag, in the header If-Match."),
    "rate_limited": (429, "Too many requests. Wait as many seconds as Retry-After says."),
    "internal_error": (500, "The server failed. Tell the administrator the request_id."),
    "busy": (
        503,
        "Too many requests that take long are under way. Wait as many seconds as Retry-After says.",
    ),
    "unavailable": (
        503,
        "The database does not answer at the moment. Wait as many seconds as Retry-After says.",
    ),
}
"""The usual status and the meaning, by code. A code never changes its meaning."""

_HEAD = """\
# Problem codes of the API

Generated by `manage.py write_docs` from `common/api/codes.py`; a running server shows it at `/docs/problems/`, where the `type`
of a problem document leads. Errors of steps and jobs are in [errors.md](errors.md).

| code | status | what it means, and what to do |
|---|---|---|
"""


@login_not_required
def problems(request: HttpRequest) -> HttpResponse:
    """The page. Everybody may read it: it says nothing of any workspace."""
    rows = [{"code": code, "status": status, "meaning": meaning} for code, (status, meaning) in CODES.items()]
    return render(request, "problems.html", {"problems": rows})


def markdown() -> str:
    """The whole of `docs/problems.md`."""
    rows = (f"| `{code}` | {status} | {meaning} |\n" for code, (status, meaning) in CODES.items())
    return _HEAD + "".join(rows)
