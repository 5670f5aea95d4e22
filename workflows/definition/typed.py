"""Values of inputs as expressions see them."""

from collections.abc import Mapping
from datetime import timedelta

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
