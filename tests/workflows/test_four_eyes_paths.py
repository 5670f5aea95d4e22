"""Imports where activating takes two people, what is kept of a preview, and what the database refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common import clock
from common.canonical import sha256_hex
from common.errors import Problem
from tests.workflows.conftest import MakeWorkflow, call, definition
from tests.workflows.four_eyes import active_number, asked, refusal, second, switch
from workflows import services
from workflows.gallery import entries
from workflows.models import (
    REQUEST_LOOKS,
    REQUEST_MOVES,
    ActivationRequest,
    RequestStatus,
    Workflow,
    WorkflowVersion,
)
from workflows.preview_shown import PreviewShown
from workflows.services.importing import ImportMode, import_workflows, rehearse_import
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(make_workflow: MakeWorkflow, builder: Actor) -> Workflow:
    """A draft in a workspace where activating takes two people."""
    switch(builder, on=True)
    return make_workflow("sums", active=False)


def test_an_import_asks_for_all_of_them_and_each_is_checked_with_the_others(builder: Actor) -> None:
    switch(builder, on=True)
    documents = [{"slug": "outer", **definition(call("inner"))}, {"slug": "inner", **definition()}]
    rehearsed = rehearse_import(actor=builder, workspace=builder.workspace, documents=documents)
    assert [each.problems for each in rehearsed] == [(), ()]
    imported = import_workflows(
        actor=builder, workspace=builder.workspace, documents=documents, activate_all=True
    )
    assert [(one.workflow.slug, one.activation) for one in imported] == [("inner", None), ("outer", None)]
    assert not WorkflowVersion.objects.exists()
    inner, outer = (one.request for one in imported)
    assert inner is not None
    assert outer is not None
    other = second(builder)
    assert refusal(services.approve, actor=other, request=outer) == (409, "has_problems")
    services.approve(actor=other, request=inner)
    services.approve(actor=other, request=outer)
    assert [active_number(one.workflow) for one in imported] == [1, 1]
    again = import_workflows(
        actor=builder,
        workspace=builder.workspace,
        documents=documents,
        mode=ImportMode.DRAFT,
        activate_all=True,
    )
    assert [(one.request, one.activation is not None) for one in again] == [(None, True), (None, True)]


def test_an_import_with_errors_asks_for_nothing(builder: Actor) -> None:
    switch(builder, on=True)
    documents = [{"slug": "inner", **definition()}, {"slug": "outer", **definition(call("nowhere"))}]
    with pytest.raises(Problem) as refused:
        import_workflows(actor=builder, workspace=builder.workspace, documents=documents, activate_all=True)
    assert (refused.value.code, refused.value.extra["workflow"]) == ("has_problems", "outer")
    assert not ActivationRequest.objects.exists()
    assert not Workflow.objects.exists()


def test_what_a_preview_came_to_is_kept_and_cannot_be_made_up(builder: Actor, draft: Workflow) -> None:
    shown = PreviewShown(
        id=7,
        workflow=draft.pk,
        status="failed",
        at=clock.rfc3339(clock.now()),
        until="a",
        effects=False,
        draft=sha256_hex(draft.draft),
    )
    assert PreviewShown.opened(shown.sealed(), workflow_id=draft.pk) == shown
    for text, workflow_id in (
        (shown.sealed(), draft.pk + 1),
        (shown.as_text(), draft.pk),
        (f"x{shown.sealed()}", draft.pk),
        ("", draft.pk),
        ("x" * 5_000, draft.pk),
    ):
        assert PreviewShown.opened(text, workflow_id=workflow_id) is None
    request = services.activate_or_ask(actor=builder, workflow=draft, preview=shown)
    assert isinstance(request, ActivationRequest)
    assert PreviewShown.of_text(request.preview) == shown


def test_the_database_itself_refuses_what_must_never_be(builder: Actor, draft: Workflow) -> None:
    request = asked(builder, draft)
    now, rows = clock.now(), ActivationRequest.objects.filter(pk=request.pk)
    version = services.activate(actor=None, workflow=draft).version
    rows.update(status="requested", decided_at=None, decided_by=None)
    changes: dict[str, dict[str, Any]] = {
        "workflows_request_two_people": {
            "status": "approved",
            "decided_at": now,
            "decided_by": builder.user,
            "version": version,
        },
        "workflows_request_decision": {"status": "withdrawn"},
        "workflows_request_version": {"status": "withdrawn", "decided_at": now, "version": version},
        "workflows_request_status": {"status": "granted", "decided_at": now},
    }
    for name, change in changes.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**change)
    fields: dict[str, Any] = {
        "workflow": draft,
        "draft": "{}",
        "digest": "x",
        "asked_by": builder.user,
        "asked_at": now,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivationRequest.objects.create(**fields)


def test_every_status_has_its_moves_and_its_look() -> None:
    assert REQUEST_MOVES.keys() == {*RequestStatus} == {*REQUEST_LOOKS}
    ends = {*RequestStatus} - {RequestStatus.REQUESTED}
    assert REQUEST_MOVES[RequestStatus.REQUESTED] == ends
    assert all(not REQUEST_MOVES[end] for end in ends)


def test_what_the_gallery_copies_beside_a_draft_is_asked_for(builder: Actor) -> None:
    switch(builder, on=True)
    entry = next(entry for entry in entries() if len(entry.definitions) > 1)
    copied = services.copy_from_gallery(actor=builder, workspace=builder.workspace, entry=entry)
    waiting = ActivationRequest.objects.of(builder.workspace).open()
    assert [request.workflow for request in waiting.order_by("id")] == list(copied.called)
    assert not WorkflowVersion.objects.exists()


def test_a_draft_in_another_order_means_the_same_to_a_request(builder: Actor, draft: Workflow) -> None:
    request = asked(builder, draft)
    turned = dict(reversed(definition().items()))
    services.save_draft(actor=builder, workflow=draft, expected_revision=None, definition=turned)
    draft.refresh_from_db()
    assert draft.draft_digest == request.digest == sha256_hex(request.draft)
    version = services.approve(actor=second(builder), request=request).version
    assert version.definition == request.draft
    assert not Workflow.objects.get(pk=draft.pk).has_unactivated
