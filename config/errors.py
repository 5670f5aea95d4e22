"""What is answered where no view answers: problem documents below `/api/`, pages elsewhere."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from common.api.bodies import dump_bytes
from common.api.problems import MEDIA_TYPE, document, internal_error, not_found
from common.errors import Problem
from workspaces.authentication import request_id_of


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """`problem` as an answer outside of REST framework."""
    body = dump_bytes(document(problem, request_id=request_id_of(request)))
    return HttpResponse(body, status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler400."""
    return _answer(request, Problem(400, "malformed", "The request is not one that the server can read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler403."""
    return _answer(request, Problem(403, "forbidden", "This is not allowed with the role you have here."))


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler404."""
    return _answer(request, not_found())


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500. Reads nothing from the database: that may be what is broken."""
    return _answer(request, internal_error())


def _answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    if request.path.startswith(("/api/", "/hooks/", "/callbacks/")):
        return problem_response(request, problem)
    page = render_to_string(
        "error.html",
        {
            "status": problem.status,
            "title": HTTPStatus(problem.status).phrase,
            "detail": problem.detail,
            "request_id": request_id_of(request),
        },
    )
    return HttpResponse(page, status=problem.status)
