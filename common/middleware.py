"""The request's id: taken from the caller or made, put into every log line, audit entry and answer."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog.middlewares import RequestMiddleware

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,80}")
_SECRET_PATHS = re.compile(r"^(/(?:callbacks|hooks|join)/)[^/]+")


class RequestIdMiddleware:
    """Gives `request.request_id`, a header on every response, and the id to every log line meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request. An id that could forge a log line or fill a column is replaced."""
        given = str(request.META.get("HTTP_X_REQUEST_ID", ""))
        request_id = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = request_id
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self._get_response(request)
        response[HEADER] = request_id
        return response


class AccessLogMiddleware(RequestMiddleware):
    """django-structlog's log of requests, without query strings and without the secrets that some paths are."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path."""
        path = _SECRET_PATHS.sub(r"\1…", request.path)
        return f"{request.method} {path}"


def bind_actor(label: str) -> None:
    """Put the actor's name into every further log line of this request."""
    structlog.contextvars.bind_contextvars(actor=label)
