"""Problem documents (RFC 9457): the one shape of everything that the API refuses.

`exception_handler` is what REST framework calls; `document` is shared with the views that answer outside of it.
"""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common.api.bodies import malformed
from common.canonical import Json
from common.errors import Problem

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "/docs/problems/#"
"""`type` is this and the code: a page of the docs, relative to the server that answered."""

log = logging.getLogger(__name__)


def document(problem: Problem, *, request_id: str) -> dict[str, Json]:
    """The members of a problem document. A member of `extra` never replaces one of the standard's."""
    members: dict[str, Json] = {
        **problem.extra,
        "type": TYPE_BASE + problem.code,
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request_id,
    }
    if problem.errors:
        members["errors"] = [error.as_json() for error in problem.errors]
    return members


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to whatever a view raised. What nobody foresaw is logged, and answered without its text."""
    set_rollback()
    request = context.get("request")
    request_id = str(getattr(request, "request_id", ""))
    problem = problem_of(error)
    if problem is not error and problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error(
            "The API could not answer a request: %s",
            type(error).__name__,
            exc_info=error,
            extra={"request_id": request_id, "code": problem.code},
        )
    return Response(
        document(problem, request_id=request_id),
        status=problem.status,
        headers=problem.headers,
        content_type=MEDIA_TYPE,
    )


def problem_of(error: Exception) -> Problem:
    """`error` as a problem; anything unknown is 500 `internal_error`."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return next((problem() for kinds, problem in _KNOWN if isinstance(error, kinds)), internal_error())


def not_found() -> Problem:
    """There is no such thing, or it belongs to others; the caller is not told which."""
    return Problem(404, "not_found", "There is nothing at this address, or it is not in your workspace.")


def internal_error() -> Problem:
    """Our fault."""
    detail = "The server failed in a way nobody foresaw. Tell your administrator the request_id."
    return Problem(500, "internal_error", detail)


_KNOWN: list[tuple[tuple[type[Exception], ...], Callable[[], Problem]]] = [
    ((Http404,), not_found),
    ((PermissionDenied,), lambda: Problem(403, "forbidden", "This is not allowed here.")),
    (
        (RequestDataTooBig,),
        lambda: Problem(413, "too_large", "The request is larger than this address takes."),
    ),
    (
        (SuspiciousOperation, UnreadablePostError, MultiPartParserError),
        lambda: Problem(400, "malformed", "The request could not be read to its end. Send it again."),
    ),
    (
        (OperationalError, InterfaceError),
        lambda: Problem(
            503,
            "unavailable",
            "The database does not answer at the moment. Send the request again in a few seconds.",
            headers={"Retry-After": "2"},
        ),
    ),
]
"""What Django raises, and the problem it is. The first that fits holds."""


def _of_framework(error: exceptions.APIException) -> Problem:
    match error:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            detail = "Send the header Authorization: Token KEY, or sign in."
            headers = {"WWW-Authenticate": 'Token realm="workledger"'}
            problem = Problem(401, "not_authenticated", detail, headers=headers)
        case exceptions.MethodNotAllowed():
            problem = Problem(405, "method_not_allowed", "This address does not take that method.")
        case exceptions.UnsupportedMediaType():
            detail = "This address does not take a body of that Content-Type; most take application/json."
            problem = Problem(415, "unsupported_media_type", detail)
        case exceptions.ParseError():
            problem = malformed(str(error.detail).rstrip("."))
        case exceptions.NotFound():
            problem = not_found()
        case _:
            code = error.get_codes()
            problem = Problem(
                error.status_code, code if isinstance(code, str) else "invalid", str(error.detail)
            )
    return problem
