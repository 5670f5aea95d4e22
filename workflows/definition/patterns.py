"""Patterns and schemas that users write: matched in linear time, and with nothing fetched from anywhere."""

from collections.abc import Callable
from functools import lru_cache

import jsonschema_rs

from common.canonical import Json, dumps, loads

_REGEX = jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20)
_MAX_SCHEMA = 100_000


class BadPattern(ValueError):  # noqa: N818 - it is what it says
    """The regular expression cannot be used."""


def compiled_pattern(pattern: str) -> Callable[[str], bool]:
    """A function that says whether a whole text matches. Raises `BadPattern`."""
    return _pattern(pattern)


@lru_cache(maxsize=500)
def _pattern(pattern: str) -> Callable[[str], bool]:
    try:
        # The pattern alone first: one such as `a)|(b` must not break out of the group around it.
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=_REGEX, offline=True)
        whole = jsonschema_rs.Draft202012Validator(
            {"pattern": f"^(?:{pattern})$"}, pattern_options=_REGEX, offline=True
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise BadPattern("It is not a regular expression that can be used here.") from error

    def matches(text: str) -> bool:
        try:
            return whole.is_valid(text)
        except UnicodeEncodeError:  # half a character, which no pattern means
            return False

    return matches


def compiled_schema(schema: Json) -> jsonschema_rs.Draft202012Validator:
    """A validator of a JSON Schema. Raises `ValueError` or `ReferencingError` for one that cannot be used."""
    text = dumps(schema)
    if len(text) > _MAX_SCHEMA:
        raise ValueError("it is too large")
    return _schema(text)


@lru_cache(maxsize=500)
def _schema(text: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        loads(text), pattern_options=_REGEX, offline=True, validate_formats=True
    )
