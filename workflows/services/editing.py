"""Changing one part of a draft, whoever changes other parts meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from common.canonical import Json, loads
from common.errors import Problem
from workflows.builder.edits import EditRefused
from workflows.builder.nodes import Node, NodeKind, node_at, walk
from workflows.builder.paths import NoSuchPlace
from workflows.definition.bounds import MAX_BYTES, MAX_DEPTH, depth_of
from workflows.models import DraftSave, Workflow
from workflows.services.drafts import draft_text, keep_draft, refuse_stale
from workflows.services.locking import lock_workflow, refuse_archived
from workspaces.actors import Actor
from workspaces.permissions import Permission, require


@dataclass(frozen=True, kw_only=True)
class Target:
    """The part that an edit is about, as the person saw it: where it stood, its key, and the digest of what it held."""

    path: str
    key: str = ""
    was: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A definition after a change, the part to look at then, and what was done, in a few words."""

    definition: Json
    path: str
    what: str


class PartGone(Exception):  # noqa: N818 - it says what happened
    """The part that an edit is about is no longer there."""


class PartChanged(Exception):  # noqa: N818 - it says what happened
    """The part that an edit is about is not what the person saw: `node` is it as it is now."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.path)
        self.node = node


@transaction.atomic
def edit_draft(
    *, actor: Actor | None, workflow: Workflow, change: Callable[[Json], Change]
) -> tuple[Workflow, str]:
    """Change the draft as it is now by `change`, which is given a definition of its own; the workflow, and the path of
    the part to look at then.

    Other parts may have changed since the person looked: `target_in` tells whether the one in question has. What
    `change` raises undoes everything. `EditRefused` where the draft would grow beyond the bounds of a definition.
    `Problem`: 403, 409 `workflow_archived`.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    workflow = lock_workflow(workflow, actor=actor)
    refuse_archived(workflow)
    changed = change(loads(workflow.draft))
    text = _bounded_text(changed.definition, former=workflow.draft)
    workflow = keep_draft(workflow, text, actor=actor, what=changed.what)
    return workflow, changed.path


def _bounded_text(definition: Json, *, former: str) -> str:
    """The text of a draft. One that grows beyond what a definition may be is `EditRefused`, since copies of copies
    would soon be more than anything can read; one that is too large already can be made smaller.
    """
    depth = depth_of(definition)
    if depth > MAX_DEPTH and depth > depth_of(loads(former)):
        raise EditRefused(
            _("Blocks and values would lie inside each other deeper than a workflow can have them.")
        )
    text = draft_text(definition)
    size = len(text.encode())
    if size > MAX_BYTES and size > len(former.encode()):
        raise EditRefused(
            _("The workflow would be larger than 1 MiB. Split it in two, or move data into files.")
        )
    return text


@transaction.atomic
def restore_save(
    *, actor: Actor | None, workflow: Workflow, revision: int, expected_revision: int
) -> Workflow:
    """Make what the draft was at `revision` the draft again, as a new save.

    `Problem`: 403; 404 where that revision is not kept; 409 `draft_changed`, `workflow_archived`.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    workflow = lock_workflow(workflow, actor=actor)
    refuse_archived(workflow)
    refuse_stale(workflow, expected_revision)
    save = DraftSave.objects.filter(workflow=workflow, revision=revision).first()
    if save is None:
        raise Problem(404, "not_found", _("That revision is no longer kept."))
    what = _("Went back to revision %(number)s") % {"number": revision}
    return keep_draft(workflow, save.draft, actor=actor, what=what)


def target_in(definition: Json, target: Target) -> Node:
    """The part in question as it is now; without `was` whatever it holds. Raises `PartChanged` or `PartGone`."""
    try:
        here = node_at(definition, target.path)
    except NoSuchPlace:
        here = None
    if here is not None and here.key == target.key and target.was in ("", here.digest):
        return here
    others = [node for node in walk(definition) if target.key and node.key == target.key]
    kind = here.kind if here is not None else None
    same = [
        node for node in others if target.was in ("", node.digest) and (kind is None or node.kind is kind)
    ]
    if len(same) == 1:
        return same[0]
    if here is not None and (here.key == target.key or here.kind is NodeKind.WORKFLOW):
        raise PartChanged(here)
    if len(others) == 1:
        raise PartChanged(others[0])
    raise PartGone


def part_at_revision(workflow: Workflow, revision: int, target: Target) -> Node | None:
    """The part as the person saw it, where that revision of the draft is still kept."""
    draft = workflow.saves.filter(revision=revision).values_list("draft", flat=True).first()
    if draft is None:
        return None
    try:
        return target_in(loads(draft), target)
    except (PartChanged, PartGone):
        return None
