"""Readers of the simple kinds of fields: texts, numbers, durations, expressions."""

import re
from typing import Any

from common.canonical import Json
from workflows.definition.durations import duration_text, parse_duration
from workflows.definition.fields import RETRY_FIELDS, RETRY_WORDS, Field, Kind
from workflows.definition.model import Retry
from workflows.definition.read import UNREADABLE, Reader, ReadField, Unreadable
from workflows.definition.wording import capital, describe, listed, quoted, suggest
from workflows.expressions.syntax import Value

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CODE = re.compile(r"[a-z][a-z0-9_.]{0,62}")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)")
A_DURATION = "a duration such as 90s, 15m, 2h or 3d"


def read_key(reader: Reader, raw: Json, _field: Field, path: str) -> str | Unreadable:
    """A key: chosen by people, and stable."""
    if not isinstance(raw, str):
        return reader.wrong_type(path, "a key", raw)
    if KEY.fullmatch(raw):
        return raw
    reader.problems.error(
        "invalid_key",
        path,
        f"{quoted(raw)} is not a key." if raw else "The key is empty.",
        "Use small letters, digits and underscores, a letter first, at most 63 characters.",
    )
    return UNREADABLE


def read_slug(reader: Reader, raw: Json, _field: Field, path: str) -> str | Unreadable:
    """A slug. It is never a template: what a workflow calls must be known when it is activated."""
    if not isinstance(raw, str):
        return reader.wrong_type(path, "a slug", raw)
    if SLUG.fullmatch(raw):
        return raw
    return reader.invalid(path, f"{quoted(raw)} is not a slug.", "Use small letters, digits and hyphens.")


def read_text(reader: Reader, raw: Json, field: Field, path: str) -> str | Unreadable:
    """A text within its bounds; a `line` has no line breaks."""
    if not isinstance(raw, str):
        return reader.wrong_type(path, "a text", raw)
    if field.minimum and not raw.strip():
        return reader.invalid(path, "The text is empty.", "Write something.")
    if field.maximum and len(raw) > field.maximum:
        return reader.invalid(
            path, f"The text has {len(raw)} characters; at most {field.maximum} are allowed.", "Shorten it."
        )
    if field.kind == Kind.LINE and ("\n" in raw or "\r" in raw):
        return reader.invalid(path, "The text has more than one line.", "Write it in one line.")
    return raw


def read_type(reader: Reader, raw: Json, _field: Field, path: str) -> str | Unreadable:
    """A type's name; whoever reads the object has looked at it already."""
    return raw if isinstance(raw, str) else reader.wrong_type(path, "a type", raw)


def read_boolean(reader: Reader, raw: Json, _field: Field, path: str) -> bool | Unreadable:
    """true or false; nothing else counts as one."""
    return raw if isinstance(raw, bool) else reader.wrong_type(path, "true or false", raw)


def read_integer(reader: Reader, raw: Json, field: Field, path: str) -> int | Unreadable:
    """A whole number within its bounds."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        return reader.wrong_type(path, "a whole number", raw)
    low, high = field.minimum, field.maximum
    if (low is not None and raw < low) or (high is not None and raw > high):
        return reader.invalid(path, f"{capital(describe(raw))} is not allowed.", _between(field))
    return raw


def _between(field: Field) -> str:
    if field.minimum == field.maximum:
        return f"Write {field.minimum}."
    return f"Write a whole number from {field.minimum} to {field.maximum}."


def read_number(reader: Reader, raw: Json, _field: Field, path: str) -> Json:
    """A number."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return reader.wrong_type(path, "a number", raw)
    return raw


def read_choice(reader: Reader, raw: Json, field: Field, path: str) -> str | Unreadable:
    """One of the words of the field."""
    if not isinstance(raw, str):
        return reader.wrong_type(path, listed(field.choices), raw)
    if raw in field.choices:
        return raw
    return reader.invalid(
        path,
        f"{quoted(raw)} is not one of {listed(field.choices)}.",
        suggest(raw, field.choices, otherwise=f"Write {listed(field.choices)}."),
    )


def read_duration(reader: Reader, raw: Json, field: Field, path: str) -> float | Unreadable:
    """Seconds of a constant duration."""
    seconds = parse_duration(raw)
    if seconds is None:
        return reader.wrong_type(path, A_DURATION, raw)
    if seconds < (field.minimum or 0):
        return reader.invalid(path, f"{capital(describe(raw))} is too short.", f"At least {field.minimum}s.")
    if field.maximum is not None and seconds > field.maximum:
        return reader.invalid(
            path, f"{capital(describe(raw))} is too long.", f"At most {duration_text(field.maximum)}."
        )
    return seconds


def read_duration_value(reader: Reader, raw: Json, _field: Field, path: str) -> Value | Unreadable:
    """A duration, or a text with `{{ … }}` that gives one."""
    found = reader.value(raw, path) if isinstance(raw, str | int | float) else None
    if isinstance(found, Unreadable):
        return found
    if found is None or (found.constant and parse_duration(raw) is None):
        return reader.wrong_type(path, A_DURATION, raw)
    return found


def read_text_value(reader: Reader, raw: Json, _field: Field, path: str) -> Value | Unreadable:
    """A text that may hold `{{ … }}`."""
    return reader.value(raw, path) if isinstance(raw, str) else reader.wrong_type(path, "a text", raw)


def read_map_value(reader: Reader, raw: Json, _field: Field, path: str) -> Value | Unreadable:
    """An object of names and what they are."""
    return reader.value(raw, path) if isinstance(raw, dict) else reader.wrong_type(path, "an object", raw)


def read_codes(reader: Reader, raw: Json, _field: Field, path: str) -> frozenset[str] | Unreadable:
    """A list of error codes."""
    return _words(reader, raw, path, pattern=_CODE, what="an error code such as http_error")


def read_statuses(reader: Reader, raw: Json, _field: Field, path: str) -> tuple[str, ...] | Unreadable:
    """A list of HTTP statuses and classes of them, as texts in the order given."""
    texts = [str(item) if type(item) is int else item for item in raw] if isinstance(raw, list) else raw
    found = _words(reader, texts, path, pattern=_STATUS, what="an HTTP status such as 409 or 5xx")
    return found if isinstance(found, Unreadable) else tuple(dict.fromkeys(texts))


def _words(
    reader: Reader, raw: Json, path: str, *, pattern: re.Pattern[str], what: str
) -> frozenset[str] | Unreadable:
    items = reader.list(raw, path, "a list")
    if items is None:
        return UNREADABLE
    for index, item in enumerate(items):
        if not (isinstance(item, str) and pattern.fullmatch(item)):
            return reader.wrong_type(f"{path}[{index}]", what, item)
    return frozenset(items)


def read_retry(reader: Reader, raw: Json, _field: Field, path: str) -> Retry | Unreadable:
    """A retry: one of the words, or an object."""
    if isinstance(raw, str):
        if raw not in RETRY_WORDS:
            words = listed(RETRY_WORDS)
            return reader.invalid(
                path,
                f"{quoted(raw)} is not one of {words}.",
                suggest(raw, RETRY_WORDS, otherwise=f"Write {words}, or an object."),
            )
        raw = RETRY_WORDS[raw]
    elif not isinstance(raw, dict):
        return reader.wrong_type(path, f"{listed(RETRY_WORDS)}, or an object", raw)
    found: dict[str, Any] = reader.fields(raw, path, RETRY_FIELDS)
    return Retry(**found)


SIMPLE_READERS: dict[Kind, ReadField] = {
    Kind.LINE: read_text,
    Kind.TEXT: read_text,
    Kind.SOURCE: read_text,
    Kind.KEY: read_key,
    Kind.SLUG: read_slug,
    Kind.TYPE: read_type,
    Kind.EXPRESSION: lambda reader, raw, _field, path: reader.expression(raw, path),
    Kind.VALUE: lambda reader, raw, _field, path: reader.value(raw, path),
    Kind.TEXT_VALUE: read_text_value,
    Kind.MAP_VALUE: read_map_value,
    Kind.DURATION: read_duration,
    Kind.DURATION_VALUE: read_duration_value,
    Kind.BOOLEAN: read_boolean,
    Kind.INTEGER: read_integer,
    Kind.NUMBER: read_number,
    Kind.CHOICE: read_choice,
    Kind.CONSTANT: lambda _reader, raw, _field, _path: raw,
    Kind.CODES: read_codes,
    Kind.STATUSES: read_statuses,
    Kind.RETRY: read_retry,
}
