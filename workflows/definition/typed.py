"""Values of inputs as expressions see them, and back."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from common.canonical import Json
from workflows.definition.durations import parse_duration
from workflows.definition.model import Input
from workflows.definition.temporal import parse_date, parse_moment, parse_time


def typed_inputs(inputs: tuple[Input, ...], values: Mapping[str, Json]) -> dict[str, object]:
    """JSON values as expressions see them: a `date`, `datetime`, `time` or `timedelta` where the type says so."""
    types = {one.key: one for one in inputs}
    return {key: _typed(types[key], value) if key in types else value for key, value in values.items()}


def _typed(one: Input, value: Json) -> object:
    if one.type == "table" and isinstance(value, list):
        return [typed_inputs(one.columns, row) if isinstance(row, dict) else row for row in value]
    if one.type == "duration":
        seconds = parse_duration(value)
        return value if seconds is None else timedelta(seconds=seconds)
    parse = {"date": parse_date, "time": parse_time, "datetime": parse_moment}.get(one.type)
    if parse is None or not isinstance(value, str):
        return value
    found = parse(value)
    return value if found is None else found


def to_json(value: object) -> Json:
    """A value of an expression as JSON: dates ISO, a duration its seconds. Raises `TypeError` for what is not JSON."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {_name(key): to_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(inner) for inner in value]
    return _special(value)


def _special(value: object) -> Json:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON")


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the names of an object are texts, not {type(key).__name__}")
    return key
