"""Copying a workflow of the gallery into a workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from common.canonical import Json, loads, meaning
from workflows.gallery import Entry
from workflows.models import Workflow
from workflows.services.activation import activate_or_ask
from workflows.services.drafts import create_workflow
from workflows.services.locking import lock_workspace
from workspaces.actors import Actor
from workspaces.models import Workspace
from workspaces.permissions import Permission, require

SLUG_LENGTH = 63


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The new draft. `called` are the workflows that it calls, callees first: those that were copied with it, which
    are active, or asked for where activating takes two people, and those that the workspace had already, word for word.
    """

    workflow: Workflow
    called: tuple[Workflow, ...]


@transaction.atomic
def copy_from_gallery(
    *,
    actor: Actor | None,
    workspace: Workspace,
    entry: Entry,
    slug: str | None = None,
    name: str | None = None,
) -> Copied:
    """Make a draft of `entry`. What it calls comes along and is activated, for without that the draft could be neither
    previewed nor activated; where activating takes two people, that is asked for. Nothing that is there is touched: a slug that is taken gets a number, unless it belongs to
    the very workflow that is called.

    `slug` and `name` are those of the draft; None: the entry's, with a number where the slug is taken.
    `Problem`: 403; 422 for a bad slug or name; 409 `slug_taken` for one that was asked for.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    lock_workspace(workspace, actor=actor)
    renamed: dict[str, str] = {}
    called: list[Workflow] = []
    *callees, (_slug, main) = entry.definitions.items()
    for callee_slug, definition in callees:
        callee = _called(
            callee_slug, _with_calls(definition, renamed), actor=actor, workspace=workspace, entry=entry
        )
        renamed[callee_slug] = callee.slug
        called.append(callee)
    number = 1 if slug is not None else _free_number(workspace, entry.slug)
    workflow = create_workflow(
        actor=actor,
        workspace=workspace,
        slug=_numbered(entry.slug, number) if slug is None else slug,
        name=name if name is not None or number == 1 else f"{entry.name} ({number})",
        definition=_with_calls(main, renamed),
        gallery=entry.slug,
    )
    return Copied(workflow=workflow, called=tuple(called))


def _called(
    slug: str, definition: Json, *, actor: Actor | None, workspace: Workspace, entry: Entry
) -> Workflow:
    """A workflow that says what `definition` says: the one that has its slug if it is the same, else a new one."""
    rows = Workflow.objects.of(workspace).not_archived().select_related("active_version")
    present = rows.filter(slug=slug).first()
    if present is not None and meaning(loads(_runs(present))) == meaning(definition):
        return present
    number = _free_number(workspace, slug)
    callee = create_workflow(
        actor=actor,
        workspace=workspace,
        slug=_numbered(slug, number),
        name=None if number == 1 else f"{definition['name']} ({number})",
        definition=definition,
        gallery=entry.slug,
    )
    activate_or_ask(actor=actor, workflow=callee, note="From the gallery")
    callee.refresh_from_db(fields=["active_version"])
    return callee


def _runs(workflow: Workflow) -> str:
    """What callers of `workflow` get: its active version, or its draft while none is active."""
    return workflow.active_version.definition if workflow.active_version else workflow.draft


def free_slug(workspace: Workspace, slug: str) -> str:
    """`slug`, or with the lowest number with which no workflow of the workspace has it."""
    return _numbered(slug, _free_number(workspace, slug))


def _free_number(workspace: Workspace, slug: str) -> int:
    """The lowest number with which `slug` is free; 1: as it is."""
    taken = set(Workflow.objects.of(workspace).values_list("slug", flat=True).filter(slug__startswith=slug))
    number = 1
    while _numbered(slug, number) in taken:
        number += 1
    return number


def _numbered(slug: str, number: int) -> str:
    if number == 1:
        return slug
    ending = f"-{number}"
    return slug[: SLUG_LENGTH - len(ending)] + ending


def _with_calls(value: Json, renamed: Mapping[str, str]) -> Json:
    """A definition, or a part of it, in which each step calls its workflow by the slug that this has here."""
    if isinstance(value, Mapping):
        changed = {key: _with_calls(each, renamed) for key, each in value.items()}
        if value.get("type") == "workflow" and value.get("workflow") in renamed:
            changed["workflow"] = renamed[value["workflow"]]
        return changed
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_with_calls(each, renamed) for each in value]
    return value
