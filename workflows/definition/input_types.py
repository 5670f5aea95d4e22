"""The types of inputs, and the fields that constrain each."""

from collections.abc import Mapping

from workflows.definition.fields import Field, Kind, table

INPUT_HEAD = (
    Field(name="key", kind=Kind.KEY, required=True, help="Names the input in expressions; unique."),
    Field(name="label", kind=Kind.LINE, maximum=200, help="What people see in the form."),
    Field(name="help", kind=Kind.TEXT, maximum=2000, help="A hint under the field."),
    Field(name="section", kind=Kind.LINE, maximum=200, help="The heading under which the form shows it."),
    Field(name="type", kind=Kind.TYPE, required=True, help="What kind of value it is."),
    Field(name="required", kind=Kind.BOOLEAN, default=True, help="Whether it must be filled in."),
    Field(name="default", kind=Kind.CONSTANT, help="Its value when none is given."),
    Field(name="show_when", kind=Kind.EXPRESSION, help="It is asked for only when this is true."),
)

_NUMBER_BOUNDS = (
    Field(name="minimum", kind=Kind.NUMBER, help="The least value."),
    Field(name="maximum", kind=Kind.NUMBER, help="The greatest value."),
)
_TIME_BOUNDS = (
    Field(name="minimum", kind=Kind.BOUND, help="The earliest: a value, `today` or `today+30d`."),
    Field(name="maximum", kind=Kind.BOUND, help="The latest: a value, `today` or `today+30d`."),
)
_DURATION_BOUNDS = (
    Field(name="minimum", kind=Kind.DURATION, help="The shortest."),
    Field(name="maximum", kind=Kind.DURATION, help="The longest."),
)
_ITEMS = (
    Field(name="min_items", kind=Kind.INTEGER, minimum=0, maximum=100_000, help="The fewest."),
    Field(name="max_items", kind=Kind.INTEGER, minimum=0, maximum=100_000, help="The most."),
)
_CHOICES = Field(name="choices", kind=Kind.CHOICES, required=True, help="Texts, or {value, label}.")
_FILES = (
    Field(name="accept", kind=Kind.LINES, help="Media types (text/csv, image/*) or endings (.csv)."),
    Field(name="max_bytes", kind=Kind.INTEGER, minimum=1, maximum=2**40, help="The largest file."),
    Field(
        name="sources", kind=Kind.LINES, choices=("upload", "connection"), help="Where files may come from."
    ),
)
_SCHEMA = Field(
    name="schema", kind=Kind.SCHEMA, help="A JSON Schema that the value (of a list: each item) fits."
)
_LENGTHS = (
    Field(name="min_length", kind=Kind.INTEGER, minimum=0, maximum=10_000_000, help="The fewest characters."),
    Field(name="max_length", kind=Kind.INTEGER, minimum=0, maximum=10_000_000, help="The most characters."),
)

CONSTRAINTS: Mapping[str, tuple[Field, ...]] = {
    "text": (
        *_LENGTHS,
        Field(name="pattern", kind=Kind.PATTERN, help="A regular expression that the whole value matches."),
        Field(
            name="multiline", kind=Kind.BOOLEAN, default=False, help="Whether the form shows several lines."
        ),
        Field(
            name="secret", kind=Kind.BOOLEAN, default=False, help="Stored encrypted and never shown again."
        ),
    ),
    "number": _NUMBER_BOUNDS,
    "integer": _NUMBER_BOUNDS,
    "boolean": (),
    "date": _TIME_BOUNDS,
    "time": _TIME_BOUNDS,
    "datetime": _TIME_BOUNDS,
    "duration": _DURATION_BOUNDS,
    "choice": (_CHOICES,),
    "multiple_choice": (_CHOICES, *_ITEMS),
    "email": (),
    "url": (),
    "file": _FILES,
    "files": (*_FILES, *_ITEMS),
    "table": (
        Field(name="columns", kind=Kind.COLUMNS, required=True, help="Inputs, without file types."),
        *_ITEMS,
    ),
    "object": (_SCHEMA,),
    "list": (_SCHEMA, *_ITEMS),
}
"""The fields of each type besides those that all inputs have."""

INPUT_FIELDS: Mapping[str, Mapping[str, Field]] = {
    name: table((*INPUT_HEAD, *constraints)) for name, constraints in CONSTRAINTS.items()
}
FILE_TYPES = frozenset({"file", "files"})
COLUMN_TYPES = tuple(name for name in CONSTRAINTS if name not in FILE_TYPES)
