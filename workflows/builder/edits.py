"""Changes of a definition, each a function that changes the JSON it is given. What they are told comes from people:
`NoSuchPlace` where the definition has no such place, `EditRefused` where it makes no sense.
"""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

from common.canonical import Json, dumps_in_order, loads
from workflows.builder.nodes import Node, NodeKind, Place, node_at, place_at, text_in, walk
from workflows.builder.paths import NoSuchPlace, joined, outer, parts_of, value_at
from workflows.definition.bounds import MAX_STEPS
from workflows.definition.input_types import COLUMN_TYPES, INPUT_FIELDS
from workflows.definition.step_types import STEP_TYPES

MOST_PARTS = {NodeKind.STEP: MAX_STEPS}
_MOST_OTHERS = 500
_KEYED = frozenset(
    {NodeKind.STEP, NodeKind.INPUT, NodeKind.COLUMN, NodeKind.OUTPUT, NodeKind.BRANCH, NodeKind.LANE}
)
_STEP_KEYS = {"csv.read": "rows", "csv.write": "file", "http.request": "call", "text.render": "text"}


class EditRefused(ValueError):  # noqa: N818 - it says what happened
    """The change makes no sense; the message says why, to people."""


def replace(definition: Json, path: str, raw: Json) -> Json:
    """Put `raw` in place of the part at `path`."""
    parts = parts_of(path)
    if not parts:
        return raw
    value_at(definition, outer(path))[parts[-1]] = raw
    return definition


def add(definition: Json, path: str, raw: Json, *, index: int | None = None) -> str:
    """Put a new part into the list at `path`, at the end or before `index`; its path."""
    place = place_at(definition, path)
    return _put(definition, place, raw, index)


def remove(definition: Json, path: str) -> None:
    """Take the part at `path` away."""
    parts = parts_of(path)
    if not parts:
        raise NoSuchPlace(path)
    del value_at(definition, outer(path))[parts[-1]]


def clear(definition: Json, path: str) -> None:
    """Take away what stands where a list of parts should."""
    place = place_at(definition, path)
    owner = node_at(definition, place.owner)
    owner.raw.pop(place.slot.name, None)


def move(definition: Json, path: str, to: str, index: int | None = None) -> str:
    """Move the part at `path` into the list at `to`, before what has the position `index` there now; its new path."""
    node, place = node_at(definition, path), place_at(definition, to)
    if place.slot.kind is not node.kind or place.slot.single:
        raise EditRefused(_("It does not belong there."))
    if to == path or to.startswith((f"{path}.", f"{path}[")):
        raise EditRefused(_("A step cannot be moved into itself."))
    own = parts_of(path)
    if not own or not isinstance(own[-1], int):
        raise EditRefused(_("It cannot be moved."))
    owner = node_at(definition, place.owner)
    items = owner.raw.get(place.slot.name)
    if items is None:
        items = owner.raw[place.slot.name] = []
    source = value_at(definition, outer(path))
    if not isinstance(items, list):
        raise EditRefused(_("There is something else in that place: take it away first."))
    at = len(items) if index is None else max(0, min(index, len(items)))
    raw = source.pop(own[-1])
    if source is items and own[-1] < at:
        at -= 1
    items.insert(at, raw)
    return next(
        each.path for each in walk(definition) if each.raw is raw
    )  # the move may have shifted its list


def step_up(definition: Json, path: str) -> str:
    """Move a part before the one that stands before it; its new path."""
    return _step(definition, path, -1)


def step_down(definition: Json, path: str) -> str:
    """Move a part behind the one that stands behind it; its new path."""
    return _step(definition, path, 1)


def _step(definition: Json, path: str, by: int) -> str:
    parts = parts_of(path)
    items = value_at(definition, outer(path)) if parts else None
    if not parts or not isinstance(parts[-1], int) or not isinstance(items, list):
        raise EditRefused(_("It cannot be moved."))
    index, other = parts[-1], parts[-1] + by
    if not 0 <= other < len(items):
        return path
    items[index], items[other] = items[other], items[index]
    return joined(outer(path), other)


def duplicate(definition: Json, path: str) -> str:
    """Put a copy of the part behind it, with keys of its own; the copy's path."""
    node = node_at(definition, path)
    parts = parts_of(path)
    if not parts or not isinstance(parts[-1], int):
        raise EditRefused(_("There can be one of these only."))
    copy = loads(dumps_in_order(node.raw))
    taken = taken_keys(definition, node.kind, outer(path))
    renamed: dict[str, str] = {}
    for inner in walk_from(Node(path=path, kind=node.kind, raw=copy)):
        if inner.kind is node.kind and inner.key:
            renamed[inner.key] = inner.raw["key"] = free_key(inner.key, taken)
            taken.add(inner.raw["key"])
    if node.kind is NodeKind.STEP:
        copy = _with_references(copy, renamed)
    if text_in(copy, "name"):
        copy["name"] = _("%(name)s (copy)") % {"name": copy["name"]}
    return _put(definition, place_at(definition, outer(path)), copy, parts[-1] + 1)


def walk_from(node: Node) -> Iterable[Node]:
    """A part and every part inside it."""
    from_here = [node]
    while from_here:
        one = from_here.pop()
        yield one
        for slot in one.slots:
            value = one.raw.get(slot.name)
            members = (
                [value] if slot.single and value is not None else value if isinstance(value, list) else []
            )
            from_here += [Node(path="", kind=slot.kind, raw=raw) for raw in members]


def rename_step(definition: Json, old: str, new: str) -> Json:
    """Let every expression that reads the step `old` read it under its new key."""
    return _with_references(definition, {old: new})


def _with_references(value: Json, renamed: dict[str, str]) -> Json:
    """`value` with `steps.OLD` and `steps["OLD"]` in its texts changed; in plain texts too, where it stands as that."""
    names = "|".join(re.escape(name) for name, other in renamed.items() if name != other)
    if not names:
        return value
    pattern = re.compile(rf"""(?<![\w.])steps(?:\.({names})(?!\w)|\[(["'])({names})\2\])""")

    def put(match: re.Match[str]) -> str:
        return f"steps.{renamed[match[1] or match[3]]}"

    def changed(one: Json) -> Json:
        if isinstance(one, str):
            return pattern.sub(put, one)
        if isinstance(one, list):
            return [changed(each) for each in one]
        return {name: changed(each) for name, each in one.items()} if isinstance(one, dict) else one

    return changed(value)


def new_step(definition: Json, type_: str, *, name: str = "") -> Json:
    """A step of that type with what it must have, and a free key."""
    base = key_of(name) or _STEP_KEYS.get(type_) or key_of(type_.replace(".", "_")) or "step"
    raw: dict[str, Json] = {"key": free_key(base, taken_keys(definition, NodeKind.STEP, "")), "type": type_}
    if name:
        raw["name"] = name
    if type_ == "branch":
        branches = [{"key": "yes", "name": _("Yes"), "when": "", "steps": []}]
        return raw | {"branches": branches, "else": {"steps": []}}
    if type_ == "parallel":
        return raw | {"branches": [{"key": "first", "steps": []}, {"key": "second", "steps": []}]}
    return raw | loads(dumps_in_order(_BLANK.get(type_, {} if type_ in STEP_TYPES else {"config": {}})))


_BLANK: dict[str, dict[str, Json]] = {
    "set": {"values": {}},
    "code": {"source": "", "inputs": {}},
    "delay": {"duration": "1h"},
    "for_each": {"items": "", "as": "item", "steps": []},
    "repeat": {"steps": [], "max_times": 10},
    "try": {"steps": [], "catch": [{"steps": []}]},
    "workflow": {"workflow": "", "inputs": {}},
    "fail": {"message": ""},
    "finish": {"outputs": {}},
}


def new_part(definition: Json, place: Place, type_: str, *, name: str = "") -> Json:
    """A new part for a list. `type_` says which step, input or output. Raises `EditRefused`."""
    kind = place.slot.kind
    if kind is NodeKind.STEP:
        return new_step(definition, type_, name=name)
    if kind is NodeKind.ELSE:
        return {"steps": []}
    if kind is NodeKind.CATCH:
        return {"errors": [], "steps": []}
    taken = taken_keys(definition, kind, place.path)
    key = free_key(key_of(name) or kind.value, taken)
    if kind in (NodeKind.BRANCH, NodeKind.LANE):
        condition = {"when": ""} if kind is NodeKind.BRANCH else {}
        return {"key": key, **({"name": name} if name else {}), **condition, "steps": []}
    allowed = COLUMN_TYPES if kind is NodeKind.COLUMN else tuple(INPUT_FIELDS)
    if type_ not in allowed:
        raise EditRefused(_("Choose one of the types of values."))
    raw: dict[str, Json] = {"key": key, **({"label": name} if name else {}), "type": type_}
    if kind is NodeKind.OUTPUT:
        return raw | {"value": ""}
    if type_ in ("choice", "multiple_choice"):
        raw["choices"] = []
    if type_ == "table":
        raw["columns"] = []
    return raw


def taken_keys(definition: Json, kind: NodeKind, list_path: str) -> set[str]:
    """The keys that a new part cannot have: of steps those of the whole definition, else those of its list."""
    if kind is NodeKind.STEP:
        return {node.key for node in walk(definition) if node.kind is kind and node.key}
    if kind not in _KEYED:
        return set()
    try:
        items = value_at(definition, list_path)
    except NoSuchPlace:
        return set()
    return {text_in(each, "key") for each in items} if isinstance(items, list) else set()


def free_key(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with the first number that makes it a key that nobody has."""
    if wanted not in taken:
        return wanted
    base = re.sub(r"_[0-9]+$", "", wanted)[:55]
    return next(key for number in range(2, len(taken) + 3) if (key := f"{base}_{number}") not in taken)


def key_of(name: str) -> str:
    """A key made of a name: `Check every row` is `check_every_row`. Empty where it has no letters for one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:40].rstrip("_")


def _put(definition: Json, place: Place, raw: Json, index: int | None) -> str:
    owner = node_at(definition, place.owner)
    if place.slot.single:
        if owner.raw.get(place.slot.name) is not None:
            raise EditRefused(_("There is one already."))
        owner.raw[place.slot.name] = raw
        return place.path
    items = owner.raw.get(place.slot.name)
    if items is None:
        items = owner.raw[place.slot.name] = []
    if not isinstance(items, list):
        raise EditRefused(_("There is something else in that place: take it away first."))
    if len(items) >= MOST_PARTS.get(place.slot.kind, _MOST_OTHERS):
        raise EditRefused(_("There are as many as there can be."))
    at = len(items) if index is None else max(0, min(index, len(items)))
    items.insert(at, raw)
    return joined(place.path, at)
