"""The inputs of a workflow as a JSON Schema, for programs that start jobs and for the API's documentation."""

from collections.abc import Callable, Mapping

from common.canonical import Json
from workflows.definition.model import Input
from workflows.definition.value_types import choice_values

_FILE: Json = {
    "anyOf": [
        {"type": "string", "pattern": "^file_"},
        {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    ]
}
_DURATION: Json = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^[0-9]{1,12}[smhd]$"}],
}


def input_schema(inputs: tuple[Input, ...]) -> Json:
    """The schema of the object of inputs. It is a little wider than the check, which also knows today and files."""
    needed = [one.key for one in inputs if one.required and one.default is None and one.show_when is None]
    return {
        "type": "object",
        "properties": {one.key: _one(one) for one in inputs},
        "required": needed,
        "additionalProperties": False,
    }


def _one(one: Input) -> Json:
    found = dict(_MAKE[one.type](one))
    if not one.required or one.default is not None or one.show_when is not None:
        found = {"anyOf": [found, {"type": "null"}]}
    titles = {"title": one.label, "description": one.help, "default": one.default}
    return found | {name: text for name, text in titles.items() if text not in ("", None)}


def _bounds(one: Input, names: Mapping[str, str]) -> dict[str, Json]:
    return {names[name]: value for name, value in one.constraints.items() if name in names}


def _text(one: Input) -> Json:
    found = {"type": "string", **_bounds(one, {"min_length": "minLength", "max_length": "maxLength"})}
    if "pattern" in one.constraints:
        found["pattern"] = f"^(?:{one.constraints['pattern']})$"
    return found | ({"writeOnly": True} if one.secret else {})


def _number(one: Input) -> Json:
    return {"type": one.type, **_bounds(one, {"minimum": "minimum", "maximum": "maximum"})}


def _items(one: Input, items: Json) -> Json:
    return {
        "type": "array",
        "items": items,
        **_bounds(one, {"min_items": "minItems", "max_items": "maxItems"}),
    }


def _choices(one: Input) -> Json:
    return {**_items(one, {"enum": choice_values(one)}), "uniqueItems": True}


def _object(one: Input) -> Json:
    schema = one.constraints.get("schema")
    return {"type": "object", "allOf": [schema]} if schema is not None else {"type": "object"}


_MAKE: Mapping[str, Callable[[Input], Json]] = {
    "text": _text,
    "number": _number,
    "integer": _number,
    "boolean": lambda _one: {"type": "boolean"},
    "date": lambda _one: {"type": "string", "format": "date"},
    "time": lambda _one: {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"},
    "datetime": lambda _one: {"type": "string", "format": "date-time"},
    "duration": lambda _one: _DURATION,
    "choice": lambda one: {"enum": choice_values(one)},
    "multiple_choice": _choices,
    "email": lambda _one: {"type": "string", "format": "email"},
    "url": lambda _one: {"type": "string", "format": "uri"},
    "file": lambda _one: _FILE,
    "files": lambda one: _items(one, _FILE),
    "table": lambda one: _items(one, input_schema(one.columns)),
    "object": _object,
    "list": lambda one: _items(one, one.constraints.get("schema", {})),
}
