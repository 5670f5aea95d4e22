"""Which editor each field of a definition has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from common.canonical import Json
from workflows.builder.forms import words
from workflows.builder.forms.base import Editor
from workflows.builder.forms.composed import Map, Part, Retry, Value
from workflows.builder.forms.simple import (
    Area,
    Choice,
    Code,
    Duration,
    Expression,
    JsonText,
    Line,
    Number,
    Template,
    Words,
    number_of,
)
from workflows.definition.fields import RETRY_FIELDS, Field, Kind

_CONDITIONS = frozenset({"when", "until", "show_when"})


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a form knows beyond its fields: the workflows that can be called, by slug, and the names that an object of
    values may have.
    """

    workflows: Sequence[tuple[str, str]] = ()
    suggested: Mapping[str, Sequence[str]] = field(default_factory=dict)
    value_type: str = ""
    """The type of the input whose default is edited."""


def editor_of(one: Field, known: Known) -> Editor:
    """How the field is edited."""
    make = _MAKE.get(one.kind)
    return make(one, known) if make else Line()


def _choice(one: Field, _known: Known) -> Editor:
    options = [(value, words.choice_word(one.name, value)) for value in one.choices]
    first = words.choice_word(one.name, str(one.default)) if one.default is not None else str(words.NOT_SET)
    return Choice(values=options, nothing=_("%(word)s (usual)") % {"word": first} if one.default else first)


def _boolean(one: Field, _known: Known) -> Editor:
    if one.default is None:
        nothing = _("As the kind of step does it") if one.name == "idempotent" else str(words.NOT_SET)
    else:
        nothing = _("%(word)s (usual)") % {"word": words.YES if one.default else words.NO}
    return Choice(values=[(True, str(words.YES)), (False, str(words.NO))], nothing=nothing)


def _slug(one: Field, known: Known) -> Editor:
    if one.name != "workflow":
        return Line()
    return Choice(values=list(known.workflows), nothing=_("Choose a workflow"))


def _map(one: Field, known: Known) -> Editor:
    return Map(suggested=known.suggested.get(one.name, ()))


def _retry(_field: Field, _known: Known) -> Editor:
    parts = [
        Part(
            name=name,
            label=words.label_of(name, "retry"),
            help=one.help,
            editor=editor_of(one, Known()),
        )
        for name, one in RETRY_FIELDS.items()
    ]
    return Retry(parts=parts, words={value: str(word) for value, word in words.RETRIES.items()})


def _choices(_field: Field, _known: Known) -> Editor:
    return Words(member=_read_choice, show=_show_choice, empty=[])


def _read_choice(line: str) -> Json:
    value, bar, label = (part.strip() for part in line.partition("|"))
    return {"value": value, "label": label} if bar and label else value


def _show_choice(raw: Json) -> str | None:
    if isinstance(raw, str):
        return None if "|" in raw else raw
    if not (isinstance(raw, dict) and set(raw) <= {"value", "label"}):
        return None
    value, label = raw.get("value"), raw.get("label")
    if not (isinstance(value, str) and isinstance(label, str) and label.strip()) or "|" in value:
        return None
    return f"{value} | {label}"


def _status(text: str) -> Json:
    return number_of(text)


def _shown_status(raw: Json) -> str | None:
    return str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else None


def _constant(_field: Field, known: Known) -> Editor:
    type_ = known.value_type
    if type_ in ("number", "integer"):
        return Number()
    if type_ == "boolean":
        return Choice(values=[(True, str(words.YES)), (False, str(words.NO))], nothing=_("Nothing"))
    if type_ in ("text", "email", "url", "date", "time", "datetime", "choice"):
        return Line()
    if type_ == "duration":
        return Duration()
    return Words() if type_ == "multiple_choice" else JsonText()


_MAKE: Mapping[Kind, Callable[[Field, Known], Editor]] = {
    Kind.TEXT: lambda _one, _known: Area(),
    Kind.SOURCE: lambda _one, _known: Code(language="python"),
    Kind.KEY: lambda _one, _known: Line(attributes={"autocapitalize": "none", "spellcheck": "false"}),
    Kind.SLUG: _slug,
    Kind.EXPRESSION: lambda one, _known: Expression(condition=one.name in _CONDITIONS),
    Kind.VALUE: lambda _one, _known: Value(),
    Kind.TEXT_VALUE: lambda one, _known: Template(multiline=one.name == "message"),
    Kind.MAP_VALUE: _map,
    Kind.DURATION: lambda _one, _known: Duration(),
    Kind.DURATION_VALUE: lambda _one, _known: Duration(),
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: lambda _one, _known: Number(),
    Kind.NUMBER: lambda _one, _known: Number(),
    Kind.CHOICE: _choice,
    Kind.CONSTANT: _constant,
    Kind.CODES: lambda _one, _known: Words(),
    Kind.STATUSES: lambda _one, _known: Words(member=_status, show=_shown_status),
    Kind.RETRY: _retry,
    Kind.CHOICES: _choices,
    Kind.LINES: lambda _one, _known: Words(),
    Kind.SCHEMA: lambda _one, _known: JsonText(),
}
"""By the kind of field; a line of text where none is named."""
