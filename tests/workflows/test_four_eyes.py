"""Activating by two people: who asks, who decides, and what becomes active then."""

from typing import Any

import pytest

from audit.models import AuditEntry
from common.canonical import loads, sha256_hex
from common.errors import Problem
from tests.factories import make_actor, make_user
from tests.workflows.conftest import MakeWorkflow, call, definition
from tests.workflows.four_eyes import active_number, asked, by_token, refusal, second, switch
from workflows import services
from workflows.models import (
    ActivationRequest,
    Workflow,
)
from workspaces.actors import Actor
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(make_workflow: MakeWorkflow, builder: Actor) -> Workflow:
    """A draft in a workspace where activating takes two people."""
    switch(builder, on=True)
    return make_workflow("sums", active=False)


def edit(actor: Actor, workflow: Workflow, **fields: Any) -> None:
    services.save_draft(
        actor=actor, workflow=workflow, expected_revision=None, definition=definition(**fields)
    )
    workflow.refresh_from_db()


def told(actor: Actor) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(workspace=actor.workspace, action__startswith="workflow.activat")
    return list(entries.order_by("id").values_list("action", "actor"))


def test_activating_asks_and_a_second_person_activates_exactly_what_was_asked_for(
    builder: Actor, draft: Workflow
) -> None:
    request = asked(builder, draft, note="The first one")
    assert (active_number(draft), draft.versions.count()) == (None, 0)
    assert (request.digest, request.revision) == (sha256_hex(draft.draft), 1)
    edit(builder, draft, name="Moved on")
    other = second(builder)
    version = services.approve(actor=other, request=request).version
    assert version.definition == request.draft != draft.draft
    assert (version.number, version.note, version.created_by) == (1, "The first one", builder.user)
    assert active_number(draft) == 1
    request.refresh_from_db()
    assert (request.status, request.decided_by, request.version) == ("approved", other.user, version)
    draft.refresh_from_db()
    assert loads(draft.draft)["name"] == "Moved on"
    who, by = builder.label, other.label
    assert told(builder) == [
        ("workflow.activation_requested", who),
        ("workflow.activated", by),
        ("workflow.activation_approved", by),
    ]


def test_the_log_names_the_digest_the_request_and_both_people(builder: Actor, draft: Workflow) -> None:
    request = asked(builder, draft)
    services.approve(actor=second(builder), request=request)
    bodies = {
        entry.action: loads(entry.body)["data"]
        for entry in AuditEntry.objects.filter(
            workspace=builder.workspace, action__startswith="workflow.activat"
        )
    }
    assert bodies["workflow.activation_requested"]["draft"] == request.digest
    assert bodies["workflow.activated"]["asked_by"] == builder.user.username
    assert bodies["workflow.activated"]["request"] == request.pk
    assert bodies["workflow.activation_approved"]["number"] == 1


def test_who_must_know_that_it_is_active_is_refused_and_nothing_is_kept(
    builder: Actor, draft: Workflow
) -> None:
    assert refusal(services.activate, actor=builder, workflow=draft) == (409, "second_person_needed")
    assert not ActivationRequest.objects.exists()


@pytest.mark.parametrize("role", [Role.BUILDER, Role.ADMIN])
def test_nobody_decides_on_their_own_whatever_they_are(role: Role) -> None:
    actor = make_actor(role, user=make_user(is_superuser=True))
    switch(actor, on=True)
    workflow = services.create_workflow(
        actor=actor, workspace=actor.workspace, slug="sums", definition=definition()
    )
    request = asked(actor, workflow)
    for same in (actor, by_token(actor)):
        assert refusal(services.approve, actor=same, request=request) == (
            403,
            "own_request",
        )
        assert refusal(services.refuse, actor=same, request=request, comment="No") == (403, "own_request")
    assert active_number(workflow) is None


def test_who_asks_by_a_token_is_the_same_person(builder: Actor, draft: Workflow) -> None:
    request = asked(by_token(builder), draft)
    assert refusal(services.approve, actor=builder, request=request) == (403, "own_request")
    services.approve(actor=by_token(second(builder)), request=request)
    assert active_number(draft) == 1


@pytest.mark.parametrize("role", Role)
def test_deciding_takes_who_may_activate(builder: Actor, draft: Workflow, role: Role) -> None:
    request = asked(builder, draft)
    other = second(builder, role)
    if role in (Role.BUILDER, Role.ADMIN):
        services.approve(actor=other, request=request)
        return
    for decide, more in (
        (services.approve, {}),
        (services.refuse, {"comment": "No"}),
        (services.withdraw, {}),
    ):
        assert refusal(decide, actor=other, request=request, **more) == (403, "role_too_low")


def test_strangers_find_nothing_to_decide(builder: Actor, draft: Workflow) -> None:
    request = asked(builder, draft)
    stranger = make_actor(Role.ADMIN)
    assert refusal(services.approve, actor=stranger, request=request) == (404, "not_found")


def test_a_refusal_says_why_and_the_draft_can_be_asked_for_again(builder: Actor, draft: Workflow) -> None:
    request, other = asked(builder, draft), second(builder)
    for comment in ("", "  ", "n" * 501):
        assert refusal(services.refuse, actor=other, request=request, comment=comment) == (422, "invalid")
    services.refuse(actor=other, request=request, comment=" The limit is wrong ")
    request.refresh_from_db()
    assert (request.status, request.comment, request.decided_by) == (
        "refused",
        "The limit is wrong",
        other.user,
    )
    assert refusal(services.approve, actor=other, request=request) == (409, "already_decided")
    assert asked(builder, draft).pk != request.pk


def test_who_asked_takes_it_back_and_nobody_else(builder: Actor, draft: Workflow) -> None:
    request, other = asked(builder, draft), second(builder)
    assert refusal(services.withdraw, actor=other, request=request) == (403, "forbidden")
    services.withdraw(actor=builder, request=request)
    with pytest.raises(Problem, match=f"withdrawn already by {builder.user}"):
        services.approve(actor=other, request=request)


def test_asking_anew_replaces_ones_own_request_and_the_same_again_is_the_same(
    builder: Actor, draft: Workflow
) -> None:
    first = asked(builder, draft, note="One")
    assert asked(builder, draft, note="One").pk == first.pk
    edit(builder, draft, name="Two")
    latest = asked(builder, draft, note="Two")
    first.refresh_from_db()
    assert (first.status, latest.status) == ("outdated", "requested")


def test_while_another_persons_request_waits_it_is_decided_first(builder: Actor, draft: Workflow) -> None:
    request, other = asked(builder, draft), second(builder)
    with pytest.raises(Problem) as refused:
        services.activate_or_ask(actor=other, workflow=draft)
    assert (refused.value.code, refused.value.extra) == ("request_open", {"request": request.pk})
    services.refuse(actor=other, request=request, comment="Mine first")
    asked(other, draft)


def test_what_is_active_already_needs_nobody(builder: Actor, draft: Workflow) -> None:
    services.approve(actor=second(builder), request=asked(builder, draft))
    done = services.activate_or_ask(actor=builder, workflow=draft)
    assert isinstance(done, services.Activation)
    assert not done.created


def test_going_back_to_an_earlier_version_takes_two_people_too(builder: Actor, draft: Workflow) -> None:
    services.activate(actor=None, workflow=draft)
    edit(builder, draft, name="Two")
    services.activate(actor=None, workflow=draft)
    version = draft.versions.get(number=1)
    services.draft_from_version(actor=builder, workflow=draft, version=version, expected_revision=None)
    request = asked(builder, draft)
    assert active_number(draft) == 2
    assert services.approve(actor=second(builder), request=request).version == version
    assert active_number(draft) == 1


def test_errors_that_came_up_since_keep_it_from_being_approved_and_it_stays_open(
    make_workflow: MakeWorkflow, builder: Actor
) -> None:
    inner, outer = make_workflow("inner"), make_workflow("outer", call("inner"), active=False)
    switch(builder, on=True)
    request = asked(builder, outer)
    services.deactivate(actor=builder, workflow=inner)
    other = second(builder)
    assert refusal(services.approve, actor=other, request=request) == (409, "has_problems")
    services.activate(actor=None, workflow=inner)
    services.approve(actor=other, request=request)
    assert active_number(outer) == 1


def test_who_looked_at_other_callees_looks_again(make_workflow: MakeWorkflow, builder: Actor) -> None:
    inner, outer = make_workflow("inner"), make_workflow("outer", call("inner"), active=False)
    switch(builder, on=True)
    request, other = asked(builder, outer), second(builder)
    edit(builder, inner, name="Inner two")
    services.activate(actor=None, workflow=inner)
    seen = {"actor": other, "request": request, "expected_digest": "sha256:seen"}
    assert refusal(services.approve, **seen) == (409, "request_changed")


def test_a_draft_with_errors_cannot_be_asked_for(builder: Actor, draft: Workflow) -> None:
    edit(builder, draft, steps=[{"key": "a", "type": "nonsense"}])
    assert refusal(services.activate_or_ask, actor=builder, workflow=draft) == (409, "has_problems")
    assert not ActivationRequest.objects.exists()


def test_archiving_and_what_becomes_active_otherwise_outdate_it(builder: Actor, draft: Workflow) -> None:
    first = asked(builder, draft)
    services.activate(actor=None, workflow=draft)
    edit(builder, draft, name="Two")
    later = asked(builder, draft)
    services.archive(actor=builder, workflow=draft)
    for request in (first, later):
        request.refresh_from_db()
        assert (request.status, request.version) == ("outdated", None)


def test_switched_off_requests_stay_and_nobody_approves_their_own(builder: Actor, draft: Workflow) -> None:
    request = asked(builder, draft)
    switch(builder, on=False)
    assert refusal(services.approve, actor=builder, request=request) == (403, "own_request")
    services.activate(actor=builder, workflow=draft)
    request.refresh_from_db()
    assert (request.status, active_number(draft)) == ("outdated", 1)


def test_the_active_definition_anew_is_asked_for_without_the_draft(
    make_workflow: MakeWorkflow, builder: Actor
) -> None:
    inner, outer = make_workflow("inner"), make_workflow("outer", call("inner"))
    switch(builder, on=True)
    edit(builder, inner, name="Inner two")
    services.activate(actor=None, workflow=inner)
    edit(builder, outer, steps=[{"key": "a", "type": "nonsense"}])
    (brought,) = services.bring_callers_along(actor=builder, workflow=inner)
    assert isinstance(brought.done, ActivationRequest)
    assert (brought.done.revision, active_number(outer)) == (None, 1)
    version = services.approve(actor=second(builder), request=brought.done).version
    assert loads(version.manifest)["workflows"]["inner"]["number"] == 2


def test_the_system_activates_alone(builder: Actor, draft: Workflow) -> None:
    services.activate(actor=None, workflow=draft)
    assert active_number(draft) == 1
