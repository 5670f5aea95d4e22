"""Reading inputs, the columns of tables, and outputs."""

from typing import Any

import jsonschema_rs

from common.canonical import Json
from common.redaction import SHORTEST
from workflows.definition.fields import OUTPUT_FIELDS, Field, Kind
from workflows.definition.input_types import COLUMN_TYPES, CONSTRAINTS, INPUT_FIELDS, INPUT_HEAD
from workflows.definition.model import Input, Output
from workflows.definition.patterns import BadPattern, compiled_pattern, compiled_schema
from workflows.definition.read import UNREADABLE, Reader, ReadField, Unreadable
from workflows.definition.temporal import bound_fits, is_bound
from workflows.definition.wording import listed, quoted, suggest

_HEAD_TARGETS = frozenset(field.target for field in INPUT_HEAD)
MAX_INPUTS = 500


def read_inputs(reader: Reader, raw: Json, _field: Field, path: str) -> tuple[Input, ...] | Unreadable:
    """The inputs of a workflow."""
    return _inputs(reader, raw, path, columns=False)


def read_columns(reader: Reader, raw: Json, _field: Field, path: str) -> tuple[Input, ...] | Unreadable:
    """The columns of a table."""
    found = _inputs(reader, raw, path, columns=True)
    if found == ():
        return reader.invalid(path, "The table has no column.", "Add at least one.")
    return found


def _inputs(reader: Reader, raw: Json, path: str, *, columns: bool) -> tuple[Input, ...] | Unreadable:
    word = "column" if columns else "input"
    items = reader.list(raw, path, f"a list of {word}s")
    if items is None:
        return UNREADABLE
    if len(items) > MAX_INPUTS:
        return reader.invalid(path, f"There are {len(items)} {word}s.", f"At most {MAX_INPUTS} are allowed.")
    found: list[Input] = []
    for index, item in enumerate(items):
        made = _input(reader, item, f"{path}[{index}]", columns=columns)
        if made is not None:
            _check_key(reader, made.key, [other.key for other in found], f"{path}[{index}].key", word)
            found.append(made)
    return tuple(found)


def _check_key(reader: Reader, key: str, before: list[str], path: str, word: str) -> None:
    if key in before:
        reader.problems.error(
            "duplicate_key",
            path,
            f"There is another {word} with the key {quoted(key)}.",
            "Choose another key.",
        )


def _input(reader: Reader, raw: Json, path: str, *, columns: bool) -> Input | None:
    if reader.object(raw, path, "an object with key and type") is None:
        return None
    type_ = raw.get("type")
    if not _type_is_known(reader, type_, path, COLUMN_TYPES if columns else tuple(CONSTRAINTS)):
        # Its key counts nevertheless, so that the expressions that use it are not problems too.
        key = raw.get("key")
        return Input(key=key, type="object") if isinstance(key, str) else None
    found: dict[str, Any] = reader.fields(raw, path, INPUT_FIELDS[type_])
    if columns and found.get("secret"):
        reader.invalid(f"{path}.secret", "A column cannot be secret.", "Make the secret an input of its own.")
    if columns and "show_when" in found:
        reader.invalid(f"{path}.show_when", "A column is always shown.", "Take it out.")
    if found.get("secret") and raw.get("default") is not None:
        reader.invalid(
            f"{path}.default",
            "Everybody who sees the workflow, and every export of it, would show the secret.",
            "Take the default out; whoever starts a job gives the secret.",
        )
    if "key" not in found:
        return None
    constraints = {name: raw[name] for name in found if name not in _HEAD_TARGETS}
    if found.get("secret"):  # a shorter one could not be masked
        constraints["min_length"] = max(found.get("min_length", 0), SHORTEST)
    _check_order(reader, found, path)
    head = {name: value for name, value in found.items() if name in _HEAD_TARGETS}
    return Input(constraints=constraints, columns=found.get("columns", ()), **head)


def _type_is_known(reader: Reader, raw: Json, path: str, known: tuple[str, ...]) -> bool:
    if isinstance(raw, str) and raw in known:
        return True
    if raw is None:
        reader.missing(f"{path}.type", OUTPUT_FIELDS["type"])
    elif isinstance(raw, str):
        reader.problems.error(
            "unknown_input_type",
            f"{path}.type",
            f"There is no type {quoted(raw)} here.",
            suggest(raw, known, otherwise=f"Choose {listed(known)}."),
        )
    else:
        reader.wrong_type(f"{path}.type", "a type", raw)
    return False


def _check_order(reader: Reader, found: dict[str, Any], path: str) -> None:
    """A least that is above the most lets nothing through; a bound of another type bounds nothing."""
    for name in ("minimum", "maximum"):
        bound = found.get(name)
        if isinstance(bound, str) and not bound_fits(found["type"], bound):
            reader.wrong_type(f"{path}.{name}", f"a bound for a {found['type']}", bound)
    for low, high in (("minimum", "maximum"), ("min_length", "max_length"), ("min_items", "max_items")):
        least, most = found.get(low), found.get(high)
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
            reader.invalid(
                f"{path}.{low}", f"{low} is above {high}, so that nothing fits.", "Change one of them."
            )


def read_choices(reader: Reader, raw: Json, _field: Field, path: str) -> list[Json] | Unreadable:
    """Choices: texts, or objects of value and label."""
    items = reader.list(raw, path, "a list of choices")
    if items is None:
        return UNREADABLE
    if not items:
        return reader.invalid(path, "There is no choice.", "Add at least one.")
    values: set[str] = set()
    for index, item in enumerate(items):
        value = item.get("value") if isinstance(item, dict) and set(item) <= {"value", "label"} else item
        label = item.get("label") if isinstance(item, dict) else None
        if not isinstance(value, str) or not value or not isinstance(label, str | None):
            return reader.wrong_type(f"{path}[{index}]", "a text, or an object of value and label", item)
        if value in values:
            return reader.invalid(
                f"{path}[{index}]", f"The choice {quoted(value)} is there twice.", "Take one out."
            )
        values.add(value)
    return items


def read_lines(reader: Reader, raw: Json, field: Field, path: str) -> list[Json] | Unreadable:
    """A list of texts; for `sources`, of its words."""
    items = reader.list(raw, path, "a list of texts")
    if items is None:
        return UNREADABLE
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        if not isinstance(item, str) or not item:
            return reader.wrong_type(where, "a text", item)
        if field.choices and item not in field.choices:
            return reader.invalid(
                where, f"{quoted(item)} is not one of {listed(field.choices)}.", "Change it."
            )
        if field.choices and item == "connection":
            reader.not_yet("value", "connection", where)
    return items


def read_bound(reader: Reader, raw: Json, _field: Field, path: str) -> str | Unreadable:
    """A date, a time or a moment, or `today` with days added."""
    if isinstance(raw, str) and is_bound(raw):
        return raw
    return reader.wrong_type(path, "a date, a time, or today, today+30d", raw)


def read_pattern(reader: Reader, raw: Json, _field: Field, path: str) -> str | Unreadable:
    """A regular expression that is matched in linear time."""
    if not isinstance(raw, str) or len(raw) > 1000:
        return reader.wrong_type(path, "a regular expression of at most 1000 characters", raw)
    try:
        compiled_pattern(raw)
    except BadPattern as error:
        return reader.invalid(
            path, str(error), "Correct it; look-around and back references do not exist here."
        )
    return raw


def read_schema(reader: Reader, raw: Json, _field: Field, path: str) -> Json:
    """A JSON Schema that needs nothing from elsewhere."""
    if not isinstance(raw, dict | bool):
        return reader.wrong_type(path, "a JSON Schema", raw)
    try:
        compiled_schema(raw)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        reason = str(error).partition("\n")[0][:200]
        return reader.invalid(path, f"It is not a JSON Schema: {reason}.", "Correct it.")
    return raw


def read_outputs(reader: Reader, raw: Json, _field: Field, path: str) -> tuple[Output, ...] | Unreadable:
    """The outputs of a workflow."""
    items = reader.list(raw, path, "a list of outputs")
    if items is None:
        return UNREADABLE
    found: list[Output] = []
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        if reader.object(item, where, "an object with key, type and value") is None:
            continue
        fields: dict[str, Any] = reader.fields(item, where, OUTPUT_FIELDS)
        if "type" in fields and not _type_is_known(reader, fields["type"], where, tuple(CONSTRAINTS)):
            continue
        if "key" in fields:
            _check_key(reader, fields["key"], [output.key for output in found], f"{where}.key", "output")
        if {"key", "type", "value"} <= set(fields):
            found.append(Output(**fields))
    return tuple(found)


INPUT_READERS: dict[Kind, ReadField] = {
    Kind.INPUTS: read_inputs,
    Kind.COLUMNS: read_columns,
    Kind.OUTPUTS: read_outputs,
    Kind.CHOICES: read_choices,
    Kind.LINES: read_lines,
    Kind.BOUND: read_bound,
    Kind.PATTERN: read_pattern,
    Kind.SCHEMA: read_schema,
}
