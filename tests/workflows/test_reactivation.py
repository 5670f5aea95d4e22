"""Activating callers anew: their active definitions, with what they call today, whatever becomes of their drafts."""

from typing import Any

import pytest

from audit.models import AuditEntry
from common.canonical import loads
from common.errors import Problem
from tests.factories import make_actor
from tests.workflows.conftest import MakeWorkflow, active, call, definition
from workflows import services
from workflows.behind import callers_behind
from workflows.models import Workflow
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


def renew(actor: Actor, workflow: Workflow, **fields: Any) -> None:
    """Activate another draft of it."""
    changed = {"name": "Renewed", **fields}
    services.save_draft(
        actor=actor, workflow=workflow, expected_revision=None, definition=definition(**changed)
    )
    services.activate(actor=actor, workflow=workflow)
    workflow.refresh_from_db()


def slugs_behind(workflow: Workflow) -> list[tuple[str, list[str]]]:
    return [(each.workflow.slug, list(each.after)) for each in callers_behind(workflow)]


def pins(workflow: Workflow) -> dict[str, int]:
    workflow.refresh_from_db()
    return {slug: pin["number"] for slug, pin in loads(active(workflow).manifest)["workflows"].items()}


def test_the_active_definition_is_frozen_anew_and_the_draft_stays(
    make_workflow: MakeWorkflow, builder: Actor
) -> None:
    inner, outer = make_workflow("inner"), make_workflow("outer", call("inner"))
    before = active(outer)
    renew(builder, inner)
    unfinished = definition({"key": "a", "type": "nonsense"})
    services.save_draft(actor=builder, workflow=outer, expected_revision=None, definition=unfinished)
    outer.refresh_from_db()
    draft, revision = outer.draft, outer.draft_revision
    done = services.reactivate(actor=builder, workflow=outer, note="Anew")
    assert isinstance(done, services.Activation)
    assert (done.version.number, done.created, done.version.note) == (2, True, "Anew")
    assert done.version.definition == before.definition
    assert pins(outer) == {"inner": 2}
    assert (outer.draft, outer.draft_revision) == (draft, revision)
    entry = AuditEntry.objects.filter(action="workflow.activated").latest("id")
    assert loads(entry.body)["data"]["anew"] is True


def test_nothing_is_frozen_where_nothing_is_new(make_workflow: MakeWorkflow, builder: Actor) -> None:
    make_workflow("inner")
    outer = make_workflow("outer", call("inner"))
    entries = AuditEntry.objects.count()
    done = services.reactivate(actor=builder, workflow=outer)
    assert isinstance(done, services.Activation)
    assert (done.version.number, done.created) == (1, False)
    assert AuditEntry.objects.count() == entries


def test_what_no_longer_fits_says_so_and_stays_as_it_is(make_workflow: MakeWorkflow, builder: Actor) -> None:
    inner, outer = make_workflow("inner"), make_workflow("outer", call("inner"))
    renew(builder, inner, inputs=[{"key": "limit", "label": "Limit", "type": "number"}])
    with pytest.raises(Problem) as refused:
        services.reactivate(actor=builder, workflow=outer)
    assert refused.value.code == "has_problems"
    assert any("limit" in problem["message"] for problem in refused.value.extra["problems"])
    assert pins(outer) == {"inner": 1}


@pytest.mark.parametrize(
    ("way", "code"), [("deactivate", "workflow_not_active"), ("archive", "workflow_archived")]
)
def test_only_what_is_active_can_be_activated_anew(
    make_workflow: MakeWorkflow, builder: Actor, way: str, code: str
) -> None:
    workflow = make_workflow("sums")
    getattr(services, way)(actor=builder, workflow=workflow)
    with pytest.raises(Problem) as refused:
        services.reactivate(actor=builder, workflow=workflow)
    assert (refused.value.status, refused.value.code) == (409, code)


def test_only_who_may_activate_and_only_at_home(make_workflow: MakeWorkflow, builder: Actor) -> None:
    workflow = make_workflow("sums")
    operator = make_actor("operator", workspace=builder.workspace)
    for actor, code in ((operator, "role_too_low"), (make_actor("admin"), "not_found")):
        for change in (services.reactivate, services.bring_callers_along):
            with pytest.raises(Problem) as refused:
                change(actor=actor, workflow=workflow)
            assert refused.value.code == code


def test_callers_of_callers_come_after_them_each_listed_once(
    make_workflow: MakeWorkflow, builder: Actor
) -> None:
    inner = make_workflow("inner")
    make_workflow("middle", call("inner"))
    outer = make_workflow("a-outer", call("middle"), call("inner"))
    make_workflow("bystander")
    assert slugs_behind(inner) == []
    renew(builder, inner)
    assert slugs_behind(inner) == [("middle", []), ("a-outer", ["middle"])]
    services.bring_callers_along(actor=builder, workflow=inner, only=["middle"])
    assert slugs_behind(inner) == [("a-outer", [])]
    services.bring_callers_along(actor=builder, workflow=inner, only=["a-outer"])
    assert slugs_behind(inner) == []
    assert pins(outer) == {"middle": 2, "inner": 2}


def test_all_of_them_at_once_reach_the_new_version_through_each_other(
    make_workflow: MakeWorkflow, builder: Actor
) -> None:
    inner = make_workflow("inner")
    make_workflow("middle", call("inner"))
    outer = make_workflow("a-outer", call("middle"))
    renew(builder, inner)
    brought = services.bring_callers_along(actor=builder, workflow=inner)
    assert [(each.workflow.slug, each.refusal) for each in brought] == [("middle", None), ("a-outer", None)]
    assert slugs_behind(inner) == []
    outer.refresh_from_db()
    closure = {pin["slug"]: pin["number"] for pin in loads(active(outer).manifest)["closure"]}
    assert closure == {"middle": 2, "inner": 2}
    assert active(outer).note == "Anew, with inner version 2"


def test_one_that_no_longer_fits_stops_those_that_call_it_and_no_other(
    make_workflow: MakeWorkflow, builder: Actor
) -> None:
    optional = [{"key": "limit", "label": "Limit", "type": "number", "required": False}]
    inner = make_workflow("inner", inputs=optional)
    broken = make_workflow("broken", call("inner"))
    make_workflow("above", call("broken"))
    fine = make_workflow("fine", call("inner", limit=1))
    renew(builder, inner, inputs=[{**optional[0], "required": True}])
    brought = services.bring_callers_along(actor=builder, workflow=inner)
    assert [(each.workflow.slug, each.refusal is None) for each in brought] == [
        ("broken", False),
        ("fine", True),
    ]
    assert (pins(fine), pins(broken)) == ({"inner": 2}, {"inner": 1})
    assert slugs_behind(inner) == [("broken", []), ("above", ["broken"])]


def test_a_version_becomes_the_draft_again_and_no_edit_is_overwritten_unseen(
    make_workflow: MakeWorkflow, builder: Actor
) -> None:
    workflow = make_workflow("sums")
    first = active(workflow)
    renew(builder, workflow)
    with pytest.raises(Problem) as refused:
        services.draft_from_version(actor=builder, workflow=workflow, version=first, expected_revision=1)
    assert refused.value.code == "draft_changed"
    edited = services.draft_from_version(
        actor=builder, workflow=workflow, version=first, expected_revision=workflow.draft_revision
    )
    assert (edited.draft, edited.draft_revision) == (first.definition, 3)
    assert active(edited).number == 2
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, loads(entry.body)["data"]) == (
        "workflow.draft_from_version",
        {"number": 1, "revision": 3},
    )
    entries = AuditEntry.objects.count()
    services.draft_from_version(actor=builder, workflow=edited, version=first, expected_revision=3)
    assert AuditEntry.objects.count() == entries
