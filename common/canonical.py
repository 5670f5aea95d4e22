"""JSON as canonical text: the same value gives the same bytes, and every value survives.

Two forms. `dumps` is for payloads and audit entries: sorted keys, no spaces, `1.0` stays `1.0`, integers of any
size, NUL and lone surrogates escaped, so that both databases can store it. `definition_text` is RFC 8785, for
definitions and manifests, whose digest other programs must be able to compute. `dumps_in_order` is no canonical
form: it is for drafts, whose order belongs to those who write them.
"""

import hashlib
import json
from typing import Any

import rfc8785

Json = Any
"""null, true/false, a number, a string, a list of them or an object of them."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_ASCII_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_ORDER_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_ASCII_ORDER_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class NotJson(ValueError):  # noqa: N818 - it says what the value is
    """The value is not JSON: NaN, an infinity, a set, bytes, or an object that refers to itself."""


def dumps(value: Json) -> str:
    """`value` as canonical text. Raises `NotJson`."""
    return _encoded(value, _ENCODER, _ASCII_ENCODER)


def dumps_in_order(value: Json) -> str:
    """The same with the keys of objects in the order that they have. Raises `NotJson`."""
    return _encoded(value, _ORDER_ENCODER, _ASCII_ORDER_ENCODER)


def loads(text: str | bytes) -> Json:
    """The value of canonical text that this module wrote."""
    return json.loads(text)


def definition_text(value: Json) -> str:
    """`value` in the form of RFC 8785. Raises `NotJson`, also for integers beyond ±2^53."""
    try:
        return rfc8785.dumps(value).decode()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotJson(str(error)) from error


def meaning(value: Json) -> str:
    """A text that two definitions share when they mean the same, whatever the order of their keys and the way in which
    their numbers are written: RFC 8785, or for what it cannot write `dumps`. Raises `NotJson` for what is no JSON.
    """
    try:
        return definition_text(value)
    except NotJson:
        return dumps(value)


def sha256_hex(text: str) -> str:
    """The digest of a text as other programs write it: `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def encodable(text: str) -> str:
    """`text` as it can be sent and stored: half a character (a lone surrogate) is written as its code, `\\ud800`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _encoded(value: Json, encoder: json.JSONEncoder, ascii_encoder: json.JSONEncoder) -> str:
    try:
        text = encoder.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error
    if text.isascii() or _encodes(text):
        return text
    return ascii_encoder.encode(value)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
