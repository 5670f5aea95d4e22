"""Says what went wrong in the sandbox in the words of expressions."""

import json
import re
from collections.abc import Mapping, Sequence

from common.canonical import Json
from common.errors import StepError

REFUSED, FAILED = "\x02", "\x03"
"""How `prelude` marks its own messages: a sentence with the keys that there are; a path that could not be read."""

KINDS = {
    "NoneType": "null",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "str": "a text",
    "list": "a list",
    "tuple": "a list",
    "dict": "an object",
    "set": "a set",
    "date": "a date",
    "datetime": "a date and time",
    "time": "a time",
    "timedelta": "a duration",
    "Decimal": "a decimal number",
}
"""Python's names of types in plain words."""

_TYPES = (
    {f"'{name}'": words for name, words in KINDS.items()}
    | {f"'datetime.{name}'": KINDS[name] for name in ("date", "datetime", "time", "timedelta")}
    | {"'decimal.Decimal'": KINDS["Decimal"]}
)
_NO_METHOD = re.compile(r"^('[\w.]+') object has no attribute '(\w+)'$")
_OPERANDS = re.compile(r"^unsupported operand type\(s\) for (\S+): ('[\w.]+') and ('[\w.]+')$")
_SHOWN = 120


def explained(error: StepError, *, lines: Mapping[int, str], errors: Sequence[StepError]) -> StepError:
    """`error` as the sandbox raised it (its detail has `line`, `type` and `message`), told with the expression."""
    detail: dict[str, Json] = error.detail if isinstance(error.detail, dict) else {}
    expression = lines.get(int(detail.get("line") or 0)) or (
        next(iter(lines.values())) if len(lines) == 1 else ""
    )
    message = str(detail.get("message", error.message))
    available: list[str] = []
    if detail.get("type") == "LookupError" and message.startswith(FAILED):
        number = message[1:]
        if number.isdecimal() and int(number) < len(errors):
            return errors[int(number)]
    if detail.get("type") == "LookupError" and message.startswith(REFUSED):
        message, available = _refusal(message[1:])
    elif error.code == "expression_error":
        message = _in_words(str(detail.get("type", "")), message)
    else:
        message = error.message
    if expression and not message.startswith(expression):
        message = f"{_short(expression)}: {message}"
    return StepError(error.code, message, detail={"expression": expression, "available": available})


def _refusal(text: str) -> tuple[str, list[str]]:
    """The sentence for what `_refuse` of `prelude` tells: path, key, kind of value, its keys or its length."""
    try:
        path, key, kind, there = json.loads(text)
    except (ValueError, TypeError):
        return text, []
    shown = f"{path}[{key}]" if isinstance(key, int) or not str(key).isidentifier() else f"{path}.{key}"
    if kind == "dict" and isinstance(there, list):
        keys = [str(name) for name in there]
        listed = f"there are: {', '.join(keys)}" if keys else "it is an empty object"
        return f"{shown}: there is no {key!r} here; {listed}", keys
    if isinstance(key, int) and kind in ("list", "tuple", "str"):
        return f"{shown}: there are only {there}" if kind == "list" else f"{shown}: there are fewer", []
    return f"{shown}: {path} is {KINDS.get(str(kind), kind)}, so there is no {key!r}", []


def _in_words(kind: str, message: str) -> str:
    if kind == "KeyError":
        return f"there is no key {message!r}"
    if found := _NO_METHOD.match(message):
        return f"{_TYPES.get(found[1], found[1])} has no method '{found[2]}'"
    if found := _OPERANDS.match(message):
        left, right = _TYPES.get(found[2], found[2]), _TYPES.get(found[3], found[3])
        return f"{left} {found[1].rstrip(':')} {right} cannot be computed"
    if kind == "SyntaxError" or not message:
        return f"this cannot be read: {message}" if message else kind
    return message


def _short(expression: str) -> str:
    return expression if len(expression) <= _SHOWN else expression[: _SHOWN - 1] + "…"
