"""The config of a leaf step as fields, made from the JSON Schema of its action."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from common.canonical import Json
from workflows.builder.forms import words
from workflows.builder.forms.base import Editor
from workflows.builder.forms.composed import Map, Part, Records, Value
from workflows.builder.forms.simple import Choice, Number, Template, Words, number_of
from workflows.words import VALUE_TYPES


def config_parts(schema: Json) -> list[Part]:
    """The fields of a config, in the order of its schema."""
    properties: Mapping[str, Json] = schema.get("properties", {})
    required = schema.get("required", ())
    return [
        Part(
            name=name,
            label=_label(name, one),
            editor=editor_of_schema(one),
            help=_help(one),
            required=name in required,
        )
        for name, one in properties.items()
    ]


_PLAIN = frozenset({"filename", "columns"})
"""Fields with a default that most people change all the same."""


def is_advanced(part: Part, schema: Json) -> bool:
    """Whether a field is one that most people leave alone."""
    one = schema["properties"][part.name]
    if part.name in _PLAIN:
        return False
    return not part.required and ("default" in one or part.name in ("headers", "query", "on_bad_cell"))


def editor_of_schema(schema: Json) -> Editor:
    """How a value of that schema is edited."""
    kinds = schema.get("type")
    if "enum" in schema:
        values = [(value, str(value)) for value in schema["enum"]]
        return Choice(values=values, nothing=_nothing(schema), expression=True)
    make = _BY_TYPE.get(kinds) if isinstance(kinds, str) else None
    if make is not None:
        return make(schema)
    return Template(multiline=bool(schema.get("x-multiline"))) if _is_text(schema) else Value()


def _is_text(schema: Json) -> bool:
    """Whether it is given as a text: a file by its name in a template, a text that may be a number too."""
    if schema.get("format") == "workledger-file" or isinstance(schema.get("type"), list):
        return True
    return "anyOf" in schema and all(_is_short(one) for one in schema["anyOf"])


def _yes_or_no(schema: Json) -> Editor:
    values = [(True, str(words.YES)), (False, str(words.NO))]
    return Choice(values=values, nothing=_nothing(schema), expression=True)


def _object(schema: Json) -> Editor:
    inner = schema.get("additionalProperties")
    if not (isinstance(inner, dict) and "enum" in inner):
        return Map()
    values = [(value, str(VALUE_TYPES.get(value, value))) for value in inner["enum"]]
    return Map(value=Choice(values=values, nothing=_("As it is")))


def _list(schema: Json) -> Editor:
    items = schema.get("items", {})
    if items.get("type") == "object" and "properties" in items:
        return Records(parts=config_parts(items))
    if items.get("type") == "string":
        return Words()
    if "anyOf" in items:
        return Words(member=number_of, show=_shown)
    return Template()


def _shown(raw: Json) -> str | None:
    return str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else None


def _is_short(schema: Json) -> bool:
    return "const" in schema or schema.get("type") in ("string", "integer")


def _nothing(schema: Json) -> str:
    if "default" not in schema:
        return str(words.NOT_SET)
    default = schema["default"]
    word = (words.YES if default else words.NO) if isinstance(default, bool) else default
    return _("%(word)s (usual)") % {"word": word}


def _label(name: str, schema: Json) -> str:
    title = schema.get("title")
    return str(title) if isinstance(title, str) else name


def _help(schema: Json) -> str:
    said = str(schema.get("description", ""))
    default = schema.get("default")
    if (
        isinstance(default, str | int)
        and not isinstance(default, bool)
        and "enum" not in schema
        and default != ""
    ):
        said = f"{said} " + _("Usually %(value)s.") % {"value": default}
    return said.strip()


_BY_TYPE: Mapping[str, Callable[[Json], Editor]] = {
    "boolean": _yes_or_no,
    "integer": lambda _schema: Number(),
    "number": lambda _schema: Number(),
    "object": _object,
    "array": _list,
    "string": lambda schema: Template(multiline=bool(schema.get("x-multiline"))),
}
