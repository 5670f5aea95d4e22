"""A `Problem` as an answer: a page for people, a problem document for scripts and programs."""

from http import HTTPStatus

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.text import capfirst

from common.api.bodies import dump_bytes
from common.api.problems import MEDIA_TYPE, document
from common.errors import Problem
from workspaces.authentication import request_id_of


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """`problem` as a problem document, outside of REST framework."""
    body = dump_bytes(document(problem, request_id=request_id_of(request)))
    return HttpResponse(body, status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE)


def problem_page(request: HttpRequest, problem: Problem, *, in_shell: bool = True) -> HttpResponse:
    """`problem` as a page; for a request of htmx as a document, whose sentence the page's script shows.

    `in_shell=False` reads nothing from the database.
    """
    if getattr(request, "htmx", False):
        return problem_response(request, problem)
    context = {
        "status": problem.status,
        "title": HTTPStatus(problem.status).phrase,
        "detail": problem.detail,
        "errors": problem.errors,
        "request_id": request_id_of(request),
    }
    template = "error.html" if in_shell and _is_member(request) else "error_plain.html"
    page = render_to_string(template, context, request if template == "error.html" else None)
    return HttpResponse(page, status=problem.status, headers=problem.headers)


def add_problem(form: BaseForm, problem: Problem) -> None:
    """Put what a service refused at the form's fields; what belongs to none of them above the form."""
    nothing_yet = not form.errors  # also runs the form's own checks, which `add_error` needs
    for error in problem.errors:
        name = error.path if error.path in form.fields else None
        form.add_error(name, capfirst(error.message))
    if nothing_yet and not problem.errors:
        form.add_error(None, problem.detail)


def _is_member(request: HttpRequest) -> bool:
    from_session = getattr(request, "user", None)
    return from_session is not None and from_session.is_authenticated
