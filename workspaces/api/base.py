"""What every view of the API shares: who calls, what they may, and how bodies, pages and errors look."""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from common import clock
from common.api.bodies import MEBIBYTE, JsonParser, JsonRenderer
from common.api.filters import StrictFilterBackend, filter_names, refuse_unknown
from common.api.limits import RateLimit
from common.api.pagination import PARAMETERS, CursorPages
from common.errors import Problem
from common.middleware import bind_actor
from workspaces.actors import Actor
from workspaces.authentication import SessionAuthentication, TokenAuthentication, is_stale, note_use
from workspaces.permissions import Permission, require

LARGE_BODY = 10 * MEBIBYTE
"""`max_body_bytes` of views that take definitions or batches."""


class FirstRenderer(BaseContentNegotiation):
    """Answers in the view's own format whatever `Accept` says; a body's Content-Type must be one of its parsers'."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        """The parser for the body's media type; None makes a 415."""
        given = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(self, _request: Request, renderers: Any, _suffix: str | None = None) -> Any:
        """The first renderer."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A view of the API: methods `get`, `post`, … or, in `ApiViewSet`, actions.

    `permission_map`: for each action of a viewset, or each lower-case method of a plain view, the permission it
    takes; None for what every member may. What is not named is refused.
    `query_params`: the query parameters that each action reads, besides those of its list.
    `max_body_bytes`: the largest JSON body.
    """

    permission_map: ClassVar[Mapping[str, Permission | None]] = {}
    query_params: ClassVar[Mapping[str, frozenset[str]]] = {}
    max_body_bytes: ClassVar[int] = MEBIBYTE

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (JsonParser,)
    renderer_classes = (JsonRenderer,)
    content_negotiation_class = FirstRenderer
    metadata_class = None
    http_method_names = ["get", "post", "patch", "delete", "head"]

    @property
    def actor(self) -> Actor:
        """Who calls. Only after `initial`."""
        actor = self.request.auth
        assert isinstance(actor, Actor)
        return actor

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Token first: it needs no session."""
        return [authenticator() for authenticator in self.authentication_classes]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the request in, or raise a `Problem`: 401, 403, 415, 422 for query parameters, 429."""
        super().initial(request, *args, **kwargs)
        if not isinstance(request.auth, Actor):
            challenge = {"WWW-Authenticate": 'Token realm="workledger"'}
            detail = "Send the header Authorization: Token KEY, or sign in."
            raise Problem(401, "not_authenticated", detail, headers=challenge)
        bind_actor(request.auth.label)
        token = request.auth.token
        _rate_limit(settings.API_RATE_PER_MINUTE).take(token.pk if token else request.auth.user.pk)
        _refuse_unread_bodies(request)
        self._check_action(request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The answer; a token's use is written down after it was sent."""
        final = super().finalize_response(request, response, *args, **kwargs)
        actor = getattr(request, "auth", None) if hasattr(request, "_auth") else None
        if isinstance(actor, Actor) and actor.token and is_stale(actor.token.last_used_at, clock.now()):
            final._resource_closers.append(partial(note_use, actor.token))  # type: ignore[attr-defined]
        return final

    def _check_action(self, request: Request) -> None:
        method = (request.method or "").lower()
        action: str = getattr(self, "action", None) or ("get" if method == "head" else method)
        if method not in self.http_method_names or not hasattr(self, method):
            return  # a method that the view lacks: 405 follows
        if action not in self.permission_map:
            raise ImproperlyConfigured(f"{type(self).__name__}.permission_map does not name {action}.")
        if (permission := self.permission_map[action]) is not None:
            require(self.actor, permission)
        known = self.query_params.get(action, frozenset())
        if action == "list":
            known = known | PARAMETERS | filter_names(getattr(self, "filterset_class", None))
        refuse_unknown(request.query_params, known)


class ApiViewSet(ApiView, GenericViewSet[Any]):
    """A collection and its members. `queryset` names rows of any workspace; only those of the caller's are ever seen,
    so that what belongs to others is a 404.
    """

    pagination_class = CursorPages
    filter_backends = (StrictFilterBackend,)

    @property
    def is_described(self) -> bool:
        """Whether there is no caller, because the OpenAPI document is being written."""
        return bool(getattr(self, "swagger_fake_view", False))

    def get_queryset(self) -> QuerySet[Any]:
        """The rows of the caller's workspace."""
        rows = super().get_queryset()
        return rows.none() if self.is_described else rows.filter(workspace=self.actor.workspace)


def _refuse_unread_bodies(request: Request) -> None:
    """Raise `Problem` for a body in a form of which nothing would be read, so that its fields are not lost silently."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_encoding", "Send the body as it is, without Content-Encoding.")
    if "Transfer-Encoding" in request.headers and "CONTENT_LENGTH" not in request.META:
        detail = "Send the body with its Content-Length, not in chunks (Transfer-Encoding)."
        raise Problem(411, "length_required", detail)


@lru_cache(maxsize=4)
def _rate_limit(per_minute: int) -> RateLimit:
    return RateLimit(per_minute)
