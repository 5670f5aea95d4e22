"""`import_workflow` and `export_workflow`."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from tests.factories import make_actor
from tests.workflows.conftest import MakeWorkflow, call, definition
from tests.workflows.four_eyes import switch
from workflows.definition.yaml_text import dump_documents
from workflows.models import ActivationRequest, Workflow, WorkflowVersion
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


def run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "workflows.yaml"
    path.write_text(
        dump_documents([{"slug": "outer", **definition(call("inner"))}, {"slug": "inner", **definition()}])
    )
    return path


def owner(actor: Actor) -> list[str]:
    return ["--workspace", actor.workspace.slug, "--user", actor.user.username]


def test_what_is_exported_is_imported_with_the_same_digest(
    make_workflow: MakeWorkflow, builder: Actor, tmp_path: Path
) -> None:
    make_workflow("inner")
    make_workflow("outer", call("inner"))
    path = tmp_path / "outer.yaml"
    path.write_text(
        run("export_workflow", "outer", "--workspace", builder.workspace.slug, "--with-subworkflows")
    )
    other = make_actor("builder")
    said = run("import_workflow", path, *owner(other), "--activate")
    here, there = WorkflowVersion.objects.filter(workflow__slug="outer").values_list("digest", flat=True)
    assert here == there
    assert f"outer: created, version 1 active, {there}" in said
    entry = AuditEntry.objects.filter(workspace=other.workspace, action="workflow.activated").last()
    assert entry
    assert entry.actor == other.label


def test_where_activating_takes_two_people_the_command_asks_as_the_member_that_it_acts_for(
    builder: Actor, file: Path
) -> None:
    switch(builder, on=True)
    said = run("import_workflow", file, *owner(builder), "--activate")
    for request in ActivationRequest.objects.open().select_related("workflow", "asked_by"):
        assert f"{request.workflow.slug}: created, activation asked for (request {request.pk})" in said
        assert request.asked_by == builder.user
    assert said.count("a second person decides") == 2
    assert not WorkflowVersion.objects.exists()


def test_without_activate_only_drafts_are_made(builder: Actor, file: Path) -> None:
    assert "outer: created\n" in run("import_workflow", file, *owner(builder))
    assert Workflow.objects.filter(active_version=None).count() == 2


def test_a_second_import_is_refused_unless_it_is_to_replace_drafts(builder: Actor, file: Path) -> None:
    run("import_workflow", file, *owner(builder))
    with pytest.raises(CommandError, match="Choose another slug"):
        run("import_workflow", file, *owner(builder))
    assert "outer: draft replaced" in run("import_workflow", file, *owner(builder), "--draft")


def test_problems_are_told_and_nothing_is_kept(builder: Actor, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("slug: a\nformat: 1\nname: A\nsteps:\n- {key: x, type: nonsense}\n")
    with pytest.raises(CommandError, match="nonsense"):
        run("import_workflow", path, *owner(builder), "--activate")
    assert not Workflow.objects.exists()


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "[", "3", "slug: 3"])
def test_what_cannot_be_imported_is_an_error(builder: Actor, tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(CommandError):
        run("import_workflow", path, *owner(builder))


def test_an_unknown_file_member_or_workflow_is_an_error(builder: Actor, file: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("import_workflow", file.with_name("none"), *owner(builder))
    with pytest.raises(CommandError, match="no member"):
        run("import_workflow", file, "--workspace", builder.workspace.slug, "--user", "nobody")
    with pytest.raises(CommandError, match="no workflow"):
        run("export_workflow", "none", "--workspace", builder.workspace.slug)


def test_a_member_who_may_not_build_cannot_import(file: Path) -> None:
    with pytest.raises(CommandError, match="builder"):
        run("import_workflow", file, *owner(make_actor("viewer")))
