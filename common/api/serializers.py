"""Serializers that refuse what they do not know, and say in words what was expected and what came."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from common import clock
from common.api.fielderrors import field_errors, type_error
from common.errors import FieldError, Problem


class MomentField(serializers.DateTimeField):
    """A moment: RFC 3339 in UTC when it goes out; any zone, but always one, when it comes in."""

    def to_representation(self, value: datetime) -> str:
        """The moment with microseconds and `Z`."""
        return clock.rfc3339(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        """`value` in UTC; a text without a zone is refused, for it would mean another moment elsewhere."""
        if value.tzinfo is None:
            message = "expected a moment with its zone, like 2026-11-22T09:00:00Z; add Z or +01:00"
            raise ValidationError(message, code="format")
        return super().enforce_timezone(value)


class StrictSerializer(serializers.Serializer[Any]):
    """Unknown and read-only fields are errors (`unknown`), and nothing is guessed: the text "5" is not a number."""

    @classmethod
    def read(cls, body: Any, **options: Any) -> dict[str, Any]:
        """The valid fields of `body`. Raises `Problem` 422 `invalid` with one error for each fault."""
        serializer = cls(data=body, **options)
        if not serializer.is_valid():
            raise invalid(field_errors(serializer, serializer.errors, body))
        fields: dict[str, Any] = serializer.validated_data
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """`data` as Python values. Raises `ValidationError` with our codes."""
        if isinstance(data, Mapping):
            writable = {str(field.field_name): field for field in self._writable_fields}
            errors = {name: [_unknown(name, set(writable))] for name in data if name not in writable}
            if not isinstance(data, QueryDict):
                given = {name: data[name] for name in data if name in writable}
                for name, value in given.items():
                    if (error := type_error(writable[name], value)) is not None:
                        errors[name] = [error]
            if errors:
                raise ValidationError(errors | self._other_errors(data, set(errors)))
        return super().to_internal_value(data)

    def _other_errors(self, data: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
        """What else is wrong, so that all faults are told at once."""
        try:
            super().to_internal_value(data)
        except ValidationError as error:
            if isinstance(error.detail, dict):
                return {name: detail for name, detail in error.detail.items() if name not in known}
        return {}


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """The same for a model's fields."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: MomentField,
    }


def invalid(errors: list[FieldError]) -> Problem:
    """422 for fields that are not valid."""
    count = "One field is" if len(errors) == 1 else f"{len(errors)} fields are"
    return Problem(422, "invalid", f"{count} not valid; errors says which and why.", errors=errors)


def _unknown(name: Any, known: set[str]) -> ErrorDetail:
    expected = f"expected only {', '.join(sorted(known))}" if known else "expected no fields"
    return ErrorDetail(f"{expected}; got {str(name)[:80]!r}", code="unknown")
