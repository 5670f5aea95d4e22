"""Checks the config of leaf steps against the schema of their action. What a template will give is not known yet, so
an error that a template could still mend is not one.
"""

import jsonschema_rs

from common.canonical import Json
from integrations.actions import Action
from workflows.definition.model import LeafStep
from workflows.definition.not_yet import FIX as NOT_YET_FIX
from workflows.definition.not_yet import NOT_YET_AVAILABLE
from workflows.definition.patterns import compiled_schema
from workflows.definition.problems import DefinitionProblem, ProblemList
from workflows.definition.value_types import json_path
from workflows.definition.wording import capital, describe, listed, quoted, suggest
from workflows.expressions.scan import OPEN
from workflows.expressions.syntax import Expression, parse_value

Kind = jsonschema_rs.ValidationErrorKind
_ABOUT_NAMES = (Kind.Required, Kind.AdditionalProperties, Kind.UnevaluatedProperties)
_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def check_config(step: LeafStep, action: Action, problems: ProblemList) -> None:
    """Check the config of one step."""
    config = step.config.raw
    path = f"{step.where}.config"
    if _file_of_connection(config, path, problems):
        return
    for error in compiled_schema(action.config_schema).iter_errors(config):
        if not _may_still_fit(error, config):
            _tell(error, action, path, problems)


def filled_config_problems(action: Action, config: Json) -> list[DefinitionProblem]:
    """What does not fit in a config whose templates are filled in. Paths begin with `config`."""
    problems = ProblemList()
    for error in compiled_schema(action.config_schema).iter_errors(config):
        _tell(error, action, "config", problems)
    return problems.found


def _file_of_connection(config: Json, path: str, problems: ProblemList) -> bool:
    file = config.get("file")
    if not (isinstance(file, dict) and "connection" in file):
        return False
    problems.error("not_yet_available", f"{path}.file", NOT_YET_AVAILABLE["value"]["connection"], NOT_YET_FIX)
    return True


def _may_still_fit(error: jsonschema_rs.ValidationError, config: Json) -> bool:
    """Whether what stands there has a template in it whose value could mend the error."""
    found = config
    for part in error.instance_path:
        found = found[part]
    if isinstance(found, str):
        if OPEN not in found:
            return False
        is_text = not isinstance(parse_value(found).tree, Expression)
        return not (is_text and isinstance(error.kind, Kind.Type))
    if isinstance(found, dict | list) and not isinstance(error.kind, (*_ABOUT_NAMES, Kind.Type)):
        return _holds_template(found)
    return False


def _holds_template(value: Json) -> bool:
    if isinstance(value, str):
        return OPEN in value
    if isinstance(value, dict):
        return any(_holds_template(inner) for inner in value.values())
    return isinstance(value, list) and any(_holds_template(inner) for inner in value)


def _tell(error: jsonschema_rs.ValidationError, action: Action, path: str, problems: ProblemList) -> None:
    where = path + json_path(error.instance_path)
    kind = error.kind
    if isinstance(kind, Kind.Required):
        problems.error(
            "missing_field",
            f"{where}.{kind.property}",
            f"The field {quoted(kind.property)} is missing.",
            "Add it.",
        )
    elif isinstance(kind, Kind.AdditionalProperties | Kind.UnevaluatedProperties):
        known = action.config_schema.get("properties", {}) if not error.instance_path else {}
        for name in kind.unexpected:
            fix = suggest(name, known, otherwise=f"Take it out. There is {listed(known, last='and')}.")
            problems.error("unknown_field", f"{where}.{name}", f"There is no field {quoted(name)} here.", fix)
    elif isinstance(kind, Kind.Type):
        expected = listed(_TYPES.get(name, name) for name in kind.types)
        came = describe(error.instance)
        problems.error("invalid_config", where, f"Expected {expected}, got {came}.", f"Write {expected}.")
    elif isinstance(kind, Kind.Enum):
        options = [str(option) for option in kind.options]
        came = describe(error.instance)
        fix = suggest(str(error.instance), options, otherwise=f"Write {listed(options)}.")
        problems.error("invalid_config", where, f"Expected {listed(options[:20])}, got {came}.", fix)
    elif (names := _names_of_one(kind, action)) and isinstance(kind, Kind.OneOfNotValid):
        message = f"One of {listed(names, last='and')} is needed."
        problems.error("missing_field", f"{where}.{names[0]}", message, "Add one of them.")
    elif names:
        message = f"Only one of {listed(names, last='and')} can be given."
        problems.error("invalid_config", f"{where}.{names[1]}", message, "Keep one.")
    else:
        fix = _description(action.config_schema, error) or f"Change it to what {action.type} takes."
        problems.error("invalid_config", where, _sentence(error), fix)


def _names_of_one(kind: object, action: Action) -> list[str]:
    """The fields of which one can be there, where that is what the error is about; else none."""
    if isinstance(kind, Kind.Not):
        options: list[Json] = [kind.schema]
    elif isinstance(kind, Kind.OneOfNotValid | Kind.OneOfMultipleValid):
        options = action.config_schema.get("oneOf", [])
    else:
        options = []
    names = [str(name) for one in options if isinstance(one, dict) for name in one.get("required", ())]
    return names if len(names) > 1 else []


def _description(schema: Json, error: jsonschema_rs.ValidationError) -> str:
    """What the schema says about the field, or about the nearest one around it."""
    found = None
    for part in error.instance_path:
        if not isinstance(schema, dict):
            break
        schema = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part)
        found = schema.get("description", found) if isinstance(schema, dict) else found
    return f"Expected here: {found}" if isinstance(found, str) else ""


def _sentence(error: jsonschema_rs.ValidationError) -> str:
    if isinstance(error.kind, Kind.AnyOf | Kind.OneOfNotValid):
        return f"{capital(describe(error.instance))} does not fit here."
    text = error.message[:300]
    return f"{capital(text).rstrip('.')}." if text else "It does not fit."
