"""What is answered where no view answers: problem documents below `/api/`, pages elsewhere."""

from django.http import HttpRequest, HttpResponse

from common.api.problems import internal_error, not_found
from common.errors import Problem
from workspaces.pages.problems import problem_page, problem_response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler400."""
    return _answer(request, Problem(400, "malformed", "The request is not one that the server can read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler403."""
    return _answer(request, Problem(403, "forbidden", "This is not allowed with the role you have here."))


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler404."""
    return _answer(request, not_found())


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's CSRF_FAILURE_VIEW."""
    detail = "The form was out of date. Go back, reload the page and send it again."
    return _answer(request, Problem(403, "csrf", detail))


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500. Reads nothing from the database: that may be what is broken."""
    return _answer(request, internal_error(), in_shell=False)


def _answer(request: HttpRequest, problem: Problem, *, in_shell: bool = True) -> HttpResponse:
    if request.path.startswith(("/api/", "/hooks/", "/callbacks/")):
        return problem_response(request, problem)
    return problem_page(request, problem, in_shell=in_shell)
