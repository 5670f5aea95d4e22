"""From REST framework's validation errors to ours: a path, a stable code, what was expected and what came."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from common.api.bodies import kind_of
from common.errors import FieldError

Field = serializers.Field[Any, Any, Any, Any]

_OWN_CODES = {
    "required",
    "unknown",
    "wrong_type",
    "too_small",
    "too_large",
    "too_short",
    "too_long",
    "pattern",
    "not_a_choice",
    "duplicate",
    "format",
    "file_type",
}
"""Errors with these codes were worded by us and pass as they are."""

_EXPECTED: list[tuple[type[Any], str, tuple[type, ...]]] = [
    (serializers.BooleanField, "true or false", (bool,)),
    (serializers.IntegerField, "a whole number", (int,)),
    (serializers.FloatField, "a number", (int, float)),
    (serializers.DecimalField, "a number", (int, float, str)),
    (serializers.UUIDField, "a UUID", (str,)),
    (serializers.DateTimeField, "a moment like 2026-11-22T09:00:00Z", (str,)),
    (serializers.DateField, "a date like 2026-11-22", (str,)),
    (serializers.EmailField, "an e-mail address", (str,)),
    (serializers.URLField, "an http or https address", (str,)),
    (serializers.FileField, "a file, sent as multipart/form-data", ()),
    (serializers.ChoiceField, "one of the choices", (str, int, bool)),
    (serializers.CharField, "a text", (str,)),
    (serializers.ListField, "a list", (list,)),
    (serializers.ListSerializer, "a list", (list,)),
    (serializers.DictField, "an object", (dict,)),
    (serializers.BaseSerializer, "an object", (dict,)),
]
"""What each kind of field expects, in words, and the JSON types that may hold it; the first that fits holds."""


def type_error(field: Field, value: Any) -> ErrorDetail | None:
    """An error when JSON's own type of `value` cannot fit `field`, where REST framework would convert it."""
    types = next((types for kind, _, types in _EXPECTED if isinstance(field, kind)), ())
    if not types or value is None:
        return None
    if isinstance(value, types) and (bool in types or not isinstance(value, bool)):
        return None
    return ErrorDetail(f"expected {expected(field)}, got {kind_of(value)}", code="wrong_type")


def expected(field: Field | None) -> str:
    """What `field` takes, in words."""
    if isinstance(field, serializers.ChoiceField) and field.choices:
        return "one of " + ", ".join(str(choice) for choice in field.choices)
    own = getattr(field, "expects", "a valid value")
    return next((words for kind, words, _ in _EXPECTED if isinstance(field, kind)), own)


def field_errors(field: Field | None, detail: Any, value: Any, path: str = "") -> list[FieldError]:
    """Every error in `detail`, REST framework's tree of errors for `value`, which `field` refused."""
    return list(_walk(field, detail, value, path))


def _walk(field: Field | None, detail: Any, value: Any, path: str) -> Iterator[FieldError]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            if key == api_settings.NON_FIELD_ERRORS_KEY:
                yield from _walk(field, inner, value, path)
                continue
            where = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else str(key)
            yield from _walk(_inner_field(field, key), inner, _inner_value(value, key), where)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            if isinstance(inner, ErrorDetail):
                yield _worded(field, inner, value, path)
            else:
                yield from _walk(
                    _inner_field(field, index), inner, _inner_value(value, index), f"{path}[{index}]"
                )
    else:
        yield _worded(field, ErrorDetail(str(detail), getattr(detail, "code", "format")), value, path)


def _inner_field(field: Field | None, key: Any) -> Field | None:
    if isinstance(field, serializers.Serializer):
        return field.fields.get(str(key))
    child: Field | None = getattr(field, "child", None)
    return child


def _inner_value(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _worded(field: Field | None, detail: ErrorDetail, value: Any, path: str) -> FieldError:
    given = detail.code or "invalid"
    if given in _WORDS:
        code, words = _WORDS[given]
        return FieldError(path=path, code=code, message=words(field, value))
    if given in _OWN_CODES:
        return FieldError(path=path, code=given, message=str(detail))
    code = "wrong_type" if field is not None and type_error(field, value) else "format"
    return FieldError(path=path, code=code, message=f"expected {expected(field)}, got {kind_of(value)}")


def _bound(name: str, words: str) -> Callable[[Field | None, Any], str]:
    def worded(field: Field | None, value: Any) -> str:
        size = len(value) if "length" in name and isinstance(value, str | list | dict) else kind_of(value)
        return f"expected {words.format(getattr(field, name, ''))}, got {size}"

    return worded


def _nothing(field: Field | None, _value: Any) -> str:
    return f"expected {expected(field)}, got nothing"


def _what_came(field: Field | None, value: Any) -> str:
    return f"expected {expected(field)}, got {kind_of(value)}"


_STORABLE = "expected a text of whole characters"

_WORDS: dict[str, tuple[str, Callable[[Field | None, Any], str]]] = {
    "required": ("required", _nothing),
    "blank": ("required", lambda field, _: f"expected {expected(field)}, got an empty text"),
    "empty": ("required", lambda field, _: f"expected {expected(field)} with content, got an empty one"),
    "null": ("wrong_type", lambda field, _: f"expected {expected(field)}, got null"),
    "not_a_list": ("wrong_type", _what_came),
    "not_a_dict": ("wrong_type", _what_came),
    "max_length": ("too_long", _bound("max_length", "a length of at most {}")),
    "min_length": ("too_short", _bound("min_length", "a length of at least {}")),
    "max_value": ("too_large", _bound("max_value", "at most {}")),
    "min_value": ("too_small", _bound("min_value", "at least {}")),
    "invalid_choice": ("not_a_choice", _what_came),
    "null_characters_not_allowed": ("format", lambda *_: f"{_STORABLE}, got the character U+0000; remove it"),
    "surrogate_characters_not_allowed": ("format", lambda *_: f"{_STORABLE}, got half of a surrogate pair"),
}
