"""The functions that expressions and code can call, as they run inside the sandbox.

The sandbox gets the source of those that are needed, without docstrings and type hints, so they use only what its
interpreter knows. Names with a leading underscore are called by rewritten expressions.
"""

import base64 as _base64
import datetime as _datetime  # noqa: ICN001 - `datetime` and `dt` belong to the author of the code
import decimal as _decimal
import json as _json
import re as _re
from typing import Any

_KINDS = {
    "NoneType": "null",
    "int": "a number",
    "float": "a number",
    "str": "a text",
    "dict": "an object",
}
_MOMENT = "datetime(): expected a text such as 2026-01-31T12:00:00Z or a date, got "
_LISTS = (
    "range",
    "dict_keys",
    "dict_values",
    "dict_items",
    "tuple",
    "generator",
    "map",
    "filter",
    "zip",
    "enumerate",
)
_PLACES = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "HUF": 2,
    "BHD": 3,
    "KWD": 3,
    "OMR": 3,
    "TND": 3,
    "JOD": 3,
}


def first(*values: Any) -> Any:
    """The first value that is not null; null when all are."""
    for value in values:
        if value is not None:
            return value
    return None


def date(value: Any, month: Any = None, day: Any = None) -> Any:
    """A date from text (`2026-01-31`, also the start of a date and time), from a datetime, or from year, month, day."""
    kind = type(value).__name__
    if kind == "datetime":
        return value.date()
    if kind == "date":
        return value
    if kind == "int" and month is not None and day is not None:
        return _datetime.date(value, month, day)
    if kind == "str":
        try:
            return _datetime.date.fromisoformat(value.strip()[:10])
        except ValueError:
            raise ValueError("date(): expected a text such as 2026-01-31, got " + repr(value[:40])) from None
    raise ValueError("date(): expected a text such as 2026-01-31 or a date, got " + _kind(value))


def datetime(value: Any) -> Any:
    """A date and time from RFC 3339 text or a date; UTC where the text names no offset."""
    kind = type(value).__name__
    moment = value
    if kind == "date":
        moment = _datetime.datetime(value.year, value.month, value.day, tzinfo=_datetime.timezone.utc)  # noqa: UP017 - what the sandbox knows
    elif kind == "str":
        try:
            moment = _datetime.datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(_MOMENT + repr(value[:40])) from None
    elif kind != "datetime":
        raise ValueError(_MOMENT + _kind(value))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=_datetime.timezone.utc)  # noqa: UP017 - what the sandbox knows


def days(n: Any) -> Any:
    """A duration of n days, to add to or take from a date."""
    if type(n).__name__ not in ("int", "float"):
        raise ValueError("days(): expected a number, got " + _kind(n))
    return _datetime.timedelta(days=n)


def add_months(start: Any, n: int) -> Any:
    """The date n months later (earlier where n is negative), or the last day of that month where it is shorter."""
    moment = date(start) if type(start).__name__ == "str" else start
    if type(n).__name__ != "int" or type(moment).__name__ not in ("date", "datetime"):
        raise ValueError(
            "add_months(): expected a date and a whole number, got " + _kind(start) + " and " + _kind(n)
        )
    months = moment.year * 12 + moment.month - 1 + n
    year = months // 12
    month = months % 12 + 1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    return moment.replace(year=year, month=month, day=min(moment.day, last))


def working_days(start: Any, to: Any, holidays: Any = ()) -> Any:
    """With a number: the date that many working days (Monday to Friday, without the holidays) after the start.
    With a date: how many working days there are after the start, up to and with that date.
    """
    begin = date(start)
    free = [date(holiday) for holiday in holidays]
    step = _datetime.timedelta(days=1)
    if type(to).__name__ != "int":
        end = date(to)
        if end < begin:
            return -working_days(end, begin, holidays)
        return sum(
            1
            for n in range(1, (end - begin).days + 1)
            if (begin + n * step).weekday() < 5 and begin + n * step not in free
        )
    left = abs(to)
    day = begin
    while left > 0:
        day = day + step if to > 0 else day - step
        if day.weekday() < 5 and day not in free:
            left -= 1
    return day


def decimal(value: Any) -> Any:
    """An exact decimal number, from a number or a text: 0.1 is 0.1. Python's decimal arithmetic with 28 digits; as a
    result it is a number where a number holds all its digits (15), else a text.
    """
    kind = type(value).__name__
    if kind == "Decimal":
        return value
    if kind in ("str", "int", "float"):
        try:
            number = _decimal.Decimal(str(value).strip())
        except _decimal.InvalidOperation:
            number = None
        if number is not None and number.is_finite():
            return number
        raise ValueError("decimal(): expected a number such as 12.50, got " + repr(str(value)[:40]))
    raise ValueError("decimal(): expected a number or a text, got " + _kind(value))


def money(amount: Any, currency: str = "") -> str:
    """An amount as text with the currency's decimals, halves rounded to the even digit, and commas between thousands."""
    places = _PLACES.get(currency.upper(), 2)
    rounded = decimal(amount).quantize(_decimal.Decimal(1).scaleb(-places), rounding=_decimal.ROUND_HALF_EVEN)
    text = f"{rounded:,f}"
    return currency + " " + text if currency else text


def format(value: Any, form: str = "") -> str:  # noqa: A001 - the name that expressions know
    """A value as text in a form of Python's format(): `,.2f` for numbers, `%d.%m.%Y` for dates."""
    return ("{:" + form + "}").format(value)


def regex(pattern: str, text: str, replace: Any = None, all: bool = False) -> Any:  # noqa: A002
    """What a regular expression finds: the text, or its group, or a list or object of its groups; null when nothing.
    With `replace` the text with every match replaced; with `all` a list of everything found.
    """
    if type(pattern).__name__ != "str" or type(text).__name__ != "str":
        raise ValueError(
            "regex(): expected a pattern and a text, got " + _kind(pattern) + " and " + _kind(text)
        )
    try:
        compiled = _re.compile(pattern)
    except _re.PatternError as error:  # type: ignore[attr-defined]  # Python 3.13's name
        raise ValueError("regex(): the pattern cannot be read: " + str(error)) from None
    if replace is not None:
        return compiled.sub(replace, text)
    if all:
        return [_found(match) for match in compiled.finditer(text)]
    match = compiled.search(text)
    return None if match is None else _found(match)


def json(value: Any, parse: bool = False) -> Any:
    """A value as JSON text; with `parse` the value of a JSON text."""
    if parse:
        try:
            return _json.loads(value)
        except ValueError as error:
            raise ValueError("json(): this is not JSON: " + str(error)) from None
    try:
        return _json.dumps(value, ensure_ascii=False)
    except TypeError:
        return _json.dumps(_plain(value), ensure_ascii=False)


def b64(value: Any, decode: bool = False) -> str:
    """A text in base64, from its UTF-8 bytes; with `decode` the text of a base64 text."""
    if type(value).__name__ != "str":
        raise ValueError("b64(): expected a text, got " + _kind(value))
    try:
        return (_base64.b64decode(value) if decode else _base64.b64encode(value.encode())).decode()
    except ValueError as error:
        raise ValueError("b64(): this is not the base64 of a text: " + str(error)) from None


def _found(match: Any) -> Any:
    named = match.groupdict()
    groups = match.groups()
    if named:
        return named
    if len(groups) > 1:
        return list(groups)
    return match.group(len(groups))


def _kind(value: Any) -> str:
    name = type(value).__name__
    return _KINDS[name] if name in _KINDS else "a " + name


def _fail(number: int) -> Any:
    raise LookupError("\x03" + str(number))


def _refuse(value: Any, key: Any, path: str) -> Any:
    size = (
        [str(item) for item in value][:30]
        if isinstance(value, dict)
        else len(value)
        if isinstance(value, list)
        else 0
    )
    raise LookupError(
        "\x02" + _json.dumps([path, key if isinstance(key, int) else str(key), type(value).__name__, size])
    )


def _dot(value: Any, key: str, path: str) -> Any:
    if isinstance(value, dict):
        return value[key] if key in value else _refuse(value, key, path)
    if type(value).__name__ in ("date", "datetime", "time", "timedelta"):
        return getattr(value, key)
    return _refuse(value, key, path)


def _at(value: Any, key: Any, path: str) -> Any:
    try:
        return value[key]
    except (LookupError, TypeError):
        return _refuse(value, key, path)


def _get(value: Any, key: Any, default: Any = None) -> Any:
    return default if value is None else value.get(key, default)


def _format(value: Any, form: str) -> str:
    return ("{:" + form + "}").format(value)


def _out(value: Any) -> str:
    try:
        return _json.dumps(value, ensure_ascii=False)
    except TypeError:
        return "\x04" + _json.dumps(_tagged(value), ensure_ascii=False)


def _tagged(value: Any) -> Any:
    kind = type(value).__name__
    if kind == "dict":
        return {"m": [[_tagged(key), _tagged(item)] for key, item in value.items()]}
    if kind == "list" or kind in _LISTS:
        return [_tagged(item) for item in value]
    if kind in ("str", "int", "float", "bool", "NoneType"):
        return value
    return {"k": kind, "v": str(value.total_seconds()) if kind == "timedelta" else str(value)}


def _plain(value: Any) -> Any:
    kind = type(value).__name__
    if kind == "dict":
        return {
            key if isinstance(key, str) else str(_plain(key)): _plain(item) for key, item in value.items()
        }
    if kind == "list" or kind in _LISTS:
        return [_plain(item) for item in value]
    if kind in ("date", "datetime", "time"):
        return value.isoformat()
    if kind == "timedelta":
        return value.total_seconds()
    if kind == "Decimal":
        return int(value) if value == value.to_integral_value() else float(value)
    if kind in ("str", "int", "float", "bool", "NoneType"):
        return value
    raise ValueError("json(): expected text, numbers, lists or objects, got " + _kind(value))
