"""Pages of a long list by cursor: a page costs the same at a million rows as at a thousand. For API and UI alike."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, NoReturn, TypeVar

from django.core.exceptions import FieldError as NoSuchField
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from common import clock
from common.canonical import Json, dumps, loads
from common.errors import FieldError, Problem

Row = TypeVar("Row", bound=Model)

LARGEST_PAGE = 200
USUAL_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """A slice of a list, and the cursors of the slices around it; None where there are none."""

    items: list[Row]
    next: str | None
    previous: str | None


@dataclass(frozen=True, kw_only=True)
class _Position:
    backward: bool
    values: list[Any]


def paginate(
    queryset: QuerySet[Row], *, ordering: Sequence[str], cursor: str | None = None, size: int = USUAL_PAGE
) -> Page[Row]:
    """The page of `queryset` at `cursor`, the first without one. One query.

    `ordering` names columns of the model that are never null, `-` before descending ones, all in the same direction
    if the index shall serve it; together they are unique, so end with `id`. Raises `Problem` 422 for a cursor that
    is not one of this list.
    """
    position = _decode(cursor, queryset.model, ordering) if cursor else None
    backward = position is not None and position.backward
    order = [_turned(name) for name in ordering] if backward else list(ordering)
    if position is not None:
        queryset = queryset.filter(_beyond(order, position.values))
    rows = list(queryset.order_by(*order)[: size + 1])
    more = len(rows) > size
    items = rows[:size][::-1] if backward else rows[:size]
    if not items:
        return Page(items=[], next=None, previous=None)
    has_next, has_previous = (True, more) if backward else (more, position is not None)
    return Page(
        items=items,
        next=_encode(items[-1], ordering, backward=False) if has_next else None,
        previous=_encode(items[0], ordering, backward=True) if has_previous else None,
    )


def page_size(query: Mapping[str, str]) -> int:
    """`page_size` of a query string. Raises `Problem` 422."""
    given = query.get("page_size", "")
    if not given:
        return USUAL_PAGE
    if given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= LARGEST_PAGE:
        return int(given)
    whole = given.isascii() and given.isdigit()
    code = ("too_large" if given.strip("0") else "too_small") if whole else "wrong_type"
    message = f"expected a whole number from 1 to {LARGEST_PAGE}, got {given[:20]!r}"
    raise Problem(
        422,
        "invalid",
        "The page cannot have that size.",
        errors=[FieldError(path="page_size", code=code, message=message)],
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after the one with `values`. The first column is bounded apart from the rest, for the index's sake."""
    condition = Q(pk__in=[])
    for depth in range(len(order) - 1, -1, -1):
        column, value = order[depth].lstrip("-"), values[depth]
        side = "lt" if order[depth].startswith("-") else "gt"
        strictly = Q(**{f"{column}__{side}": value})
        condition = strictly if depth == len(order) - 1 else strictly | (Q(**{column: value}) & condition)
    if len(order) > 1:
        side = "lte" if order[0].startswith("-") else "gte"
        condition &= Q(**{f"{order[0].lstrip('-')}__{side}": values[0]})
    return condition


def _encode(row: Model, ordering: Sequence[str], *, backward: bool) -> str:
    values: list[Json] = [_as_json(getattr(row, name.lstrip("-"))) for name in ordering]
    text = dumps([int(backward), "".join(ordering), *values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _as_json(value: Any) -> Json:
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    return value if isinstance(value, int) else str(value)


def _decode(cursor: str, model: type[Model], ordering: Sequence[str]) -> _Position:
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        parts = loads(text)
        backward, order, *values = parts
        if order != "".join(ordering) or len(values) != len(ordering) or backward not in (0, 1):
            _refuse()
        fields = [model._meta.get_field(name.lstrip("-")) for name in ordering]
        parsed = [_parsed(field, value) for field, value in zip(fields, values, strict=True)]
    except (
        ValueError,
        TypeError,
        binascii.Error,
        ValidationError,
        NoSuchField,
        OverflowError,
        RecursionError,
    ):
        _refuse()
    return _Position(backward=bool(backward), values=parsed)


def _parsed(field: Any, value: Json) -> Any:
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("no database takes NUL in a text")
    if value is None or isinstance(value, list | dict | bool):
        raise TypeError("a cursor holds texts and numbers")
    parsed = field.to_python(value)
    if isinstance(parsed, datetime) and parsed.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return parsed.astimezone(UTC) if isinstance(parsed, datetime) else parsed


def _refuse() -> NoReturn:
    message = (
        "expected a cursor from `next` or `previous` of this list in this ordering; begin again without one"
    )
    raise Problem(
        422,
        "invalid",
        "The cursor does not belong to this list.",
        errors=[FieldError(path="cursor", code="format", message=message)],
    )
