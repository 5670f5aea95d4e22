"""JSON from outside: read strictly, so that what is kept can be stored and read again by everyone."""

import json

from common.canonical import Json

MAX_DEPTH = 200


class NotReadable(ValueError):  # noqa: N818 - says what is wrong
    """The text is not JSON that can be kept. The message completes the sentence "It is not JSON: …"."""


def read_json(content: bytes | str) -> Json:
    """The value of `content`; None for an empty text. UTF-8 (with or without BOM), UTF-16 and UTF-32 are read.

    Refused, with `NotReadable`: NaN and infinities (also as `1e400`), nesting deeper than 200, half of a
    surrogate pair, bytes that are not the encoding.
    """
    text = (content if isinstance(content, str) else _decoded(content)).removeprefix("\ufeff")
    if not text.strip(" \t\r\n"):
        return None
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_bounded_int)
    except json.JSONDecodeError as error:
        raise NotReadable(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise NotReadable(f"it is nested more than {MAX_DEPTH} levels deep") from error
    if too_deep(value):
        raise NotReadable(f"it is nested more than {MAX_DEPTH} levels deep")
    if "\\u" in text:
        _refuse_half_pairs(value)
    return value


def too_deep(value: Json) -> bool:
    """Whether `value` is nested more than 200 levels deep."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
    return bool(level)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode(json.detect_encoding(content))
        text.encode()
    except UnicodeError as error:
        raise NotReadable("its bytes are not UTF-8") from error
    return text


def _refuse_half_pairs(value: Json) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise NotReadable("a text in it has half of a surrogate pair (\\ud800 to \\udfff)") from error


def _refuse_constant(name: str) -> Json:
    raise NotReadable(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotReadable(f"the number {text[:40]} is too large")
    return number


def _bounded_int(text: str) -> int:
    if len(text) > 1000:
        raise NotReadable(f"a number in it has {len(text):,} digits")
    return int(text)
