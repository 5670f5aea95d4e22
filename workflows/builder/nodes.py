"""The parts of a definition that have a form each: the workflow itself, its inputs and their columns, its steps, what
is inside blocks, and its outputs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.canonical import Json, dumps, encodable, sha256_hex
from workflows.builder.paths import NoSuchPlace, joined, parts_of, path_of, value_at
from workflows.definition.fields import (
    BRANCH_FIELDS,
    CATCH_FIELDS,
    DEFINITION_FIELDS,
    ELSE_FIELDS,
    LANE_FIELDS,
    OUTPUT_FIELDS,
    Field,
)
from workflows.definition.input_types import INPUT_FIELDS, INPUT_HEAD
from workflows.definition.parse_steps import LEAF_STEP_FIELDS
from workflows.definition.step_types import STEP_FIELDS
from workflows.words import VALUE_TYPES, step_type_word

LONGEST_TITLE = 200
"""Characters of what a part is called; its form has the whole."""


class NodeKind(StrEnum):
    """What a part is."""

    WORKFLOW = "workflow"
    INPUT = "input"
    COLUMN = "column"
    STEP = "step"
    BRANCH = "branch"
    LANE = "lane"
    ELSE = "else"
    CATCH = "catch"
    OUTPUT = "output"


KIND_WORDS: Mapping[NodeKind, Promise] = {
    NodeKind.WORKFLOW: gettext_lazy("Workflow"),
    NodeKind.INPUT: gettext_lazy("Input"),
    NodeKind.COLUMN: gettext_lazy("Column"),
    NodeKind.STEP: gettext_lazy("Step"),
    NodeKind.BRANCH: gettext_lazy("Branch"),
    NodeKind.LANE: gettext_lazy("Branch"),
    NodeKind.ELSE: gettext_lazy("Otherwise"),
    NodeKind.CATCH: gettext_lazy("On an error"),
    NodeKind.OUTPUT: gettext_lazy("Output"),
}


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A field of a part that holds other parts: a list of them, or one. `title` stands above them where there is
    more than one such field.
    """

    name: str
    kind: NodeKind
    single: bool = False
    title: Promise | str = ""


_STEPS = Slot(name="steps", kind=NodeKind.STEP)
_SLOTS: Mapping[NodeKind, tuple[Slot, ...]] = {
    NodeKind.WORKFLOW: (
        Slot(name="inputs", kind=NodeKind.INPUT, title=gettext_lazy("Inputs")),
        Slot(name="steps", kind=NodeKind.STEP, title=gettext_lazy("Steps")),
        Slot(name="outputs", kind=NodeKind.OUTPUT, title=gettext_lazy("Outputs")),
    ),
    NodeKind.BRANCH: (_STEPS,),
    NodeKind.LANE: (_STEPS,),
    NodeKind.ELSE: (_STEPS,),
    NodeKind.CATCH: (_STEPS,),
}
_SLOTS_OF_STEPS: Mapping[str, tuple[Slot, ...]] = {
    "branch": (
        Slot(name="branches", kind=NodeKind.BRANCH),
        Slot(name="else", kind=NodeKind.ELSE, single=True),
    ),
    "parallel": (Slot(name="branches", kind=NodeKind.LANE),),
    "for_each": (_STEPS,),
    "repeat": (_STEPS,),
    "try": (
        Slot(name="steps", kind=NodeKind.STEP, title=gettext_lazy("Try")),
        Slot(name="catch", kind=NodeKind.CATCH),
        Slot(name="finally", kind=NodeKind.STEP, title=gettext_lazy("In any case")),
    ),
}
_COLUMNS = (Slot(name="columns", kind=NodeKind.COLUMN, title=gettext_lazy("Columns")),)
_FIELDS: Mapping[NodeKind, Mapping[str, Field]] = {
    NodeKind.WORKFLOW: DEFINITION_FIELDS,
    NodeKind.BRANCH: BRANCH_FIELDS,
    NodeKind.LANE: LANE_FIELDS,
    NodeKind.ELSE: ELSE_FIELDS,
    NodeKind.CATCH: CATCH_FIELDS,
    NodeKind.OUTPUT: OUTPUT_FIELDS,
}
_OF_NO_TYPE = {field.name: field for field in INPUT_HEAD}


@dataclass(frozen=True, kw_only=True)
class Node:
    """One part. `raw` is JSON of any shape; `fields` are those that its form shows."""

    path: str
    kind: NodeKind
    raw: Json

    @property
    def is_object(self) -> bool:
        """Whether it can have fields at all."""
        return isinstance(self.raw, dict)

    @property
    def type(self) -> str:
        """Its type; empty for what has none."""
        return text_in(self.raw, "type")

    @property
    def key(self) -> str:
        """Its key; empty where there is none."""
        return text_in(self.raw, "key")

    @property
    def digest(self) -> str:
        """Names what it holds by itself, without the parts inside it: what guards an edit of its form."""
        held = {slot.name for slot in self.slots}
        own = (
            {name: value for name, value in self.raw.items() if name not in held}
            if self.is_object
            else self.raw
        )
        return sha256_hex(dumps(own)).removeprefix("sha256:")[:32]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The fields that hold other parts."""
        if not self.is_object:
            return ()
        if self.kind is NodeKind.STEP:
            return _SLOTS_OF_STEPS.get(self.type, ())
        if self.kind is NodeKind.INPUT:
            return _COLUMNS if self.type == "table" else ()
        return _SLOTS.get(self.kind, ())

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields of its form, by name."""
        held = {slot.name for slot in self.slots}
        return {name: field for name, field in self._all_fields().items() if name not in held}

    @property
    def title(self) -> str:
        """What people call it."""
        if not self.is_object:
            return _("Not readable")
        own = text_in(self.raw, "name") or text_in(self.raw, "label") or self.key
        if own or self.kind is NodeKind.STEP:
            return _short(own or step_type_word(self.type)) or _("Step without a type")
        if self.kind is NodeKind.CATCH:
            codes = self.raw.get("errors")
            words = (
                ", ".join(each for each in codes if isinstance(each, str)) if isinstance(codes, list) else ""
            )
            return _("On %(codes)s") % {"codes": _short(encodable(words))} if words else _("On any error")
        return str(KIND_WORDS[self.kind])

    @property
    def type_words(self) -> str:
        """Its type as people read it."""
        if self.kind is NodeKind.STEP:
            return _short(step_type_word(self.type)) if self.type else _("No type")
        if self.kind in (NodeKind.INPUT, NodeKind.COLUMN, NodeKind.OUTPUT):
            return _short(str(VALUE_TYPES.get(self.type, self.type)))
        return ""

    def _all_fields(self) -> Mapping[str, Field]:
        if self.kind is NodeKind.STEP:
            return STEP_FIELDS.get(self.type, LEAF_STEP_FIELDS)
        if self.kind in (NodeKind.INPUT, NodeKind.COLUMN):
            return INPUT_FIELDS.get(self.type, _OF_NO_TYPE)
        return _FIELDS[self.kind]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A list of parts: the field `slot` of the part at `owner`."""

    owner: str
    slot: Slot

    @property
    def path(self) -> str:
        """Where the list stands."""
        return joined(self.owner, self.slot.name)


def node_at(definition: Json, path: str) -> Node:
    """The part at `path`, empty for the workflow itself. Raises `NoSuchPlace`, also for what is no part."""
    node = Node(path="", kind=NodeKind.WORKFLOW, raw=definition)
    parts = list(parts_of(path))
    while parts:
        name = parts.pop(0)
        slot = next((each for each in node.slots if each.name == name), None)
        if slot is None or (not slot.single and not parts):
            raise NoSuchPlace(path)
        steps = (name,) if slot.single else (name, parts.pop(0))
        inner = path_of((*parts_of(node.path), *steps))
        node = Node(path=inner, kind=slot.kind, raw=value_at(definition, inner))
    return node


def place_at(definition: Json, path: str) -> Place:
    """The list of parts at `path`, or the field that may hold one. Raises `NoSuchPlace`."""
    parts = parts_of(path)
    if not parts or not isinstance(parts[-1], str):
        raise NoSuchPlace(path)
    owner = node_at(definition, path_of(parts[:-1]))
    for slot in owner.slots:
        if slot.name == parts[-1]:
            return Place(owner=owner.path, slot=slot)
    raise NoSuchPlace(path)


def inner_nodes(node: Node, slot: Slot) -> Sequence[Node]:
    """The parts in a slot, in order; none where it holds something else."""
    value = node.raw.get(slot.name)
    path = joined(node.path, slot.name)
    if slot.single:
        return [] if value is None else [Node(path=path, kind=slot.kind, raw=value)]
    if not isinstance(value, list):
        return []
    return [Node(path=joined(path, index), kind=slot.kind, raw=raw) for index, raw in enumerate(value)]


def walk(definition: Json) -> Iterator[Node]:
    """Every part, from top to bottom, outer ones before what is inside them."""
    pending = [iter([Node(path="", kind=NodeKind.WORKFLOW, raw=definition)])]
    while pending:
        node = next(pending[-1], None)
        if node is None:
            pending.pop()
            continue
        yield node
        pending.append(iter([inner for slot in node.slots for inner in inner_nodes(node, slot)]))


def text_in(raw: Json, name: str) -> str:
    """The text in a field of an object, as pages can show and forms send it; empty where there is none."""
    value = raw.get(name) if isinstance(raw, dict) else None
    return encodable(value) if isinstance(value, str) else ""


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
