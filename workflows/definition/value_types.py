"""One function for each type of input: the value as it is stored, or `REFUSED` with its errors noted."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from urllib.parse import urlsplit

import jsonschema_rs

from common.canonical import Json
from workflows.definition.durations import duration_text, parse_duration
from workflows.definition.model import Input
from workflows.definition.patterns import compiled_pattern, compiled_schema
from workflows.definition.temporal import parse_date, parse_moment, parse_time, parse_today
from workflows.definition.value_check import REFUSED, Refused, ValueCheck, shown
from workflows.definition.value_files import check_file, check_files
from workflows.definition.wording import describe, listed, suggest

CheckValue = Callable[[ValueCheck, Input, Json, str], Json | Refused]

_EMAIL = jsonschema_rs.Draft202012Validator(
    {"type": "string", "format": "email", "maxLength": 254},
    validate_formats=True,
    email_options=jsonschema_rs.EmailOptions(allow_domain_literal=False, allow_display_text=False),
)
_MAX_URL = 4096


def check_text(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A text; its pattern matches the whole of it."""
    if not isinstance(raw, str):
        return check.wrong_type(path, "a text", raw, secret=given.secret)
    if not check.count(path, len(raw), given.constraints, of="length"):
        return REFUSED
    pattern = given.constraints.get("pattern")
    if pattern is not None and not compiled_pattern(pattern)(raw):
        came = shown(raw, secret=given.secret)
        return check.refuse(path, "pattern", f"expected a text that matches {pattern}, got {came}")
    return raw


def check_number(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A finite number."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(_float(raw)):
        return check.wrong_type(path, "a number", raw)
    return _between(check, given, raw, path)


def check_integer(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A whole number; 3.0 is 3."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        return check.wrong_type(path, "a whole number", raw)
    return _between(check, given, raw, path)


def _float(raw: float) -> float:
    """An integer of any size is finite, also one that no float can hold."""
    return raw if isinstance(raw, float) else 0.0


def _between(check: ValueCheck, given: Input, raw: float, path: str) -> Json | Refused:
    low, high = given.constraints.get("minimum"), given.constraints.get("maximum")
    if low is not None and raw < low:
        return check.refuse(path, "too_small", f"expected at least {low}, got {describe(raw)}")
    if high is not None and raw > high:
        return check.refuse(path, "too_large", f"expected at most {high}, got {describe(raw)}")
    return raw


def check_boolean(check: ValueCheck, _given: Input, raw: Json, path: str) -> Json | Refused:
    """true or false."""
    return raw if isinstance(raw, bool) else check.wrong_type(path, "true or false", raw)


_Moment = date | datetime | time
_TEMPORAL: Mapping[str, tuple[Callable[[str], _Moment | None], str]] = {
    "date": (parse_date, "a date such as 2026-03-31"),
    "time": (parse_time, "a time such as 14:30"),
    "datetime": (parse_moment, "a date, time and offset such as 2026-03-31T14:30:00+02:00"),
}


def check_temporal(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A date, a time or a moment, kept as it was written."""
    parse, expected = _TEMPORAL[given.type]
    if not isinstance(raw, str):
        return check.wrong_type(path, expected, raw)
    moment = parse(raw)
    if moment is None:
        return check.refuse(path, "format", f"expected {expected}, got {describe(raw)}")
    for name, code, word in (
        ("minimum", "too_small", "at the earliest"),
        ("maximum", "too_large", "at the latest"),
    ):
        bound = given.constraints.get(name)
        if bound is not None and _is_beyond(moment, bound, check.today, least=name == "minimum"):
            means = parse_today(bound, check.today)
            words = bound if means is None or bound == "today" else f"{bound} ({means})"
            return check.refuse(path, code, f"expected {words} {word}, got {raw}")
    return raw


def _is_beyond(moment: _Moment, bound: str, today: date, *, least: bool) -> bool:
    """A moment is compared with a date by its own day."""
    limit: _Moment | None = parse_today(bound, today) or parse_date(bound) or parse_moment(bound)
    if limit is None:
        limit = parse_time(bound)
    if isinstance(moment, datetime) and not isinstance(limit, datetime):
        moment = moment.date()
    if limit is None or type(limit) is not type(moment):
        return False
    return moment < limit if least else moment > limit  # type: ignore[operator] # the same types


def check_duration(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A duration as its number of seconds."""
    seconds = parse_duration(raw)
    if seconds is None:
        code = "format" if isinstance(raw, str) else "wrong_type"
        came = describe(raw)
        return check.refuse(
            path, code, f"expected a duration such as 90s, 15m, 2h or 3d, or seconds, got {came}"
        )
    low, high = (parse_duration(given.constraints.get(name)) for name in ("minimum", "maximum"))
    if low is not None and seconds < low:
        return check.refuse(
            path, "too_small", f"expected at least {duration_text(low)}, got {duration_text(seconds)}"
        )
    if high is not None and seconds > high:
        return check.refuse(
            path, "too_large", f"expected at most {duration_text(high)}, got {duration_text(seconds)}"
        )
    return int(seconds) if seconds.is_integer() else seconds


def choice_values(given: Input) -> list[str]:
    """The values of the choices of an input."""
    return [
        choice["value"] if isinstance(choice, dict) else choice
        for choice in given.constraints.get("choices", ())
    ]


def check_choice(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """One of the choices."""
    if not isinstance(raw, str):
        return check.wrong_type(path, "one of the choices", raw)
    return raw if _is_choice(check, raw, choice_values(given), path) else REFUSED


def _is_choice(check: ValueCheck, raw: str, choices: list[str], path: str) -> bool:
    if raw in choices:
        return True
    expected = listed(choices[:10]) + (", …" if len(choices) > 10 else "")
    near = suggest(raw, choices, otherwise="")
    check.refuse(
        path, "not_a_choice", f"expected {expected}, got {describe(raw)}" + (f". {near}" if near else "")
    )
    return False


def check_choices(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A list of choices, each at most once."""
    if not isinstance(raw, list):
        return check.wrong_type(path, "a list of choices", raw)
    fine = check.count(path, len(raw), given.constraints, of="items")
    choices, seen = choice_values(given), set()
    for index, item in enumerate(raw):
        where = f"{path}[{index}]"
        if not isinstance(item, str):
            check.wrong_type(where, "one of the choices", item)
            fine = False
        elif item in seen:
            check.refuse(where, "duplicate", f"expected each choice at most once, got {describe(item)} again")
            fine = False
        else:
            seen.add(item)
            fine = _is_choice(check, item, choices, where) and fine
    return raw if fine else REFUSED


def check_email(check: ValueCheck, _given: Input, raw: Json, path: str) -> Json | Refused:
    """One e-mail address, without a name."""
    if not isinstance(raw, str):
        return check.wrong_type(path, "an e-mail address", raw)
    if raw.isprintable() and _EMAIL.is_valid(raw):
        return raw
    return check.refuse(
        path, "format", f"expected an e-mail address such as ada@example.com, got {describe(raw)}"
    )


def check_url(check: ValueCheck, _given: Input, raw: Json, path: str) -> Json | Refused:
    """An http or https address."""
    if not isinstance(raw, str):
        return check.wrong_type(path, "a web address", raw)
    if _is_url(raw):
        return raw
    return check.refuse(
        path, "format", f"expected a web address such as https://example.com/a, got {describe(raw)}"
    )


def _is_url(raw: str) -> bool:
    if len(raw) > _MAX_URL or not raw.isprintable() or " " in raw or "\\" in raw:
        return False
    try:
        parts = urlsplit(raw)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def check_object(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """An object that fits its schema."""
    if not isinstance(raw, dict):
        return check.wrong_type(path, "an object", raw)
    return raw if _fits(check, given.constraints.get("schema"), raw, path) else REFUSED


def check_list(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A list whose items fit their schema."""
    if not isinstance(raw, list):
        return check.wrong_type(path, "a list", raw)
    fine = check.count(path, len(raw), given.constraints, of="items")
    schema = given.constraints.get("schema")
    for index, item in enumerate(raw):
        fine = _fits(check, schema, item, f"{path}[{index}]") and fine
    return raw if fine else REFUSED


def _fits(check: ValueCheck, schema: Json, value: Json, path: str) -> bool:
    if schema is None:
        return True
    try:
        found = list(compiled_schema(schema).iter_errors(value))
    except ValueError:
        check.refuse(
            path, "schema", "expected JSON of whole characters, got half a character or another kind of value"
        )
        return False
    for error in found:
        check.refuse(path + json_path(error.instance_path), "schema", str(error.message)[:300])
    return not found


def json_path(parts: Iterable[str | int]) -> str:
    """`.rows[2].amount` for the parts of a path inside a value."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


TYPES: Mapping[str, CheckValue] = {
    "text": check_text,
    "number": check_number,
    "integer": check_integer,
    "boolean": check_boolean,
    "date": check_temporal,
    "time": check_temporal,
    "datetime": check_temporal,
    "duration": check_duration,
    "choice": check_choice,
    "multiple_choice": check_choices,
    "email": check_email,
    "url": check_url,
    "file": check_file,
    "files": check_files,
    "object": check_object,
    "list": check_list,
}
"""All types but `table`, whose rows are inputs again."""
