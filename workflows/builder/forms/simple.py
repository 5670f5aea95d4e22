"""Editors of one value: texts, numbers, durations, choices, lists of words, JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from common.api.bodies import loads_strictly
from common.canonical import Json, dumps, encodable
from common.errors import Problem
from workflows.builder import conditions
from workflows.builder.forms.base import (
    ABSENT,
    Control,
    Maybe,
    Option,
    Posted,
    TextLike,
    json_text,
    lines_fed,
    plain_text,
)

EXPRESSION = "~"
"""The option of a choice that says: an expression."""


@dataclass(frozen=True, kw_only=True)
class Line(TextLike):
    """A text of one line."""

    attributes: Mapping[str, str] = field(default_factory=dict)

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """An input; an area where what is there has several lines."""
        text = self.shown(raw)
        kind = "area" if "\n" in text else "line"
        return Control(kind=kind, name=name, path=path, text=text, attributes=self.attributes)


@dataclass(frozen=True, kw_only=True)
class Area(TextLike):
    """A text of several lines."""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """An area."""
        return Control(kind="area", name=name, path=path, text=self.shown(raw), multiline=True)


@dataclass(frozen=True, kw_only=True)
class Code(TextLike):
    """A program."""

    language: str

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """An area for code."""
        return Control(kind="code", name=name, path=path, text=self.shown(raw), language=self.language)


@dataclass(frozen=True, kw_only=True)
class Template(TextLike):
    """A text that may hold `{{ … }}`. `only`: usually one expression and nothing else."""

    multiline: bool = False

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """A text with the picker."""
        text = self.shown(raw)
        return Control(
            kind="template", name=name, path=path, text=text, multiline=self.multiline or "\n" in text
        )


class Number(TextLike):
    """A number, or a template; what is neither stays a text."""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """A short input."""
        return Control(
            kind="line", name=name, path=path, text=self.shown(raw), attributes={"inputmode": "decimal"}
        )

    def read(self, text: str) -> Maybe:
        """A number, where it is one."""
        return number_of(text.strip()) if text.strip() else ABSENT


class Duration(TextLike):
    """`90s`, `15m`, `2h`, `3d`, or a number of seconds."""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """A short input."""
        return Control(kind="line", name=name, path=path, text=self.shown(raw))

    def read(self, text: str) -> Maybe:
        """Without spaces; a bare number is one of seconds."""
        stripped = text.strip()
        return (
            number_of(stripped.replace(" ", "") if "{" not in stripped else stripped) if stripped else ABSENT
        )


@dataclass(frozen=True, kw_only=True)
class Expression(TextLike):
    """An expression. `condition`: one that answers yes or no, which can be put together from rows."""

    condition: bool = False
    multiline: bool = False

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """The expression, and its rows where it can be read as rows."""
        return Control(
            kind="expression",
            name=name,
            path=path,
            text=self.shown(raw),
            condition=self.condition,
            multiline=self.multiline,
        )

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """What the rows say, where these were used; else the text."""
        built = conditions.posted(posted.form, name) if self.condition else None
        if built is None:
            return super().answer(posted, name, raw)
        return raw if built == self.shown(raw) else self.read(built)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a few values, or none. `nothing`: what it is called that none is chosen. With `expression` a template may
    stand there instead.
    """

    values: Sequence[tuple[Json, str]]
    nothing: str
    expression: bool = False

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """A list to choose from; a value that is none of them is one more."""
        known = [dumps(value) for value, _label in self.values]
        current = "" if raw is ABSENT or raw is None or raw == "" else dumps(raw)
        is_template = self.expression and isinstance(raw, str) and "{{" in raw
        options = [Option(value="", label=self.nothing, chosen=not current)]
        options += [
            Option(value=value, label=label, chosen=value == current)
            for value, (_value, label) in zip(known, self.values, strict=True)
        ]
        if self.expression:
            options.append(Option(value=EXPRESSION, label=_("An expression"), chosen=is_template))
        if current and current not in known and not is_template:
            options.append(Option(value=current, label=json_text(raw)[:80], chosen=True))
        return Control(
            kind="choice",
            name=name,
            path=path,
            options=options,
            text="" if is_template else current,
            mode=plain_text(raw) if is_template else "",
            condition=self.expression,
        )

    def answer(self, posted: Posted, name: str, raw: Maybe) -> Maybe:
        """The value that was chosen."""
        if name not in posted:
            return raw
        text = posted.text(name)
        if text == EXPRESSION and self.expression:
            expression = posted.text(f"{name}~expression").strip()
            return expression or ABSENT
        if not text:
            return raw if raw is None or raw == "" else ABSENT
        for value, _label in self.values:
            if dumps(value) == text:
                return raw if raw is not ABSENT and dumps(raw) == text else value
        return raw


@dataclass(frozen=True, kw_only=True)
class Words(TextLike):
    """A list, one member on each line. `member` reads one. A template may stand for the whole list."""

    member: Callable[[str], Json] = str
    show: Callable[[Json], str | None] = lambda raw: raw if isinstance(raw, str) else None
    empty: Maybe = ABSENT
    """What no line at all stands for."""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """An area; JSON where a member cannot be shown on a line."""
        return Control(kind="area", name=name, path=path, text=self.shown(raw), multiline=True)

    def shown(self, raw: Maybe) -> str:
        """A member on each line."""
        if not isinstance(raw, list):
            return super().shown(raw)
        lines = [self.show(member) for member in raw]
        if any(line is None or "\n" in line or line != line.strip() or not line for line in lines):
            return json_text(raw)
        return encodable("\n".join(str(line) for line in lines))

    def read(self, text: str) -> Maybe:
        """The members; a list in JSON as it is, a lone template as the text that it is."""
        stripped = text.strip()
        if stripped.startswith("{{") and stripped.endswith("}}") and "\n" not in stripped:
            return stripped
        if stripped.startswith(("[", "{")) and isinstance(found := json_of(stripped), list):
            return found
        return [self.member(line.strip()) for line in stripped.split("\n") if line.strip()] or self.empty


class JsonText(TextLike):
    """Any JSON, as its text."""

    def control(self, raw: Maybe, *, name: str, path: str) -> Control:
        """An area."""
        return Control(kind="json", name=name, path=path, text=self.shown(raw), language="json")

    def shown(self, raw: Maybe) -> str:
        """JSON; a text in quotes."""
        return "" if raw is ABSENT else json_text(raw)

    def read(self, text: str) -> Maybe:
        """The JSON; what is none stays the text that it is."""
        return json_of(text) if text.strip() else ABSENT


def number_of(text: str) -> Json:
    """The number that a text is; else the text."""
    found = json_of(text.replace(",", ".", 1) if text.count(",") == 1 and "." not in text else text)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else text


def json_of(text: str) -> Json:
    """The JSON that a text is; else the text."""
    try:
        return loads_strictly(lines_fed(text))
    except Problem:
        return text
