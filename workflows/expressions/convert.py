"""From values of expressions to JSON and to text."""

import json
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from common.canonical import Json
from common.errors import StepError

MAX_DEPTH = 100
"""Levels of lists and objects in a result."""

TAGGED = "\x04"
"""How the sandbox begins a result that holds more than JSON; `prelude` says how that is written."""

_FROM_TEXT: dict[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=float(seconds)),
    "Decimal": Decimal,
}
_A_FUNCTION = "it is a function; are the parentheses after its name missing?"
_REFUSALS = {
    "set": "it is a set; write sorted(…) or list(…) around it",
    "frozenset": "it is a set; write sorted(…) or list(…) around it",
    "function": _A_FUNCTION,
    "builtin_function_or_method": _A_FUNCTION,
    "type": _A_FUNCTION,
}

_NUMBER_DIGITS = 15
"""A JSON number holds this many decimal digits without loss in every program."""


def to_json(value: object, depth: int = MAX_DEPTH) -> Json:
    """`value` as JSON: dates and times as ISO text, a duration as its number of seconds, a tuple as a list, a decimal
    as a number where that holds all its digits, else as text. Raises `StepError` for what is not JSON: NaN, sets,
    more than `MAX_DEPTH` levels.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if depth == 0:
        raise not_json(f"it has more than {MAX_DEPTH} levels, or contains itself")
    if isinstance(value, dict):
        return {_key(key): to_json(member, depth - 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(member, depth - 1) for member in value]
    return _scalar(value)


def to_text(value: object) -> str:
    """`value` inside a text: true and false, nothing for null, dates as ISO, lists and objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    result = to_json(value)
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)


def parse_result(text: object, *, shown: str) -> object:
    """The value that the sandbox wrote as JSON; dates, durations and decimals are such again. What comes from there
    is not trusted: NaN, infinities, too many levels and anything that is not JSON raise `StepError`; `shown` names
    the expression.
    """
    try:
        if not isinstance(text, str):
            raise ValueError("it is not JSON")
        if not text.startswith(TAGGED):
            return _loaded(text, MAX_DEPTH)
        # What is tagged has up to three levels for one of its value.
        return _untagged(_loaded(text[1:], 3 * MAX_DEPTH))
    except RecursionError:
        raise not_json(f"it has more than {MAX_DEPTH} levels", shown) from None
    except (ArithmeticError, ValueError) as error:
        raise not_json(str(error), shown) from None


def _loaded(text: str, depth: int) -> Json:
    value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    if text.count("[") + text.count("{") > depth and _deeper(value, depth):
        raise ValueError(f"it has more than {MAX_DEPTH} levels")
    return value


def _untagged(value: Json) -> object:
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "m" in value:
        return {_key(_untagged(key)): _untagged(item) for key, item in value["m"]}
    kind, text = value["k"], value["v"]
    if kind in _FROM_TEXT:
        return _FROM_TEXT[kind](text)
    raise ValueError(_REFUSALS.get(kind, f"expected JSON (text, numbers, lists, objects), got {kind}"))


def not_json(problem: str, shown: str = "") -> StepError:
    """The error of a result that is not JSON."""
    detail = {"expression": shown, "available": []}
    return StepError(
        "expression_error", f"{shown or 'The result'}: this result cannot be stored: {problem}", detail=detail
    )


def _scalar(value: object) -> Json:
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise not_json(f"{value} is not a number in JSON")
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    if isinstance(value, Decimal) and value.is_finite():
        if value == value.to_integral_value():
            return int(value)
        return (
            float(value) if len(value.normalize().as_tuple().digits) <= _NUMBER_DIGITS else format(value, "f")
        )
    raise not_json(f"expected JSON (text, numbers, lists, objects), got {type(value).__name__}")


def _key(key: object) -> str:
    """The name of a member, as Python's json writes keys that are not text."""
    if isinstance(key, str):
        return key
    return json.dumps(key) if key is None else to_text(key)


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isfinite(number):
        return number
    raise ValueError(f"{text[:40]} is too large a number")


def _deeper(value: Json, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            member
            for container in level
            if isinstance(container, dict | list)
            for member in (container.values() if isinstance(container, dict) else container)
        ]
        if not level:
            return False
    return any(isinstance(member, dict | list) for member in level)
