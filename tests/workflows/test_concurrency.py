"""Activations and edits at the same time: exact snapshots, no gaps in the numbers, nobody loses an edit unseen."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from common.canonical import definition_text, loads
from common.errors import Problem
from tests.factories import make_actor
from tests.workflows.conftest import call, definition
from workflows import services
from workflows.manifest import digest_holds
from workflows.models import Workflow
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run all calls at the same moment, each in a thread; what each gave or the `Problem` it raised."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, one: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[index] = one()
        except Problem as problem:
            results[index] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def created(actor: Actor, slug: str = "sums", **fields: Any) -> Workflow:
    return services.create_workflow(
        actor=actor, workspace=actor.workspace, slug=slug, definition=definition(**fields)
    )


def test_two_activations_of_one_draft_make_one_version() -> None:
    actor = make_actor("builder")
    workflow = created(actor)
    both = together(*[lambda: services.activate(actor=actor, workflow=workflow)] * 2)
    assert sorted(activation.created for activation in both) == [False, True]
    assert {activation.version.number for activation in both} == {1}


def test_activation_while_editing_freezes_one_draft_exactly() -> None:
    actor = make_actor("builder")
    workflow = created(actor)
    drafts = {definition_text(definition())}
    for number in range(ROUNDS):
        wanted = definition(name=f"Draft {number}", timeout=f"{number + 1}h")
        drafts.add(definition_text(wanted))

        def edit(wanted: Any = wanted) -> Any:
            return services.save_draft(
                actor=actor, workflow=workflow, expected_revision=None, definition=wanted
            )

        together(
            edit,
            lambda: services.activate(actor=actor, workflow=workflow),
            lambda: services.activate(actor=actor, workflow=workflow),
        )
    versions = list(workflow.versions.order_by("number"))
    assert [version.number for version in versions] == list(range(1, len(versions) + 1))
    assert all(version.definition in drafts and digest_holds(version) for version in versions)


def test_of_two_edits_of_one_revision_one_wins() -> None:
    actor = make_actor("builder")
    workflow = created(actor)

    def edit(name: str) -> Callable[[], Any]:
        return lambda: services.save_draft(actor=actor, workflow=workflow, expected_revision=1, name=name)

    results = together(edit("One"), edit("Two"))
    won = [result for result in results if isinstance(result, Workflow)]
    lost = [result for result in results if isinstance(result, Problem)]
    assert (len(won), [problem.code for problem in lost]) == (1, ["draft_changed"])
    workflow.refresh_from_db()
    assert (workflow.name, workflow.draft_revision) == (won[0].name, 2)


def test_of_two_creations_of_one_slug_one_wins() -> None:
    actor = make_actor("builder")
    results = together(*[lambda: created(actor)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["Problem", "Workflow"]


def test_a_caller_pins_a_version_of_the_callee_that_was_active_at_that_moment() -> None:
    actor = make_actor("builder")
    inner = created(actor, "inner")
    services.activate(actor=actor, workflow=inner)
    outer = services.create_workflow(
        actor=actor, workspace=actor.workspace, slug="outer", definition=definition(call("inner"))
    )

    def renew(number: int) -> None:
        services.save_draft(actor=actor, workflow=inner, expected_revision=None, name=f"Inner {number}")
        services.activate(actor=actor, workflow=inner)

    for number in range(ROUNDS):
        together(
            lambda number=number: renew(number),  # type: ignore[misc]
            lambda: services.activate(actor=actor, workflow=outer),
        )
    digests = dict(inner.versions.values_list("number", "digest"))
    assert sorted(digests) == list(range(1, ROUNDS + 2))
    for version in outer.versions.all():
        pin = loads(version.manifest)["workflows"]["inner"]
        assert pin == {"number": pin["number"], "digest": digests[pin["number"]]}
