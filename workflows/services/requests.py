"""Requests to activate, in workspaces where that takes two people: how one is opened, and how it is settled.

`ask` is what the services of `activation.py` do there; `approve`, `refuse` and `withdraw` are for everybody.
"""

from typing import Final

from django.db import transaction

from audit.actions import Action
from common import clock
from common.canonical import Json, sha256_hex
from common.errors import FieldError, Problem
from workflows.models import REQUEST_MOVES, ActivationRequest, RequestStatus, Workflow, WorkflowVersion
from workflows.preview_shown import PreviewShown
from workflows.services.freezing import NOTE_LENGTH, Activation, Prepared, prepare, put_into_use, refuse_note
from workflows.services.locking import lock_workflow, tell
from workspaces.actors import Actor
from workspaces.permissions import Permission, require

_ACTIONS: Final[dict[RequestStatus, Action]] = {
    RequestStatus.APPROVED: Action.ACTIVATION_APPROVED,
    RequestStatus.REFUSED: Action.ACTIVATION_REFUSED,
    RequestStatus.WITHDRAWN: Action.ACTIVATION_WITHDRAWN,
    RequestStatus.OUTDATED: Action.ACTIVATION_OUTDATED,
}


def takes_two(workflow: Workflow, actor: Actor | None) -> bool:
    """Whether `actor` needs a second person to make a version active. The system does not: it is no person, and who
    has a shell has the database.
    """
    return actor is not None and workflow.workspace.four_eyes


def ask(
    workflow: Workflow,
    prepared: Prepared,
    *,
    actor: Actor,
    revision: int | None,
    note: str,
    preview: PreviewShown | None = None,
) -> ActivationRequest:
    """Ask for what was prepared to become active. `workflow` is locked.

    Asking anew replaces one's own request, and asking for the same again is the same request. `Problem` 409
    `request_open` while another person's waits: somebody decides that first, and may be `actor`.
    """
    text, note = prepared.frozen.definition, note[:NOTE_LENGTH]
    digest = sha256_hex(text)
    present = workflow.requests.open().select_related("asked_by").first()
    if present is not None:
        if present.asked_by_id != actor.user.pk:
            raise Problem(
                409,
                "request_open",
                f"{present.asked_by} asked to activate {workflow.slug}, and nobody has decided that yet. Approve or "
                "refuse it first.",
                extra={"request": present.pk},
            )
        if (present.digest, present.note) == (digest, note) and preview is None:
            return present
        settle(present, RequestStatus.OUTDATED, workflow=workflow, actor=actor)
    request = ActivationRequest.objects.create(
        workflow=workflow,
        draft=text,
        digest=digest,
        revision=revision,
        note=note,
        preview=preview.as_text() if preview else "",
        asked_by=actor.user,
        asked_at=clock.now(),
    )
    tell(
        Action.ACTIVATION_REQUESTED,
        workflow,
        actor=actor,
        request=request.pk,
        draft=digest,
        revision=revision,
        note=note,
    )
    return request


@transaction.atomic
def approve(*, actor: Actor, request: ActivationRequest, expected_digest: str | None = None) -> Activation:
    """Make active exactly what was asked for, checked anew, with what it calls today.

    `expected_digest`: that of the version that was looked at; a `Problem` 409 `request_changed` where it would be
    another one by now. `Problem`: 403 `own_request`; 409 `already_decided`, `has_problems`.
    """
    workflow, request = _locked(request, actor=actor)
    _refuse_own(request, actor)
    prepared = prepare(workflow, request.draft)
    if expected_digest not in (None, prepared.frozen.digest):
        raise Problem(
            409,
            "request_changed",
            f"What {workflow.slug} calls has changed since you looked, so another version would become active. Look "
            "at the request again, then decide.",
        )
    activation = put_into_use(
        workflow,
        prepared,
        actor=actor,
        note=request.note,
        author=request.asked_by,
        told={"request": request.pk, "asked_by": request.asked_by.get_username()},
    )
    settle(request, RequestStatus.APPROVED, workflow=workflow, actor=actor, version=activation.version)
    return activation


@transaction.atomic
def refuse(*, actor: Actor, request: ActivationRequest, comment: str) -> ActivationRequest:
    """Say no, and why. `Problem`: 403 `own_request`; 409 `already_decided`; 422 without a comment."""
    workflow, request = _locked(request, actor=actor)
    _refuse_own(request, actor)
    comment = comment.strip()
    if not 1 <= len(comment) <= NOTE_LENGTH:
        message = f"expected why, in at most {NOTE_LENGTH} characters"
        wrong = FieldError(path="comment", code="too_long" if comment else "required", message=message)
        raise Problem(422, "invalid", "Say why you refuse it.", errors=[wrong])
    refuse_note(comment, path="comment")
    settle(request, RequestStatus.REFUSED, workflow=workflow, actor=actor, comment=comment)
    return request


@transaction.atomic
def withdraw(*, actor: Actor, request: ActivationRequest) -> ActivationRequest:
    """Take back what one asked for oneself. `Problem`: 403 `forbidden` for others; 409 `already_decided`."""
    workflow, request = _locked(request, actor=actor)
    if request.asked_by_id != actor.user.pk:
        raise Problem(
            403, "forbidden", f"Only {request.asked_by} can withdraw this request. Refuse it instead."
        )
    settle(request, RequestStatus.WITHDRAWN, workflow=workflow, actor=actor)
    return request


def outdate_request(workflow: Workflow, *, actor: Actor | None) -> None:
    """End the open request of a locked workflow, if there is one: what it asks for was overtaken."""
    present = workflow.requests.open().first()
    if present is not None:
        settle(present, RequestStatus.OUTDATED, workflow=workflow, actor=actor)


def settle(
    request: ActivationRequest,
    to: RequestStatus,
    *,
    workflow: Workflow,
    actor: Actor | None,
    comment: str = "",
    version: WorkflowVersion | None = None,
) -> None:
    """Move an open request to its end. `Problem` 409 `already_decided` where somebody was quicker."""
    assert to in REQUEST_MOVES[RequestStatus.REQUESTED]
    request.decided_by, request.decided_at = (actor.user if actor else None), clock.now()
    moved = ActivationRequest.objects.filter(pk=request.pk, status=RequestStatus.REQUESTED).update(
        status=to,
        decided_by=request.decided_by,
        decided_at=request.decided_at,
        comment=comment,
        version=version,
    )
    if not moved:
        raise _already_decided(request)
    request.status, request.comment, request.version = to, comment, version
    told: dict[str, Json] = {"request": request.pk, "draft": request.digest}
    told |= {"comment": comment} if comment else {}
    told |= {"number": version.number} if version else {}
    tell(_ACTIONS[to], workflow, actor=actor, **told)


def _locked(request: ActivationRequest, *, actor: Actor) -> tuple[Workflow, ActivationRequest]:
    """Both as they are now. `Problem`: 403; 404 for one of another workspace; 409 once it is decided."""
    require(actor, Permission.WORKFLOW_ACTIVATE)
    workflow = lock_workflow(request.workflow, actor=actor)
    found = workflow.requests.select_related("asked_by", "decided_by").get(pk=request.pk)
    if not found.is_open:
        raise _already_decided(found)
    return workflow, found


def _refuse_own(request: ActivationRequest, actor: Actor) -> None:
    """Whoever asked cannot be the second person: not as an admin, not as a superuser, and not by a token."""
    if request.asked_by_id == actor.user.pk:
        raise Problem(
            403,
            "own_request",
            "You asked for this yourself, so somebody else has to decide on it. Or withdraw it.",
        )


def _already_decided(request: ActivationRequest) -> Problem:
    request.refresh_from_db(fields=["status", "decided_by", "decided_at"])
    by = f" by {request.decided_by}" if request.decided_by else ""
    return Problem(
        409,
        "already_decided",
        f"This request is {RequestStatus(request.status).label.lower()} already{by}, so nothing was changed.",
        extra={"decision": request.status},
    )
