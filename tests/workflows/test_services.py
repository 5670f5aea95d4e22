"""Making, editing, activating, deactivating and archiving workflows."""

import json
from typing import Any

import pytest

from audit.models import AuditEntry
from common.canonical import definition_text, loads, sha256_hex
from common.errors import Problem
from tests.factories import make_actor
from tests.workflows.conftest import MakeWorkflow, active, call, definition
from workflows import services
from workflows.manifest import digest_holds
from workflows.models import Workflow, WorkflowVersion
from workflows.selectors import called_version, callers_of, frozen_definition
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


def create(actor: Actor, **fields: Any) -> Workflow:
    return services.create_workflow(
        **{"actor": actor, "workspace": actor.workspace, "slug": "sums", "definition": definition(), **fields}
    )


def edit(actor: Actor, workflow: Workflow, **fields: Any) -> Workflow:
    return services.save_draft(
        **{"actor": actor, "workflow": workflow, "expected_revision": workflow.draft_revision, **fields}
    )


def actions(actor: Actor) -> list[str]:
    return list(
        AuditEntry.objects.filter(workspace=actor.workspace).order_by("id").values_list("action", flat=True)
    )


def test_a_new_workflow_has_a_draft_and_no_version(builder: Actor) -> None:
    workflow = create(builder)
    assert loads(workflow.draft) == definition()
    assert (workflow.name, workflow.draft_revision, workflow.active_version) == ("Sums", 1, None)
    assert actions(builder) == ["workflow.created"]


def test_without_a_definition_the_draft_is_an_empty_workflow(builder: Actor) -> None:
    workflow = create(builder, definition=None, name="Sums", description="Adds.")
    assert loads(workflow.draft) == {
        "format": 1,
        "name": "Sums",
        "description": "Adds.",
        "inputs": [],
        "steps": [],
        "outputs": [],
    }
    assert (workflow.name, workflow.description) == ("Sums", "Adds.")


def test_name_and_description_beside_a_definition_are_set_in_it(builder: Actor) -> None:
    workflow = create(builder, name="Other", description="Why")
    assert loads(workflow.draft)["name"] == "Other"
    assert loads(workflow.draft)["description"] == "Why"
    assert workflow.name == "Other"


def test_the_slug_of_an_export_does_not_belong_to_the_definition(builder: Actor) -> None:
    workflow = create(builder, definition={"slug": "x", "requires": {}, **definition()})
    assert loads(workflow.draft) == definition()


@pytest.mark.parametrize("slug", ["", "Sums", "a b", "-a", "a" * 64, "ä", "a\n", "a_b"])
def test_a_slug_is_small_letters_digits_and_hyphens(builder: Actor, slug: str) -> None:
    with pytest.raises(Problem) as refused:
        create(builder, slug=slug)
    assert refused.value.status == 422
    assert refused.value.errors[0].path == "slug"


def test_a_slug_is_taken_once_in_a_workspace_and_free_in_another(builder: Actor) -> None:
    create(builder)
    with pytest.raises(Problem) as refused:
        create(builder)
    assert (refused.value.status, refused.value.code) == (409, "slug_taken")
    create(make_actor("builder"))


@pytest.mark.parametrize("role", ["viewer", "operator", "reviewer", "auditor"])
def test_who_may_not_build_changes_nothing(builder: Actor, role: str) -> None:
    workflow = create(builder)
    actor = make_actor(role, workspace=builder.workspace)
    for refused in (
        lambda: create(actor, slug="other"),
        lambda: edit(actor, workflow, name="Other"),
        lambda: services.activate(actor=actor, workflow=workflow),
        lambda: services.deactivate(actor=actor, workflow=workflow),
        lambda: services.archive(actor=actor, workflow=workflow),
    ):
        with pytest.raises(Problem) as problem:
            refused()
        assert problem.value.status == 403
    assert actions(builder) == ["workflow.created"]


def test_a_builder_of_another_workspace_finds_nothing(builder: Actor) -> None:
    workflow = create(builder)
    stranger = make_actor("builder")
    with pytest.raises(Problem) as problem:
        services.activate(actor=stranger, workflow=workflow)
    assert problem.value.status == 404


@pytest.mark.parametrize(
    "unfinished",
    [{}, {"steps": "?"}, definition(name=""), {"name": 3}, {"name": "a\x00b\ud800" * 200}, {"n": 2**60}],
)
def test_saving_never_fails_on_an_unfinished_definition(builder: Actor, unfinished: Any) -> None:
    workflow = edit(builder, create(builder), definition=unfinished)
    workflow.refresh_from_db()
    assert json.loads(workflow.draft) == unfinished
    assert workflow.draft_revision == 2
    with pytest.raises(Problem) as refused:
        services.activate(actor=builder, workflow=workflow)
    assert (refused.value.status, refused.value.code) == (409, "has_problems")
    assert refused.value.extra["problems"]


@pytest.mark.parametrize("wrong", [[], "text", 3, {"x": float("nan")}])
def test_what_is_no_json_object_is_no_draft(builder: Actor, wrong: Any) -> None:
    with pytest.raises(Problem) as refused:
        edit(builder, create(builder), definition=wrong)
    assert refused.value.status == 422
    assert refused.value.errors[0].path == "definition"


def test_the_second_of_two_edits_of_one_revision_is_refused(builder: Actor) -> None:
    workflow = create(builder)
    edit(builder, workflow, name="First")
    with pytest.raises(Problem) as refused:
        edit(builder, workflow, name="Second")
    assert (refused.value.status, refused.value.code) == (409, "draft_changed")
    assert refused.value.extra["revision"] == 2
    workflow.refresh_from_db()
    assert workflow.name == "First"


def test_an_edit_that_changes_nothing_keeps_the_revision_and_says_nothing(builder: Actor) -> None:
    workflow = edit(builder, create(builder), definition=definition())
    assert workflow.draft_revision == 1
    assert actions(builder) == ["workflow.created"]


def test_activating_freezes_the_draft_as_version_1(builder: Actor) -> None:
    activation = services.activate(actor=builder, workflow=create(builder), note="First")
    version = WorkflowVersion.objects.get(pk=activation.version.pk)
    assert activation.created
    assert (version.number, version.note, version.created_by) == (1, "First", builder.user)
    assert version.definition == definition_text(definition())
    manifest = {"workflows": {}, "closure": [], "actions": {}, "expressions": 1}
    assert loads(version.manifest) == manifest
    whole = {"definition": definition(), "manifest": manifest}
    assert version.digest == sha256_hex(definition_text(whole))
    assert digest_holds(version)
    assert version.workflow.active_version == version
    assert actions(builder) == ["workflow.created", "workflow.activated"]


def test_going_back_to_an_earlier_content_makes_that_version_active_again(builder: Actor) -> None:
    workflow = create(builder)
    services.activate(actor=builder, workflow=workflow)
    workflow = edit(builder, workflow, name="Other")
    assert services.activate(actor=builder, workflow=workflow).version.number == 2
    workflow = edit(builder, workflow, definition=definition())
    back = services.activate(actor=builder, workflow=workflow)
    assert (back.version.number, back.created) == (1, False)
    workflow.refresh_from_db()
    assert workflow.active_version == back.version
    assert workflow.versions.count() == 2


def test_activating_what_is_active_changes_nothing(builder: Actor) -> None:
    workflow = create(builder)
    services.activate(actor=builder, workflow=workflow)
    before = actions(builder)
    again = services.activate(actor=builder, workflow=workflow)
    assert (again.version.number, again.created) == (1, False)
    assert actions(builder) == before


def test_an_edit_after_it_was_looked_at_stops_an_activation_that_names_the_revision(builder: Actor) -> None:
    workflow = create(builder)
    edit(builder, workflow, name="Other")
    with pytest.raises(Problem) as refused:
        services.activate(actor=builder, workflow=workflow, expected_revision=1)
    assert refused.value.code == "draft_changed"


def test_the_actions_of_the_steps_are_pinned(builder: Actor) -> None:
    step = {"key": "get", "type": "http.request", "config": {"method": "GET", "url": "https://example.org"}}
    inside = {"key": "each", "type": "for_each", "items": "[1]", "steps": [step]}
    workflow = create(builder, definition=definition(inside))
    version = services.activate(actor=builder, workflow=workflow).version
    assert loads(version.manifest)["actions"] == {"http.request": 1}
    assert version.needs >= 1


def test_a_deactivated_workflow_has_no_active_version_and_can_come_back(builder: Actor) -> None:
    workflow = create(builder)
    services.activate(actor=builder, workflow=workflow)
    services.deactivate(actor=builder, workflow=workflow)
    services.deactivate(actor=builder, workflow=workflow)
    workflow.refresh_from_db()
    assert workflow.active_version is None
    assert not services.activate(actor=builder, workflow=workflow).created
    assert actions(builder)[2:] == ["workflow.deactivated", "workflow.activated"]


def test_an_archived_workflow_is_not_edited_or_activated_any_more(builder: Actor) -> None:
    workflow = create(builder)
    services.activate(actor=builder, workflow=workflow)
    services.archive(actor=builder, workflow=workflow)
    services.archive(actor=builder, workflow=workflow)
    workflow.refresh_from_db()
    assert workflow.active_version is None
    assert workflow.archived_at
    for refused in (
        lambda: edit(builder, workflow, name="Other"),
        lambda: services.activate(actor=builder, workflow=workflow),
    ):
        with pytest.raises(Problem) as problem:
            refused()
        assert (problem.value.status, problem.value.code) == (409, "workflow_archived")
    services.restore(actor=builder, workflow=workflow)
    assert not services.activate(actor=builder, workflow=workflow).created
    assert actions(builder)[2:] == ["workflow.archived", "workflow.restored", "workflow.activated"]


def test_every_callee_is_pinned_by_number_and_digest_with_all_that_it_calls(
    make_workflow: MakeWorkflow,
) -> None:
    inner = make_workflow("inner")
    middle = make_workflow("middle", call("inner"))
    outer = make_workflow("outer", call("middle"), call("inner"))
    manifest = loads(active(outer).manifest)
    pins = {workflow.slug: {"number": 1, "digest": active(workflow).digest} for workflow in (inner, middle)}
    assert manifest["workflows"] == pins
    assert manifest["closure"] == [{"slug": slug, **pins[slug]} for slug in ("inner", "middle")]


def test_a_caller_keeps_the_version_that_it_pinned(builder: Actor, make_workflow: MakeWorkflow) -> None:
    inner, outer = make_workflow("inner"), make_workflow("outer", call("inner"))
    inner = edit(builder, inner, name="Newer")
    activation = services.activate(actor=builder, workflow=inner)
    assert called_version(active(outer).pk, "inner").number == 1
    assert [(c.workflow.slug, c.number, c.calls) for c in activation.callers] == [("outer", 1, 1)]
    assert services.activate(actor=builder, workflow=outer).version.number == 2
    outer.refresh_from_db()
    assert called_version(active(outer).pk, "inner").number == 2
    assert [(c.workflow.slug, c.number, c.calls) for c in callers_of(inner)] == [("outer", 2, 2)]


def test_callers_of_names_neither_indirect_nor_inactive_callers(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    inner = make_workflow("inner")
    make_workflow("middle", call("inner"))
    make_workflow("outer", call("middle"))
    gone = make_workflow("gone", call("inner"))
    services.deactivate(actor=builder, workflow=gone)
    make_workflow("draft", call("inner"), active=False)
    assert [caller.workflow.slug for caller in callers_of(inner)] == ["middle"]


def test_a_frozen_definition_is_read_once(
    make_workflow: MakeWorkflow, django_assert_num_queries: Any
) -> None:
    workflow = make_workflow("sums")
    parsed, manifest = frozen_definition(active(workflow).pk)
    assert [step.key for step in parsed.steps] == ["a"]
    assert manifest["expressions"] == 1
    with django_assert_num_queries(0):
        assert frozen_definition(active(workflow).pk)[0] is parsed
