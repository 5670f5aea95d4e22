"""Editors of values that are made of others: names with values, rows of fields, retries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from common.canonical import Json, encodable
from workflows.builder.forms.base import (
    ABSENT,
    Control,
    Editor,
    Maybe,
    Option,
    Posted,
    Row,
    json_text,
    lines_fed,
    plain_text,
)
from workflows.builder.forms.simple import json_of, number_of
from workflows.builder.paths import joined
from workflows.definition.fields import RETRY_WORDS

_BLANK_ROWS = 1
_MOST_ROWS = 100
_MOST_RECORDS = 50
"""What has more is shown as JSON: a form takes a thousand fields, and a page of ten thousand rows helps nobody."""


class Value:
    """Any value: a text that may hold `{{ … }}`, a number, yes or no, nothing, a list or an object."""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """What kind of value, and the value."""
        mode, text = shown(raw)
        options = [
            Option(value=value, label=label, chosen=value == mode) for value, label in _value_modes().items()
        ]
        return Control(
            kind="value", name=name, path=path, text=text, mode=mode, options=options, multiline="\n" in text
        )

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """The value; nothing where it was not there and is empty."""
        if name not in posted:
            return raw
        mode, text = posted.text(f"{name}~mode") or "text", posted.text(name)
        was_mode, was_text = shown(raw)
        if mode == was_mode and text == lines_fed(was_text):
            return raw
        return _read(mode, text)


def _value_modes() -> dict[str, str]:
    return {
        "text": _("Text"),
        "number": _("Number"),
        "boolean": _("Yes or no"),
        "json": _("List or object"),
        "null": _("Empty"),
    }


def shown(raw: Maybe) -> tuple[str, str]:
    """The mode and the text that stand for a value."""
    if raw is ABSENT or isinstance(raw, str):
        return "text", plain_text(raw)
    if raw is None:
        return "null", ""
    if isinstance(raw, bool):
        return "boolean", _("yes") if raw else _("no")
    return ("number" if isinstance(raw, int | float) else "json"), json_text(raw)


def _read(mode: str, text: str) -> Maybe:
    stripped = text.strip()
    if mode == "null":
        return None
    if mode == "boolean":
        words = {_("yes").lower(): True, "true": True, _("no").lower(): False, "false": False, "": False}
        return words.get(stripped.lower(), text)
    if mode == "number":
        return number_of(stripped) if stripped else 0
    if mode == "json":
        return json_of(stripped) if stripped else {}
    return text


@dataclass(frozen=True, kw_only=True)
class Map:
    """An object of names and values. `suggested`: names that it may have, offered as rows."""

    value: Editor = field(default_factory=Value)
    suggested: Sequence[str] = ()
    add_label: str = ""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """A row for each name, and one more; many, or a text or a list that stands there instead, are shown as JSON."""
        if not (raw is ABSENT or raw is None or (isinstance(raw, dict) and len(raw) <= _MOST_ROWS)):
            return Control(kind="json", name=name, path=path, text=plain_text(raw))
        found: Mapping[str, Json] = raw if isinstance(raw, dict) else {}
        rows = [
            self._row(number, name, path, key, value) for number, (key, value) in enumerate(found.items())
        ]
        for key in self.suggested:
            if key not in found:
                rows.append(replace(self._row(len(rows), name, path, key, ABSENT), was="", suggested=True))
        for _number in range(_BLANK_ROWS):
            rows.append(replace(self._row(len(rows), name, path, "", ABSENT), blank=True))
        return Control(
            kind="map", name=name, path=path, rows=rows, add_label=self.add_label or _("Add a value")
        )

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """The object that the rows make."""
        if f"{name}~map" not in posted:
            return _as_json(posted, name, raw)
        former: Mapping[str, Json] = raw if isinstance(raw, dict) else {}
        names = {lines_fed(encodable(key)): key for key in former}
        found: dict[str, Json] = {}
        for number in posted.rows(name):
            row = f"{name}.{number}"
            if posted.text("do") == f"drop:{row}":
                continue
            had, shown_as = f"{row}.was" in posted, posted.text(f"{row}.was")
            was, key = names.get(shown_as, shown_as), posted.text(f"{row}.key")
            if had:
                key = (
                    was if key == shown_as else key.strip() or was
                )  # a name that is being typed anew is not gone
            elif not (key := key.strip()):
                continue
            value = self.value.answer(posted, f"{row}.value", former.get(was, ABSENT) if had else ABSENT)
            if f"{row}.suggested" in posted and (value is ABSENT or value == ""):
                continue
            found[_free(key, found)] = (
                "" if value is ABSENT else value
            )  # whoever named it goes on to its value
        if found == former and list(found) == list(former):
            return raw
        return found

    def _row(self, number: int, name: str, path: str, key: str, value: Maybe) -> Row:
        row = f"{name}.{number}"
        control = self.value.control(value, name=f"{row}.value", path=f"{path}.{key}" if key else f"{path}.*")
        shown_as = encodable(key)
        control.label = _("Value of %(name)s") % {"name": shown_as} if key else _("Value")
        return Row(name=row, key=shown_as, was=shown_as, controls=[control])


def _free(key: str, taken: Mapping[str, Json]) -> str:
    """A name is never given twice: the second gets a number, so that no value is lost."""
    return key if key not in taken else next(k for n in range(2, 2_000) if (k := f"{key}_{n}") not in taken)


def _as_json(posted: Posted, name: str, raw: Maybe) -> Maybe:
    """What a control of JSON holds, where it was touched."""
    if name not in posted or posted.text(name) == lines_fed(plain_text(raw)):
        return raw
    text = posted.text(name).strip()
    return json_of(text) if text else ABSENT


@dataclass(frozen=True, kw_only=True)
class Part:
    """One field of `Records`."""

    name: str
    label: str
    editor: Editor
    help: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Records:
    """A list of objects with the same fields."""

    parts: Sequence[Part]
    add_label: str = ""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """A group for each, and one more; many, and what is no such list, are shown as JSON."""
        if not (raw is ABSENT or raw is None or self._fits(raw)):
            return Control(kind="json", name=name, path=path, text=plain_text(raw))
        items: list[Json] = raw if isinstance(raw, list) else []
        rows = [self._row(number, name, path, item) for number, item in enumerate(items)]
        rows.append(replace(self._row(len(items), name, path, {}), blank=True))
        return Control(
            kind="records", name=name, path=path, rows=rows, add_label=self.add_label or _("Add one more")
        )

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """The list that the groups make; one that was emptied is left out."""
        if f"{name}~records" not in posted:
            return _as_json(posted, name, raw)
        former: list[Json] = raw if isinstance(raw, list) else []
        found = []
        for number in posted.rows(name):
            was = former[number] if number < len(former) else {}
            item = self._item(posted, f"{name}.{number}", was)
            if item and posted.text("do") != f"drop:{name}.{number}":
                found.append(item)
        if found == former:
            return raw
        return found or ABSENT

    def _item(self, posted: Posted, row: str, was: Mapping[str, Json]) -> dict[str, Json]:
        item = {key: value for key, value in was.items() if key not in {part.name for part in self.parts}}
        for part in self.parts:
            value = part.editor.answer(posted, f"{row}.{part.name}", was.get(part.name, ABSENT))
            if value is not ABSENT:
                item[part.name] = value
        return {name: item[name] for name in (*was, *item) if name in item}

    def _row(self, number: int, name: str, path: str, item: Mapping[str, Json]) -> Row:
        row = f"{name}.{number}"
        controls = []
        for part in self.parts:
            control = part.editor.control(
                item.get(part.name, ABSENT),
                name=f"{row}.{part.name}",
                path=joined(joined(path, number), part.name),
            )
            control.label, control.help, control.required = part.label, part.help, part.required
            controls.append(control)
        return Row(name=row, controls=controls)

    def _fits(self, raw: Json) -> bool:
        return (
            isinstance(raw, list)
            and len(raw) <= _MOST_RECORDS
            and all(isinstance(item, dict) for item in raw)
        )


CUSTOM = "custom"
"""The word of a retry that is none: its own numbers."""


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often a step is tried again: a word, or numbers of one's own."""

    parts: Sequence[Part]
    words: Mapping[str, str]

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """The words, and the numbers below them; what is neither is shown as JSON."""
        known = (
            raw is ABSENT
            or raw is None
            or isinstance(raw, dict)
            or (isinstance(raw, str) and raw in RETRY_WORDS)
        )
        if not known:
            return Control(kind="json", name=name, path=path, text=plain_text(raw))
        word = CUSTOM if isinstance(raw, dict) else plain_text(raw)
        options = [
            Option(value=value, label=label, chosen=value == word) for value, label in self.words.items()
        ]
        own: Mapping[str, Json] = raw if isinstance(raw, dict) else {}
        inner = []
        for part in self.parts:
            control = part.editor.control(
                own.get(part.name, ABSENT), name=f"{name}.{part.name}", path=joined(path, part.name)
            )
            control.label, control.help = part.label, part.help
            inner.append(control)
        return Control(kind="retry", name=name, path=path, text=word, options=options, inner=inner)

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """The word, or the object of the numbers."""
        if f"{name}~retry" not in posted:
            return _as_json(posted, name, raw)
        word = posted.text(name)
        if word != CUSTOM:
            return (raw if raw is None else ABSENT) if not word else word if word in RETRY_WORDS else raw
        was: Mapping[str, Json] = raw if isinstance(raw, dict) else {}
        own = dict(was)
        for part in self.parts:
            value = part.editor.answer(posted, f"{name}.{part.name}", was.get(part.name, ABSENT))
            if value is ABSENT:
                own.pop(part.name, None)
            else:
                own[part.name] = value
        return raw if own == raw else own or {"max_attempts": 3}
