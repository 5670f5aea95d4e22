"""What can be inserted into an expression: each value with its path, and the values inside it as far as known."""

import keyword
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.canonical import Json, dumps
from workflows.definition.shapes import ALL_TYPES, FILE, Shape, types_of

MAX_LEVELS = 3
"""How deep the values inside a value are listed."""
MAX_MEMBERS = 40
"""How many of them on one level."""
_LONGEST_NAME = 100
_LONGEST_VALUE = 60
_NAMED = 6
_TYPE_WORDS: Mapping[str, Promise] = {
    "boolean": gettext_lazy("Yes or no"),
    "integer": gettext_lazy("Whole number"),
    "number": gettext_lazy("Number"),
    "string": gettext_lazy("Text"),
    "array": gettext_lazy("List"),
    "object": gettext_lazy("Object"),
}

Part = str | int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something to insert: `text` is the expression, `type` a word for what it gives (empty: anything), `level` how
    deep it is inside another. `source` says where a preview has its value: `inputs` and the way in them, or `steps`,
    the key and the way in the output; empty where there is none to show. `open`: what is in it is not known
    beforehand.
    """

    text: str
    label: str
    type: str = ""
    note: str = ""
    level: int = 0
    source: tuple[Part, ...] = ()
    value: str = ""
    open: bool = False
    soft: bool = False
    """It may be null, so what is in it is asked for softly."""
    shape: Shape = field(default_factory=dict)
    """What is known of its value beforehand."""
    name: str = ""
    """What a value made of it is called, where its text does not say."""


def member(whole: str, name: str, *, soft: bool = False) -> str:
    """The expression of a member: with a dot where a dot reaches it. `soft` gives null where it is not there."""
    quoted = dumps(name)
    if soft:
        return f"{whole}.get({quoted})"
    plain = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    if plain and unicodedata.normalize("NFKC", name) == name:
        return f"{whole}.{name}"
    return f"{whole}[{quoted}]"


def entry_of(
    shape: Shape,
    *,
    text: str,
    label: str,
    source: tuple[Part, ...] = (),
    note: str = "",
    level: int = 0,
    soft: bool = False,
) -> Entry:
    """A value of that shape by itself."""
    return Entry(
        text=text,
        label=label,
        type=type_word(shape),
        note=_joined(note, _inner_note(shape)),
        level=level,
        source=source,
        open=_is_open(shape),
        soft=soft,
        shape=shape,
    )


def entries_of(
    shape: Shape, *, text: str, label: str, source: tuple[Part, ...] = (), note: str = ""
) -> list[Entry]:
    """A value of that shape, and what is inside it."""
    first = entry_of(shape, text=text, label=label, source=source, note=note)
    return [first, *members_of(shape, text=text, source=source, level=1)]


def members_of(
    shape: Shape, *, text: str, source: tuple[Part, ...], level: int = 0, soft: bool = False
) -> list[Entry]:
    """What is inside a value of that shape, itself left out."""
    found: list[Entry] = []
    if level > MAX_LEVELS:
        return found
    for name, inner in _properties(shape):
        path = member(text, name, soft=soft)
        way = (*source, name) if source else ()
        found.append(entry_of(inner, text=path, label=name, source=way, level=level, soft=soft))
        found += members_of(inner, text=path, source=way, level=level + 1, soft=soft)
    return found


def type_word(shape: Shape) -> str:
    """What a value of the shape is, in a word; empty where it can be anything."""
    if shape.get("properties") == FILE["properties"]:
        return _("File")
    types = types_of(shape)
    if types == ALL_TYPES:
        return ""
    shown = types - {"null"} - ({"integer"} if "number" in types else set())
    return _(" or ").join(str(word) for name, word in _TYPE_WORDS.items() if name in shown)


def with_value(entry: Entry, value: Json) -> Iterator[Entry]:
    """The entry with its value beside it, and what the value holds where that was not known."""
    yield replace(entry, value=shown(value), type=entry.type or type_word(_shape_of(value)))
    yield from _reckoned(entry, value)
    if not entry.open or entry.level >= MAX_LEVELS or not isinstance(value, dict):
        return
    for name in list(value)[:MAX_MEMBERS]:
        if len(name) <= _LONGEST_NAME:
            inner = Entry(
                text=member(entry.text, name, soft=entry.soft),
                label=name,
                level=entry.level + 1,
                source=(*entry.source, name),
                open=True,
                soft=entry.soft,
            )
            yield from with_value(inner, value[name])


def _reckoned(entry: Entry, value: Json) -> Iterator[Entry]:
    """What people reckon out of a list of rows: how many there are, and the sums of its numbers."""
    if entry.soft or not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return
    yield Entry(
        text=f"len({entry.text})",
        label=_("how many there are"),
        name="count",
        type=str(_TYPE_WORDS["integer"]),
        level=entry.level + 1,
        value=shown(len(value)),
    )
    for name in list(value[0])[:MAX_MEMBERS]:
        numbers: list[Json] = [row.get(name) if isinstance(row, dict) else None for row in value]
        if len(name) > _LONGEST_NAME or not all(_is_number(number) for number in numbers):
            continue
        yield Entry(
            text=f"round(sum({member('each', name)} for each in {entry.text}), 2)",
            label=_("sum of %(name)s, to two places") % {"name": name},
            name="sum",
            type=str(_TYPE_WORDS["number"]),
            level=entry.level + 1,
            value=shown(round(sum(numbers), 2)),
        )


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def value_at(
    source: Sequence[Part], outputs: Mapping[str, Json], inputs: Mapping[str, Json]
) -> tuple[bool, Json]:
    """(True, the value) at that place of a preview; (False, None) where it has none."""
    found: Json = inputs if source[:1] == ("inputs",) else outputs
    for part in source[1:]:
        in_list = isinstance(found, list) and isinstance(part, int) and -len(found) <= part < len(found)
        if not in_list and not (isinstance(found, dict) and part in found):
            return False, None
        found = found[part]
    return len(source) > 1, found


def shown(value: Json) -> str:
    """A value in a few words."""
    if isinstance(value, list):
        return ngettext("%(count)d item", "%(count)d items", len(value)) % {"count": len(value)}
    if isinstance(value, dict):
        return ngettext("%(count)d field", "%(count)d fields", len(value)) % {"count": len(value)}
    if value is None:
        return _("empty")
    text = dumps(value[: _LONGEST_VALUE + 1] if isinstance(value, str) else value)
    return Truncator(text).chars(_LONGEST_VALUE)


def _properties(shape: Shape) -> list[tuple[str, Shape]]:
    properties = shape.get("properties")
    if not isinstance(properties, dict) or "object" not in types_of(shape):
        return []
    named = [(name, inner) for name, inner in properties.items() if len(name) <= _LONGEST_NAME]
    return [(name, inner if isinstance(inner, dict) else {}) for name, inner in named[:MAX_MEMBERS]]


def _is_open(shape: Shape) -> bool:
    return "object" in types_of(shape) and not _properties(shape)


def _inner_note(shape: Shape) -> str:
    """What each item of a list has."""
    items = shape.get("items")
    names = [name for name, _inner in _properties(items)] if isinstance(items, dict) else []
    if not names or "array" not in types_of(shape):
        return ""
    more = ", …" if len(names) > _NAMED else ""
    return _("each has %(names)s") % {"names": ", ".join(names[:_NAMED]) + more}


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _shape_of(value: Json) -> Shape:
    kinds: dict[type, str] = {
        bool: "boolean",
        int: "number",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return {"type": kinds[type(value)]} if type(value) in kinds else {}
