"""Cursor pages of the API. Imports no view, for REST framework loads it while it defines its own."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common.errors import FieldError, Problem
from common.paging import LARGEST_PAGE, USUAL_PAGE, Page, page_size, paginate

PARAMETERS = frozenset({"cursor", "page_size", "ordering"})
NEWEST_FIRST: Mapping[str, Sequence[str]] = {"-id": ("-id",), "id": ("id",)}
"""The orderings of a view that names none."""


class CursorPages(BasePagination):
    """`{"next", "previous", "results"}`. The view's `orderings` maps each allowed `ordering` to columns; the first
    is the default.
    """

    page: Page[Any]
    base_url: str

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: Any = None
    ) -> list[Any]:
        """The rows of the page that was asked for. Raises `Problem` 422 for a bad cursor, size or ordering."""
        assert isinstance(queryset, QuerySet)
        query = request.query_params
        self.base_url = request.build_absolute_uri()
        self.page = paginate(
            queryset,
            ordering=_ordering(query.get("ordering", ""), view),
            cursor=query.get("cursor", ""),
            size=page_size(cast(Mapping[str, str], query)),
        )
        return self.page.items

    def get_paginated_response(self, data: Any) -> Response:
        """The page with the addresses of its neighbours."""
        return Response(
            {
                "next": self._link(self.page.next),
                "previous": self._link(self.page.previous),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page, for OpenAPI."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """`cursor`, `page_size` and `ordering`, for OpenAPI."""
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE}
        order = {"type": "string", "enum": list(orderings_of(view))}
        return [
            _parameter("cursor", "From `next` or `previous`.", {"type": "string"}),
            _parameter("page_size", "How many results a page has.", size),
            _parameter("ordering", "`-` before a name is descending.", order),
        ]

    def _link(self, cursor: str | None) -> str | None:
        return None if cursor is None else replace_query_param(self.base_url, "cursor", cursor)


def orderings_of(view: Any) -> Mapping[str, Sequence[str]]:
    """What `ordering` may be in this view, and the columns it stands for."""
    named: Mapping[str, Sequence[str]] = getattr(view, "orderings", None) or NEWEST_FIRST
    return named


def _ordering(given: str, view: Any) -> Sequence[str]:
    allowed = orderings_of(view)
    if not given:
        return next(iter(allowed.values()))
    if given in allowed:
        return allowed[given]
    message = f"expected one of {', '.join(allowed)}; got {given[:40]!r}"
    raise Problem(
        422,
        "invalid",
        "The list cannot be ordered like that.",
        errors=[FieldError(path="ordering", code="not_a_choice", message=message)],
    )


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
