"""Filters of lists: one FilterSet serves the API and the page; the API refuses what it does not know."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.fields import IsoDateTimeField
from django_filters.filters import IsoDateTimeFilter
from django_filters.filterset import FilterSet
from django_filters.rest_framework.backends import DjangoFilterBackend
from rest_framework.request import Request

from common.api.bodies import kind_of
from common.errors import FieldError, Problem


class MomentField(IsoDateTimeField):
    """A moment that can be computed with: a day before and after it, in every zone, there is still a calendar."""

    default_error_messages: ClassVar = {"invalid": "Expected a moment like 2026-11-22T09:00:00Z."}

    def clean(self, value: Any) -> datetime | None:
        """The moment in UTC: databases do not know every offset that a text can name. Raises `ValidationError`."""
        try:
            moment: datetime | None = super().clean(value)
            if moment is None:
                return None
            (moment - timedelta(days=1)).astimezone(UTC)
            (moment + timedelta(days=1)).astimezone(UTC)
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("Expected a moment between the years 1 and 9999.", code="format") from error


class MomentFilter(IsoDateTimeFilter):
    """A filter by a moment like 2026-11-22T09:00:00Z."""

    field_class = MomentField

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]  # the library has no types


class StrictFilterBackend(DjangoFilterBackend):
    """The view's `filterset_class`; a value that a filter does not take is a 422 with the filter's name as path."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """The rows that the filters leave. Raises `Problem` 422."""
        filterset = self.get_filterset(request, queryset, view)  # type: ignore[no-untyped-call]
        if filterset is None:
            return queryset
        if filterset.is_valid():
            filtered: QuerySet[Any] = filterset.qs
            return filtered
        errors = [
            _worded(name, found.as_data()[0], filterset.form.fields[name], filterset.data.get(name))
            for name, found in filterset.errors.items()
        ]
        raise Problem(422, "invalid", "A filter has a value it does not take.", errors=errors)


def _worded(name: str, error: ValidationError, field: Any, value: Any) -> FieldError:
    got = f"Got {kind_of(value)}."
    if error.code == "invalid_choice":
        choices = ", ".join(str(choice) for choice, _ in field.choices if choice)
        return FieldError(path=name, code="not_a_choice", message=f"Expected one of {choices}. {got}")
    return FieldError(path=name, code="format", message=f"{' '.join(map(str, error.messages))} {got}")


def filter_names(filterset: type[FilterSet] | None) -> frozenset[str]:
    """The query parameters that the filters read."""
    return frozenset(getattr(filterset, "base_filters", ()))


def refuse_unknown(given: Iterable[str], known: frozenset[str]) -> None:
    """Raise `Problem` 422 `unknown` for a query parameter nobody reads: a mistyped filter would show everything."""
    unknown = sorted(set(given) - known)
    if not unknown:
        return
    expected = f"expected only {', '.join(sorted(known))}" if known else "expected no parameters here"
    errors = [
        FieldError(path=name[:80], code="unknown", message=f"{expected}; got {name[:80]!r}")
        for name in unknown
    ]
    raise Problem(422, "invalid", "The address has a query parameter that is not known here.", errors=errors)
