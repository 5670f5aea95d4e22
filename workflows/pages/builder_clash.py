"""Two people at the same part of a draft: what they did is brought together, or both sides are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.canonical import Json, dumps_in_order
from workflows.builder.forms import words
from workflows.builder.forms.base import Posted, plain_text
from workflows.builder.forms.form import answer_of
from workflows.builder.merging import Conflict, merged
from workflows.builder.nodes import Node, NodeKind, place_at
from workflows.builder.outline import address_of, step_keys
from workflows.builder.paths import NoSuchPlace, outer
from workflows.builder.view import known_for
from workflows.models import Workflow
from workflows.services.editing import Target, part_at_revision


@dataclass(frozen=True, kw_only=True)
class ClashRow:
    """A field that two people changed: what each of them has, as text."""

    label: str
    mine: str
    theirs: str


class Clash(Exception):  # noqa: N818 - it says what happened
    """Somebody changed or deleted the same part meanwhile. `mine` is the part as this person has it, as JSON; `node` as
    it is now, None where it is gone; `place` the list that it can be put back into.
    """

    def __init__(
        self, *, mine: Json, node: Node | None, at: str, rows: Sequence[ClashRow], place: str = ""
    ) -> None:
        super().__init__(at)
        self.mine = dumps_in_order(mine)
        self.node = node
        self.at = at
        self.rows = rows
        self.place = place


@dataclass(frozen=True, kw_only=True)
class TwoSides:
    """A form that was made of the draft at `revision`, and the draft as it is now."""

    workflow: Workflow
    target: Target
    posted: Posted
    revision: int

    def brought_together(self, theirs: Node, definition: Json) -> Json:
        """The part as it is now with what the form changed. Raises `Clash` where both changed the same field, or where
        it is no longer known what the form began with.
        """
        known = known_for(self.workflow, theirs)
        base = part_at_revision(self.workflow, self.revision, self.target)
        if base is None or not (base.is_object and theirs.is_object):
            mine = answer_of(theirs, known, self.posted)
            raw, conflicts = mine, _all_that_differs(mine, theirs)
        else:
            mine = answer_of(base, known, self.posted)
            raw, conflicts = merged(base.raw, mine, theirs.raw, leave=held(theirs))
        if conflicts:
            at = address_of(theirs, step_keys(definition))
            raise Clash(mine=_own(mine, theirs), node=theirs, at=at, rows=_rows(conflicts, theirs))
        return raw

    def gone(self, definition: Json, *, kind: str) -> Clash:
        """The part is no longer there: what this person has of it, to be put back. `kind` is what the form says it was."""
        base = part_at_revision(self.workflow, self.revision, self.target)
        known_kind = NodeKind(kind) if kind in set(NodeKind) else NodeKind.STEP
        blank = {"key": self.target.key, "type": self.posted.text("type")}
        node = base or Node(path=self.target.path, kind=known_kind, raw=blank)
        mine = answer_of(node, known_for(self.workflow, node), self.posted)
        try:
            place = place_at(definition, outer(self.target.path)).path
        except NoSuchPlace:
            place = "steps"
        shown = _own(mine, node) if isinstance(mine, dict) else {"": mine}
        rows = [
            ClashRow(label=_label(name, node), mine=plain_text(value), theirs="")
            for name, value in shown.items()
        ]
        return Clash(mine=mine, node=None, at="", rows=rows, place=place)


def held(node: Node) -> frozenset[str]:
    """The fields of a part that hold other parts."""
    return frozenset(slot.name for slot in node.slots)


def _own(raw: Json, node: Node) -> Json:
    """The fields of a part without the parts inside it."""
    if not isinstance(raw, dict):
        return raw
    return {name: value for name, value in raw.items() if name not in held(node)}


def _all_that_differs(mine: Json, theirs: Node) -> list[Conflict]:
    if not theirs.is_object:
        return [] if mine == theirs.raw else [Conflict(name="", mine=mine, theirs=theirs.raw)]
    _raw, conflicts = merged({}, mine, theirs.raw, leave=())
    return conflicts


def _rows(conflicts: Sequence[Conflict], node: Node) -> list[ClashRow]:
    return [
        ClashRow(label=_label(each.name, node), mine=plain_text(each.mine), theirs=plain_text(each.theirs))
        for each in conflicts
    ]


def _label(name: str, node: Node) -> str:
    first, dot, rest = name.partition(".")
    label = words.label_of(first, node.type, node.kind.value) if first else _("Value")
    return rest if first == "config" and rest else f"{label}: {rest}" if dot else label
