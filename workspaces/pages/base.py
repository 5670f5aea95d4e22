"""The base of every page: who looks, what they may, and how refusals, lists and live regions are answered."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views import View

from common.api.problems import not_found
from common.errors import Problem
from common.middleware import bind_actor
from common.paging import Page as Slice
from common.paging import page_size, paginate
from workspaces.actors import Actor
from workspaces.authentication import session_actor
from workspaces.pages.problems import problem_page
from workspaces.pages.times import zone_named
from workspaces.permissions import Permission, require

Row = TypeVar("Row", bound=Model)


class Page(View):
    """A page or a fragment, with methods `get` and `post`.

    `permissions`: for each method the permission it takes, None for what every member may; a method that is not
    named is a mistake of ours. A `Problem` that a method raises becomes a page that says what to do. Times are in
    the zone of the person.
    """

    permissions: ClassVar[Mapping[str, Permission | None]] = {}
    actor: Actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let the person in, and answer."""
        actor = session_actor(request)
        if actor is None:
            return render(request, "no_workspace.html", status=403)
        self.actor = actor
        bind_actor(actor.label)
        with timezone.override(zone_named(actor.user.time_zone)):
            try:
                self._authorise(request)
                return super().dispatch(request, *args, **kwargs)
            except Problem as problem:
                return problem_page(request, problem)

    def render(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """The template with `actor` and `context`. Half a character, which JSON can hold, is shown as its code."""
        text = render_to_string(template, {"actor": self.actor, **context}, self.request)
        return HttpResponse(text.encode("utf-8", "backslashreplace"), status=status)

    def fragment(self, template: str, *, revision: str, **context: Any) -> HttpResponse:
        """A live region, or 204 while it is still at the revision that the request names.

        The template begins its element with `{% poll url revision %}` as long as there is something to come.
        """
        if self.request.GET.get("revision") == revision:
            return HttpResponse(status=204)
        return self.render(template, revision=revision, **context)

    def found(self, rows: QuerySet[Row], **lookup: Any) -> Row:
        """The row of the person's workspace. Raises `Problem` 404 for one of others as for one that is not."""
        row = rows.filter(workspace=self.actor.workspace, **lookup).first()
        if row is None:
            raise not_found()
        return row

    def slice_of(self, rows: QuerySet[Row], *, ordering: Sequence[str]) -> Slice[Row]:
        """The part of a list that the address asks for by `cursor`; `parts/pager.html` links its neighbours."""
        query = self.request.GET
        return paginate(rows, ordering=ordering, cursor=query.get("cursor"), size=page_size(query))

    def _authorise(self, request: HttpRequest) -> None:
        method = (request.method or "").lower()
        method = "get" if method == "head" else method
        if method == "options" or not hasattr(self, method):
            return  # 405 follows
        if method not in self.permissions:
            raise ImproperlyConfigured(f"{type(self).__name__}.permissions does not name {method}.")
        if (permission := self.permissions[method]) is not None:
            require(self.actor, permission)


def revision_of(*parts: object) -> str:
    """A short name for what a region shows: two calls with equal parts give the same."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
