"""The contract as a JSON Schema (2020-12), and the list of step types: both from the tables of fields.

The schema says what the parser says about shapes, keys and bounds. What needs more than one place to look at (keys
that are used twice, names in expressions) is left to the checks.
"""

from collections.abc import Callable, Iterable, Mapping

from common.canonical import Json
from integrations.actions import Action
from workflows.definition.bounds import MAX_STEPS
from workflows.definition.fields import (
    BRANCH_FIELDS,
    CATCH_FIELDS,
    DEFINITION_FIELDS,
    ELSE_FIELDS,
    LANE_FIELDS,
    OUTPUT_FIELDS,
    RETRY_FIELDS,
    RETRY_WORDS,
    Field,
    Kind,
)
from workflows.definition.input_types import COLUMN_TYPES, INPUT_FIELDS
from workflows.definition.not_yet import NOT_YET_AVAILABLE
from workflows.definition.parse_steps import LEAF_STEP_FIELDS
from workflows.definition.step_types import STEP_FIELDS, STEP_TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KEY = "^[a-z][a-z0-9_]{0,62}$"
_SLUG = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_DURATION = "^[0-9]{1,12}[smhd]$"
_EXPRESSION: Json = {"type": ["string", "number", "boolean"], "minLength": 1}
_PLAIN: Mapping[Kind, Json] = {
    Kind.SOURCE: {"type": "string"},
    Kind.KEY: {"type": "string", "pattern": _KEY},
    Kind.SLUG: {"type": "string", "pattern": _SLUG},
    Kind.TYPE: {"type": "string"},
    Kind.EXPRESSION: _EXPRESSION,
    Kind.VALUE: {},
    Kind.TEXT_VALUE: {"type": "string"},
    Kind.MAP_VALUE: {"type": "object"},
    Kind.DURATION: {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": _DURATION}]},
    Kind.DURATION_VALUE: {
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": _DURATION},
            {"type": "string", "pattern": r"\{\{"},
        ]
    },
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.NUMBER: {"type": "number"},
    Kind.CONSTANT: {},
    Kind.CODES: {"type": "array", "items": {"type": "string", "pattern": "^[a-z][a-z0-9_.]{0,62}$"}},
    Kind.STATUSES: {
        "type": "array",
        "items": {
            "anyOf": [
                {"type": "integer", "minimum": 100, "maximum": 599},
                {"type": "string", "pattern": "^[1-5]([0-9]{2}|xx)$"},
            ]
        },
    },
    Kind.STEPS: {"type": "array", "items": {"$ref": "#/$defs/step"}, "maxItems": MAX_STEPS},
    Kind.BRANCHES: {"type": "array", "items": {"$ref": "#/$defs/branch"}, "minItems": 1},
    Kind.LANES: {"type": "array", "items": {"$ref": "#/$defs/lane"}, "minItems": 1},
    Kind.ELSE: {"$ref": "#/$defs/else"},
    Kind.CATCHES: {"type": "array", "items": {"$ref": "#/$defs/catch"}},
    Kind.RETRY: {"anyOf": [{"enum": list(RETRY_WORDS)}, {"$ref": "#/$defs/retry"}]},
    Kind.INPUTS: {"type": "array", "items": {"$ref": "#/$defs/input"}},
    Kind.COLUMNS: {
        "type": "array",
        "minItems": 1,
        "items": {
            "allOf": [{"$ref": "#/$defs/input"}, {"properties": {"type": {"enum": list(COLUMN_TYPES)}}}]
        },
    },
    Kind.OUTPUTS: {"type": "array", "items": {"$ref": "#/$defs/output"}},
    Kind.CHOICES: {
        "type": "array",
        "minItems": 1,
        "items": {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "properties": {"value": {"type": "string", "minLength": 1}, "label": {"type": "string"}},
                    "required": ["value"],
                    "additionalProperties": False,
                },
            ]
        },
    },
    Kind.BOUND: {"type": "string"},
    Kind.SCHEMA: {"type": ["object", "boolean"]},
    Kind.PATTERN: {"type": "string", "maxLength": 1000},
}


def definition_schema() -> Json:
    """The JSON Schema of a definition."""
    return {
        "$schema": DIALECT,
        "title": "Workflow definition, format 1",
        **_object(DEFINITION_FIELDS),
        "$defs": {
            "step": _step(),
            "branch": _object(BRANCH_FIELDS),
            "lane": _object(LANE_FIELDS),
            "else": _object(ELSE_FIELDS),
            "catch": _object(CATCH_FIELDS),
            "retry": _object(RETRY_FIELDS),
            "input": _by_type({name: _object(fields, name) for name, fields in INPUT_FIELDS.items()}),
            "output": _object({**OUTPUT_FIELDS, "type": OUTPUT_FIELDS["type"]}, types=INPUT_FIELDS),
        },
    }


def step_types(actions: Iterable[Action]) -> list[Json]:
    """Every step type with its fields, for the API and the Builder: those of the definition, then leaf actions."""
    own = [
        {
            "type": one.type,
            "title": one.title,
            "description": one.description,
            "group": "block" if one.block else "step",
            "schema": _object(STEP_FIELDS[one.type], one.type),
            "config_schema": None,
            "output_schema": None,
            "fields": [_field_json(field) for field in STEP_FIELDS[one.type].values()],
        }
        for one in STEP_TYPES.values()
    ]
    leaf_fields = [_field_json(field) for field in LEAF_STEP_FIELDS.values()]
    return own + [
        {
            "type": action.type,
            "title": action.title,
            "description": action.description,
            "group": "action",
            "version": action.version,
            "schema": _object(LEAF_STEP_FIELDS, action.type),
            "config_schema": action.config_schema,
            "output_schema": action.output_schema,
            "fields": leaf_fields,
        }
        for action in actions
    ]


def _step() -> Json:
    """By its type; any type that is not one of the definition's own is a leaf action."""
    own = {name: _object(fields, name) for name, fields in STEP_FIELDS.items()}
    for name, one in STEP_TYPES.items():
        if one.one_of:
            own[name]["oneOf"] = [{"required": [field]} for field in one.one_of]
    later = list(NOT_YET_AVAILABLE["step type"])
    leaf = _object(LEAF_STEP_FIELDS)
    leaf["properties"]["type"] = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"}
    branches = [{"if": _has_type(name), "then": schema} for name, schema in own.items()]
    branches.append({"if": _has_type(*own), "else": leaf})
    return {"type": "object", "required": ["key", "type"], "not": _has_type(*later), "allOf": branches}


def _by_type(schemas: Mapping[str, Json]) -> Json:
    return {
        "type": "object",
        "required": ["key", "type"],
        "properties": {"type": {"enum": list(schemas)}},
        "allOf": [{"if": _has_type(name), "then": schema} for name, schema in schemas.items()],
    }


def _has_type(*names: str) -> Json:
    return {"properties": {"type": {"enum": list(names)}}, "required": ["type"]}


def _object(fields: Mapping[str, Field], type_: str = "", *, types: Iterable[str] = ()) -> Json:
    properties = {name: field_schema(field) for name, field in fields.items() if not _comes_later(field)}
    if type_:
        properties["type"] = {"const": type_}
    elif types:
        properties["type"] = {"enum": list(types)}
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def _comes_later(field: Field) -> bool:
    return field.name in NOT_YET_AVAILABLE["step field"] and field.kind == Kind.SLUG


def field_schema(field: Field) -> Json:
    """The JSON Schema of one field. An optional field may also be null, which is as if it were not there."""
    make = _MAKE.get(field.kind)
    found = {**(make(field) if make else _PLAIN[field.kind]), "description": field.help}
    if field.default is not None:
        found["default"] = field.default
    if not field.required and found.keys() - {"description", "default"}:
        documented = {name: found.pop(name) for name in ("description", "default") if name in found}
        return {"anyOf": [found, {"type": "null"}], **documented}
    return found


def _text(field: Field) -> Json:
    found: dict[str, Json] = {"type": "string"}
    if field.minimum:
        found["pattern"] = r"\S"
    if field.maximum is not None:
        found["maxLength"] = field.maximum
    if field.kind == Kind.LINE:
        found["allOf"] = [{"pattern": r"^[^\r\n]*$"}]
    return found


def _integer(field: Field) -> Json:
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    return {"type": "integer", **{name: value for name, value in bounds.items() if value is not None}}


def _choice(field: Field) -> Json:
    return {"enum": list(field.choices)}


def _lines(field: Field) -> Json:
    available = [choice for choice in field.choices if choice not in NOT_YET_AVAILABLE["value"]]
    return {
        "type": "array",
        "items": {"enum": available} if available else {"type": "string", "minLength": 1},
    }


_MAKE: Mapping[Kind, Callable[[Field], Json]] = {
    Kind.LINE: _text,
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.CHOICE: _choice,
    Kind.LINES: _lines,
}


def _field_json(field: Field) -> Json:
    """One field as the Builder's forms take it."""
    return {
        "name": field.name,
        "kind": field.kind.value,
        "help": field.help,
        "required": field.required,
        "choices": list(field.choices),
        "minimum": field.minimum,
        "maximum": field.maximum,
        "default": field.default,
        "available": not _comes_later(field),
    }
