"""Trying an import: everything that is wrong with it at its line, and nothing kept."""

from typing import Any

import pytest

from common.errors import Problem
from tests.workflows.conftest import MakeWorkflow, active, call
from tests.workflows.test_transfer import document
from workflows import services
from workflows.definition.yaml_lines import lines_of
from workflows.definition.yaml_text import dump_documents
from workflows.documents import documents_in
from workflows.models import Workflow, WorkflowVersion
from workflows.selectors import frozen_definition, frozen_of
from workflows.services.importing import ImportMode, import_workflows, rehearse_import
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


def importing(text: str, actor: Actor, **how: Any) -> Any:
    return rehearse_import(actor=actor, workspace=actor.workspace, documents=documents_in(text), **how)


def test_a_rehearsal_tells_all_problems_of_all_documents_and_keeps_nothing(builder: Actor) -> None:
    broken = dump_documents(
        [
            document("outer", call("inner"), call("sick")),
            document("inner"),
            document("sick", {"key": "a", "type": "nonsense"}, {"key": "a", "type": "set", "values": {}}),
        ]
    )
    inner, sick, outer = importing(broken, builder)
    assert (inner.slug, inner.problems, inner.revision) == ("inner", (), None)
    assert [problem.code for problem in sick.problems] == ["unknown_step_type", "duplicate_key"]
    assert [problem.code for problem in outer.problems] == ["workflow_inactive"]
    assert not Workflow.objects.exists()
    assert not WorkflowVersion.objects.exists()


def test_a_rehearsal_tells_which_drafts_would_be_replaced_and_what_is_refused(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    make_workflow("taken")
    services.archive(actor=builder, workflow=make_workflow("away"))
    text = dump_documents([document("taken"), document("away")])
    for mode, refusals in (
        (ImportMode.CREATE, ["slug_taken", "slug_taken"]),
        (ImportMode.DRAFT, ["workflow_archived", None]),
    ):
        found = importing(text, builder, mode=mode)
        assert [each.refusal and each.refusal.code for each in found] == refusals
        assert [each.revision for each in found] == [1, 1]


def test_an_import_replaces_only_the_drafts_that_were_seen(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    taken = make_workflow("taken")
    given = [document("taken", name="Other")]
    for expected, code in (({}, "slug_taken"), ({"taken": 7}, "draft_changed")):
        with pytest.raises(Problem) as refused:
            import_workflows(
                actor=builder,
                workspace=builder.workspace,
                documents=given,
                mode=ImportMode.DRAFT,
                expected=expected,
            )
        assert refused.value.code == code
    import_workflows(
        actor=builder,
        workspace=builder.workspace,
        documents=given,
        mode=ImportMode.DRAFT,
        expected={"taken": 1},
    )
    taken.refresh_from_db()
    assert taken.name == "Other"


def test_what_was_rolled_back_is_not_remembered_for_whoever_gets_its_id(
    builder: Actor, make_workflow: MakeWorkflow
) -> None:
    """SQLite gives the ids of rows that were rolled back again."""
    one = {"key": "ghost", "type": "set", "values": {"x": 1}}
    importing(dump_documents([document("inner", one), document("outer", call("inner"))]), builder)
    real = make_workflow("real")
    assert [step.key for step in frozen_definition(active(real).pk)[0].steps] == ["a"]
    assert [step.key for step in frozen_of(active(real))[0].steps] == ["a"]


@pytest.mark.parametrize(
    "text", ['{"workflows": [{"slug": "a"}, {"slug": "b"}]}', "slug: a\n---\n---\nslug: b\n"]
)
def test_a_text_may_hold_several_documents(text: str) -> None:
    assert [each["slug"] for each in documents_in(text)] == ["a", "b"]


def test_the_lines_of_everything_in_a_text_are_found() -> None:
    text = "slug: a\nsteps:\n  - key: x\n    config: {url: 1}\n  - {key: y}\n---\n\n---\nslug: b\n"
    lines = lines_of(text)
    assert [lines.of(path) for path in ("slug", "steps[0].config.url", "steps[1].key", "steps[1].type")] == [
        1,
        4,
        5,
        5,
    ]
    assert lines.of("outputs[0].value") == 1
    assert lines.of("slug", document=1) == 9
    assert lines.of("slug", document=2) is None
    assert lines_of("a: [1\nb: }").of("b") is None
