"""The controls of the form, as templates show them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from django.utils.translation import gettext as _

from common.canonical import Json
from common.errors import FieldError
from jobs.forms.answers import FIELD, Answers
from jobs.forms.rules import TEMPORAL, attributes_of, rules_of
from jobs.forms.tables import title as column_title
from jobs.storage import FileValue
from workflows.definition.model import Definition, Input
from workflows.definition.value_files import bytes_text
from workflows.definition.wording import capital

FEW = 5
"""As many choices are shown as radio buttons; more are a list to choose from."""

_LINES = {"number": "decimal", "integer": "numeric", "duration": "text", "email": "email", "url": "url"}
_KINDS = {
    "file": "files",
    "files": "files",
    "table": "table",
    "multiple_choice": "boxes",
    "object": "area",
    "list": "area",
}
_INPUT_TYPES = {"date": "date", "time": "time", "datetime": "datetime-local", "email": "email", "url": "url"}
TEMPORAL_INPUTS = frozenset({"date", "time", "datetime-local"})


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of the choices of a field."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class ChosenFile:
    """A file that the form holds; without a `value` the workspace does not have it."""

    id: str
    value: FileValue | None

    @property
    def size(self) -> str:
        """`10 MiB`."""
        return bytes_text(self.value.bytes) if self.value else ""


@dataclass(frozen=True, kw_only=True)
class Control:
    """One input. `kind` is the control: line, area, secret, check, radio, select, boxes, files, table."""

    key: str
    kind: str
    label: str
    required: bool
    """Whether it must be filled in; with a default it need not be."""
    optional: bool
    help: str
    rules: str
    errors: list[str]
    text: str = ""
    input_type: str = "text"
    attributes: dict[str, str] = field(default_factory=dict)
    options: list[Option] = field(default_factory=list)
    files: list[ChosenFile] = field(default_factory=list)
    several: bool = False
    code: bool = False
    kept: str = ""
    grid: Json = None
    """Of a table: its columns and its errors by cell, for the script."""
    hidden: bool = False

    @property
    def short(self) -> bool:
        """Whether its values take a few characters: numbers and times."""
        return (
            self.attributes.get("inputmode") in ("decimal", "numeric", "text")
            or self.input_type in TEMPORAL_INPUTS
        )

    @property
    def id(self) -> str:
        """Also its name in the form."""
        return FIELD + self.key

    @property
    def grid_id(self) -> str:
        """The id of what the script of the grid reads."""
        return f"{self.id}-grid"

    @property
    def column_names(self) -> str:
        """The columns of a table, in order."""
        return ", ".join(each["label"] for each in self.grid["columns"]) if self.grid else ""

    @property
    def grouped(self) -> bool:
        """Whether it is several controls under one name."""
        return self.kind in ("radio", "boxes", "files", "table")

    @property
    def described_by(self) -> str:
        """The ids of what says more about it."""
        parts = [("help", self.help), ("rules", self.rules), ("error", self.errors)]
        return " ".join(f"{self.id}-{name}" for name, there in parts if there)


@dataclass(frozen=True, kw_only=True)
class Section:
    """Controls under one heading; without a title, those that name none."""

    title: str
    controls: list[Control]

    @property
    def hidden(self) -> bool:
        """Whether none of its controls is shown."""
        return all(control.hidden for control in self.controls)


def sections_of(
    definition: Definition,
    answers: Answers,
    *,
    errors: Sequence[FieldError],
    hidden: Collection[str],
    files: Mapping[str, FileValue],
    zone: tzinfo,
    today: date,
) -> list[Section]:
    """The whole form in the order of the inputs; those of one section stand together where its first one stands."""
    by_key: dict[str, list[FieldError]] = defaultdict(list)
    for error in errors:
        by_key[key_of(error.path)].append(error)
    sections: list[Section] = []
    titled: dict[str, Section] = {}
    for one in definition.inputs:
        made = _control(
            one, answers, by_key[one.key], files, hidden=one.key in hidden, zone=zone, today=today
        )
        section = titled.get(one.section) if one.section else sections[-1] if sections else None
        if section is None or section.title != one.section:
            section = Section(title=one.section, controls=[])
            sections.append(section)
            titled[one.section] = section
        section.controls.append(made)
    return sections


def key_of(path: str) -> str:
    """The key of the input that an error is about; empty for another path."""
    head, _dot, rest = path.partition(".")
    return rest.partition(".")[0].partition("[")[0] if head == "inputs" else ""


def sentence(one: Input, error: FieldError) -> str:
    """An error as people read it at its field; of a table with row and column."""
    where = error.path.removeprefix(f"inputs.{one.key}")
    if not where:
        return capital(error.message)
    row, column = cell_of(where)
    if one.type == "table" and row is not None:
        titles = {each.key: column_title(each) for each in one.columns}
        named = f", {titles.get(column, column)}" if column else ""
        return _("Row %(row)s") % {"row": row + 1} + f"{named}: {error.message}"
    if one.type in ("files", "multiple_choice"):
        return capital(error.message)
    return f"{where.removeprefix('.')}: {error.message}"


def cell_of(where: str) -> tuple[int | None, str]:
    """Row and column of a path in a table, `[2].amount`."""
    index, _bracket, rest = where.removeprefix("[").partition("]")
    if not where.startswith("[") or not index.isdigit():
        return None, ""
    return int(index), rest.removeprefix(".").partition(".")[0].partition("[")[0]


def _control(
    one: Input,
    answers: Answers,
    errors: Sequence[FieldError],
    files: Mapping[str, FileValue],
    *,
    hidden: bool,
    zone: tzinfo,
    today: date,
) -> Control:
    typed = answers.typed.get(one.key, [])
    text = typed[-1] if typed else ""
    kind = _kind(one, text)
    return Control(
        key=one.key,
        kind=kind,
        label=one.label or one.key,
        required=one.required and one.default is None,
        optional=not one.required,
        help=one.help,
        rules=" · ".join(rules_of(one, zone=zone, today=today)),
        errors=list(dict.fromkeys(sentence(one, error) for error in errors))[:20],
        text=text,
        input_type=_INPUT_TYPES.get(one.type, "text"),
        attributes=_attributes(one, zone, today),
        options=_options(one, typed, kind),
        files=[ChosenFile(id=each, value=files.get(each)) for each in typed] if kind == "files" else [],
        several=one.type == "files",
        code=one.type in ("object", "list"),
        kept=answers.kept.get(one.key, ""),
        grid=_grid(one, errors) if kind == "table" else None,
        hidden=hidden,
    )


def _kind(one: Input, text: str) -> str:
    limits = one.constraints
    if one.type == "boolean":
        return "radio" if one.default is None else "check"
    if one.type == "choice":
        return "radio" if len(limits.get("choices", ())) <= FEW else "select"
    if one.type in _KINDS:
        return _KINDS[one.type]
    return "secret" if one.secret else "area" if limits.get("multiline") or "\n" in text else "line"


def _attributes(one: Input, zone: tzinfo, today: date) -> dict[str, str]:
    found = attributes_of(one, zone=zone, today=today)
    if one.type in _LINES:
        found["inputmode"] = _LINES[one.type]
    if one.type in TEMPORAL:
        found["autocomplete"] = "off"
    return found


def _options(one: Input, typed: Sequence[str], kind: str) -> list[Option]:
    if kind == "check" or one.type not in ("boolean", "choice", "multiple_choice"):
        return [Option(value="true", label="", chosen="true" in typed)] if kind == "check" else []
    if one.type == "boolean":
        pairs = [("true", _("Yes")), ("false", _("No"))]
    else:
        pairs = [
            (each["value"], each.get("label") or each["value"]) if isinstance(each, dict) else (each, each)
            for each in one.constraints.get("choices", ())
        ]
    found = [Option(value=value, label=label, chosen=value in typed) for value, label in pairs]
    if kind == "radio" and not one.required and one.default is None:
        found.append(Option(value="", label=_("Not given"), chosen=not any(each.chosen for each in found)))
    return found


def _grid(one: Input, errors: Sequence[FieldError]) -> Json:
    """The columns with their types and choices, and the errors by row (from 0) and column."""
    columns = [
        {
            "key": each.key,
            "label": column_title(each),
            "type": each.type,
            "required": each.required and each.default is None,
            "choices": [
                [c["value"], c.get("label") or c["value"]] if isinstance(c, dict) else [c, c]
                for c in each.constraints.get("choices", ())
            ],
        }
        for each in one.columns
    ]
    cells = []
    for error in errors:
        row, column = cell_of(error.path.removeprefix(f"inputs.{one.key}"))
        if row is not None:
            cells.append([row, column, capital(error.message)])
    return {"columns": columns, "errors": cells}
