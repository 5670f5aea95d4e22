"""A draft keeps the order in which it was written; what it is compared with is compared by meaning."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from common.canonical import definition_text, dumps_in_order, loads, sha256_hex
from tests.workflows.conftest import MakeWorkflow, active, definition
from workflows import services
from workflows.described import page_of
from workflows.diff import diff
from workflows.models import Workflow
from workflows.sources import line_diff, source_of, source_of_meaning
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


def step(**values: Any) -> dict[str, Any]:
    return {"key": "a", "type": "set", "values": values}


def edited(builder: Actor, workflow: Workflow, *steps: Any) -> Workflow:
    return services.save_draft(
        actor=builder,
        workflow=workflow,
        expected_revision=workflow.draft_revision,
        definition=definition(*steps),
    )


def unactivated(workflow: Workflow) -> bool:
    """As the list says it, which must be as the page says it."""
    row = Workflow.objects.with_unactivated().get(pk=workflow.pk)
    assert page_of(row).unactivated is row.has_unactivated is bool(row.unactivated)  # type: ignore[attr-defined]
    return row.has_unactivated


def test_a_draft_keeps_the_order_and_the_numbers_that_were_written(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    written = definition(step(b=1, a=2.0, big=2**60, text="\ud800"), name="Last", format=1)
    workflow = make_workflow("sums", active=False)
    workflow = services.save_draft(
        actor=builder, workflow=workflow, expected_revision=1, definition=dict(reversed(written.items()))
    )
    workflow.refresh_from_db()
    assert workflow.draft == dumps_in_order(dict(reversed(written.items())))
    assert list(loads(workflow.draft)["steps"][0]["values"]) == ["b", "a", "big", "text"]
    assert '"a":2.0' in workflow.draft


def test_another_order_is_a_save_and_nothing_to_activate(builder: Actor, make_workflow: MakeWorkflow) -> None:
    workflow = make_workflow("sums", step(b=1, a=2))
    frozen = active(workflow)
    workflow = edited(builder, workflow, step(a=2.0, b=1))
    assert workflow.draft_revision == 2
    assert not unactivated(workflow)
    again = services.activate(actor=builder, workflow=workflow)
    assert (again.version, again.created) == (frozen, False)


def test_what_is_frozen_is_the_canonical_text(make_workflow: MakeWorkflow) -> None:
    version = active(make_workflow("sums", step(b=1.0, a=2)))
    assert version.definition == definition_text(definition(step(a=2, b=1)))


def test_another_value_is_to_be_activated(builder: Actor, make_workflow: MakeWorkflow) -> None:
    workflow = make_workflow("sums", step(b=1))
    assert not unactivated(workflow)
    workflow = edited(builder, workflow, step(b=2))
    assert unactivated(workflow)
    services.activate(actor=builder, workflow=workflow)
    assert not unactivated(workflow)
    services.deactivate(actor=builder, workflow=workflow)
    assert not unactivated(workflow)


def test_a_difference_tells_no_order_and_no_way_of_writing_a_number() -> None:
    before, after = definition(step(b=[1], a=2)), definition(step(a=2.0, b=[1.0]))
    assert diff(before, after) == []
    assert line_diff(source_of_meaning(before, slug="x"), source_of_meaning(after, slug="x")) == []
    assert source_of(before, slug="x") != source_of(after, slug="x")


def test_drafts_of_earlier_releases_get_their_digests(builder: Actor, make_workflow: MakeWorkflow) -> None:
    kept, changed, never = (make_workflow(slug, step(b=1), active=slug != "never") for slug in SLUGS)
    edited(builder, changed, step(b=2))
    for row in Workflow.objects.all():  # as they were stored
        Workflow.objects.filter(pk=row.pk).update(
            draft=definition_text(loads(row.draft)), draft_digest="", active_digest=""
        )
    import_module("workflows.migrations.0004_draft_digests").fill(
        apps, SimpleNamespace(connection=connection)
    )
    assert [unactivated(row) for row in (kept, changed, never)] == [False, True, False]
    never.refresh_from_db()
    assert (never.draft_digest, never.active_digest) == (sha256_hex(never.draft), "")


SLUGS = ("kept", "changed", "never")
