"""Decisions at the same moment: one wins, the others learn who was quicker, and no version is half of anything."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from audit.models import AuditEntry
from common.errors import Problem
from tests.factories import make_actor
from tests.workflows.conftest import definition
from tests.workflows.four_eyes import asked, second, switch
from tests.workflows.test_concurrency import together
from workflows import services
from workflows.manifest import digest_holds
from workflows.models import ActivationRequest, Workflow
from workspaces.actors import Actor
from workspaces.services import change_workspace

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8
ENDS = {
    "workflow.activation_approved",
    "workflow.activation_refused",
    "workflow.activation_withdrawn",
}


@pytest.fixture
def actor() -> Actor:
    actor = make_actor("builder")
    switch(actor, on=True)
    return actor


def drafted(actor: Actor, number: int) -> Workflow:
    return services.create_workflow(
        actor=actor,
        workspace=actor.workspace,
        slug=f"sums-{number}",
        definition=definition(timeout=f"{number + 1}h"),
    )


def codes(results: list[Any]) -> Counter[str]:
    return Counter(result.code if isinstance(result, Problem) else "done" for result in results)


def approving(actor: Actor, request: ActivationRequest) -> Callable[[], Any]:
    return lambda: services.approve(actor=actor, request=request)


def test_of_two_approvals_one_wins_and_one_version_is_made(actor: Actor) -> None:
    others = [second(actor), second(actor)]
    for number in range(ROUNDS):
        workflow = drafted(actor, number)
        request = asked(actor, workflow)
        results = together(*[approving(other, request) for other in others])
        assert codes(results) == {"done": 1, "already_decided": 1}
        (version,) = workflow.versions.all()
        assert (version.number, version.definition) == (1, request.draft)
        assert digest_holds(version)


def test_of_approving_refusing_and_withdrawing_one_wins(actor: Actor) -> None:
    first, other = second(actor), second(actor)
    won: Counter[str] = Counter()
    for number in range(ROUNDS):
        workflow = drafted(actor, number)
        request = asked(actor, workflow)
        results = together(
            approving(first, request),
            lambda request=request: services.refuse(actor=other, request=request, comment="No"),  # type: ignore[misc]
            lambda request=request: services.withdraw(actor=actor, request=request),  # type: ignore[misc]
        )
        assert codes(results) == {"done": 1, "already_decided": 2}
        request.refresh_from_db()
        workflow.refresh_from_db()
        won[request.status] += 1
        assert (workflow.active_version_id is not None) == (request.status == "approved")
        assert request.version_id == workflow.active_version_id
    ends = AuditEntry.objects.filter(workspace=actor.workspace, action__in=ENDS)
    assert ends.count() == ROUNDS == sum(won.values())


def test_asking_at_the_same_moment_leaves_one_open_request(actor: Actor) -> None:
    other = second(actor)
    for number in range(ROUNDS):
        workflow = drafted(actor, number)
        results = together(
            lambda workflow=workflow: services.activate_or_ask(actor=actor, workflow=workflow),  # type: ignore[misc]
            lambda workflow=workflow: services.activate_or_ask(actor=other, workflow=workflow),  # type: ignore[misc]
        )
        assert codes(results) == {"done": 1, "request_open": 1}
        assert workflow.requests.open().count() == 1


def test_approving_while_the_draft_is_edited_and_asked_for_anew_activates_one_whole_snapshot(
    actor: Actor,
) -> None:
    other = second(actor)
    workflow = drafted(actor, 0)
    requests = {(first := asked(actor, workflow)).pk: first.draft}
    for number in range(ROUNDS):
        request = workflow.requests.open().select_related("workflow__workspace").get()

        def edit(number: int = number) -> Any:
            services.save_draft(
                actor=actor,
                workflow=workflow,
                expected_revision=None,
                definition=definition(timeout=f"{number + 2}h"),
            )
            return services.activate_or_ask(actor=actor, workflow=workflow)

        results = together(approving(other, request), edit)
        requests |= {row.pk: row.draft for row in workflow.requests.all()}
        assert codes(results)["done"] >= 1
    versions = list(workflow.versions.order_by("number"))
    assert [version.number for version in versions] == list(range(1, len(versions) + 1))
    assert all(version.definition in requests.values() and digest_holds(version) for version in versions)
    for request in workflow.requests.filter(status="approved").select_related("version"):
        assert request.version is not None
        assert request.version.definition == request.draft


def test_switching_the_rule_on_while_somebody_activates_lets_nothing_through_alone_afterwards(
    actor: Actor,
) -> None:
    for number in range(ROUNDS):
        switch(actor, on=False)
        workflow = drafted(actor, number)
        done, _switched = together(
            lambda workflow=workflow: services.activate_or_ask(actor=actor, workflow=workflow),  # type: ignore[misc]
            lambda: change_workspace(workspace=actor.workspace, four_eyes=True, actor=None),
        )
        entries = AuditEntry.objects.filter(workspace=actor.workspace).order_by("-seq")
        last = list(entries.values_list("action", flat=True)[:2])
        if isinstance(done, ActivationRequest):
            assert last == ["workflow.activation_requested", "workspace.changed"]
        else:
            assert last == ["workspace.changed", "workflow.activated"]
