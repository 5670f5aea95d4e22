"""What editors share: the control that is shown, the form that comes back, and texts that stand for values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from django.http import QueryDict

from common.canonical import Json, NotJson, dumps, encodable
from workflows.definition.problems import DefinitionProblem


class Absent:
    """The mark of a field that is not there."""


ABSENT: Final = Absent()
Maybe = Json | Absent
MOST_ROWS = 1_000
"""Rows of a control that are read."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of the choices of a control."""

    value: str
    label: str
    chosen: bool = False


@dataclass(kw_only=True)
class Control:
    """One field of a form. `kind` says which: `line`, `area`, `code`, `choice`, `expression`, `template`, `value`,
    `map`, `records`, `retry`, `json`. `path` is where its value stands in the definition.
    """

    kind: str
    name: str
    path: str
    label: str = ""
    help: str = ""
    example: str = ""
    required: bool = False
    text: str = ""
    mode: str = ""
    """Of a `value`: what its text is; of a `choice`: the expression beside it."""
    options: Sequence[Option] = ()
    rows: "Sequence[Row]" = ()
    inner: "Sequence[Control]" = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    multiline: bool = False
    condition: bool = False
    """Of an expression: it answers yes or no."""
    language: str = ""
    """Of code: `python`, `yaml` or `json`."""
    problems: list[DefinitionProblem] = field(default_factory=list)
    add_label: str = ""

    @property
    def id(self) -> str:
        """Its id on the page."""
        return self.name.replace(".", "-").replace("~", "--")

    @property
    def described_by(self) -> str:
        """The ids of what says more about it."""
        parts = [("help", self.help or self.example), ("problems", self.problems)]
        return " ".join(f"{self.id}-{name}" for name, there in parts if there)

    @property
    def filled(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.text or self.mode or any(not row.blank for row in self.rows)) or any(
            inner.filled for inner in self.inner
        )

    def all(self) -> "Iterable[Control]":
        """It and every control inside it."""
        yield self
        for inner in (*self.inner, *(each for row in self.rows for each in row.controls)):
            yield from inner.all()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a `map` (its name and its value) or of `records`. `blank`: one more, to be filled in."""

    name: str
    key: str = ""
    was: str = ""
    blank: bool = False
    suggested: bool = False
    controls: Sequence[Control] = ()


class Posted:
    """A form that came back. Line breaks are line feeds, as in definitions."""

    def __init__(self, form: QueryDict) -> None:
        self._form = form

    def __contains__(self, name: str) -> bool:
        return name in self._form

    def text(self, name: str) -> str:
        """What stands in a field; empty where it was not sent."""
        return lines_fed(self._form.get(name) or "")

    @property
    def form(self) -> QueryDict:
        """As it was sent."""
        return self._form

    def rows(self, name: str) -> list[int]:
        """The numbers of the rows below `name`, as `name.3.key` has them."""
        prefix = f"{name}."
        numbers = {
            int(number)
            for each in self._form
            if each.startswith(prefix)
            and (number := each[len(prefix) :].partition(".")[0]).isdigit()
            and number.isascii()
            and len(number) < 6
        }
        return sorted(numbers)[:MOST_ROWS]


class Editor(Protocol):
    """How values of one kind are edited."""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """The control that shows `raw`; `name` is its own in the form."""
        ...

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """The value that was sent; `raw` where it was not touched."""
        ...


class TextLike:
    """An editor whose control holds one text."""

    def shown(self, raw: Maybe) -> str:
        """The text that stands for a value."""
        return plain_text(raw)

    def read(self, text: str) -> Maybe:
        """The value that a text stands for."""
        return text if text else ABSENT

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """The value of the text that was sent."""
        if name not in posted:
            return raw
        text = posted.text(name)
        return raw if text == lines_fed(self.shown(raw)) else self.read(text)


def lines_fed(text: str) -> str:
    """With line feeds alone; a browser sends pairs."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain_text(raw: Maybe) -> str:
    """A text as it is (half a character as its code), nothing as an empty one, anything else as JSON."""
    if raw is ABSENT or raw is None:
        return ""
    return encodable(raw) if isinstance(raw, str) else json_text(raw)


def json_text(raw: Json) -> str:
    """JSON on one line where it is short, else indented."""
    try:
        text = dumps(raw)
    except NotJson:
        return str(raw)
    if len(text) <= 60:
        return text
    return _indented(raw)


def _indented(raw: Json) -> str:
    return encodable(json.dumps(raw, ensure_ascii=False, indent=2))
