"""What stands against activating a workflow that calls others."""

from typing import Any

import pytest

from common.errors import Problem
from tests.factories import make_actor
from tests.workflows.conftest import MakeWorkflow, call, definition
from workflows import services
from workflows.calls import MAX_DEPTH
from workflows.checking import check_draft
from workflows.models import Workflow
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db

NEEDS_N = [{"key": "n", "type": "number"}]


def edit(actor: Actor, workflow: Workflow, *steps: Any) -> Workflow:
    return services.save_draft(
        actor=actor, workflow=workflow, expected_revision=None, definition=definition(*steps)
    )


def codes(workflow: Workflow) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in check_draft(workflow).problems]


def words(workflow: Workflow) -> str:
    return " ".join(problem.message for problem in check_draft(workflow).problems)


def test_an_absent_workflow_is_missing(make_workflow: MakeWorkflow) -> None:
    workflow = make_workflow("outer", call("inner"), active=False)
    assert codes(workflow) == [("workflow_missing", "steps[0].workflow")]


def test_a_workflow_of_another_workspace_is_missing(make_workflow: MakeWorkflow) -> None:
    stranger = make_actor("builder")
    foreign = services.create_workflow(
        actor=stranger, workspace=stranger.workspace, slug="inner", definition=definition()
    )
    services.activate(actor=stranger, workflow=foreign)
    assert codes(make_workflow("outer", call("inner"), active=False))[0][0] == "workflow_missing"


def test_a_draft_or_an_archived_workflow_is_inactive(builder: Actor, make_workflow: MakeWorkflow) -> None:
    make_workflow("draft", active=False)
    gone = make_workflow("gone")
    services.archive(actor=builder, workflow=gone)
    outer = make_workflow("outer", call("draft"), call("gone"), active=False)
    assert [code for code, _ in codes(outer)] == ["workflow_inactive"] * 2


def test_inputs_that_do_not_fit_are_told(make_workflow: MakeWorkflow) -> None:
    make_workflow("inner", inputs=NEEDS_N)
    assert codes(make_workflow("right", call("inner", n=1), active=False)) == []
    wrong = make_workflow("wrong", call("inner", m=1), active=False)
    assert {code for code, _ in codes(wrong)} == {"inputs_do_not_fit"}


def test_a_workflow_does_not_call_itself(builder: Actor, make_workflow: MakeWorkflow) -> None:
    workflow = make_workflow("own", call("own"), active=False)
    assert codes(workflow) == [("workflow_cycle", "steps[0].workflow")]
    active = make_workflow("active")
    assert codes(edit(builder, active, call("active"))) == [("workflow_cycle", "steps[0].workflow")]


def test_a_circle_through_pinned_versions_is_told_with_its_way(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    first = make_workflow("a")
    make_workflow("b", call("a"))
    make_workflow("c", call("b"))
    first = edit(builder, first, call("c"))
    assert codes(first) == [("workflow_cycle", "steps[0].workflow")]
    assert "a → c → b → a" in words(first)
    with pytest.raises(Problem) as refused:
        services.activate(actor=builder, workflow=first)
    assert refused.value.code == "has_problems"


def test_a_circle_of_drafts_is_told_with_its_way(make_workflow: MakeWorkflow) -> None:
    make_workflow("b", call("c"), active=False)
    make_workflow("c", call("a"), active=False)
    assert "a → b → c → a" in words(make_workflow("a", call("b"), active=False))


def test_a_callee_whose_newer_draft_calls_back_is_no_circle_yet(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    inner = make_workflow("inner")
    outer = make_workflow("outer", call("inner"), active=False)
    inner = edit(builder, inner, call("outer"))
    assert codes(outer) == []
    services.activate(actor=builder, workflow=outer)
    assert codes(inner) == [("workflow_cycle", "steps[0].workflow")]


def test_calls_are_nested_at_most_ten_deep(make_workflow: MakeWorkflow) -> None:
    make_workflow("w0")
    for level in range(1, MAX_DEPTH + 1):
        make_workflow(f"w{level}", call(f"w{level - 1}"))
    last = make_workflow("last", call(f"w{MAX_DEPTH}"), active=False)
    assert codes(last) == [("too_deep", "steps[0].workflow")]


def test_two_callees_that_pin_different_versions_of_a_third_are_fine(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    third = make_workflow("third")
    make_workflow("one", call("third"))
    third = edit(builder, third, {"key": "b", "type": "set", "values": {}})
    services.activate(actor=builder, workflow=third)
    make_workflow("two", call("third"))
    both = make_workflow("both", call("one"), call("two"), active=False)
    version = services.activate(actor=builder, workflow=both).version
    assert '"slug":"third"' in version.manifest
    assert version.manifest.count('"slug":"third"') == 2


@pytest.mark.parametrize("value", ["half \ud800", 2**60, -(2**53) - 1])
def test_what_a_digest_cannot_hold_is_a_problem_and_no_crash(
    builder: Actor, make_workflow: MakeWorkflow, value: Any
) -> None:
    step = {"key": "a", "type": "set", "values": {"x": value}}
    workflow = make_workflow("odd", step, active=False)
    with pytest.raises(Problem) as refused:
        services.activate(actor=builder, workflow=workflow)
    assert refused.value.code == "has_problems"
