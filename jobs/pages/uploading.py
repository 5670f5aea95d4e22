"""Pages that files come to: read as the API reads them, with the same limits."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from common.errors import Problem
from jobs.api.multipart import Received, prepare
from workspaces.pages.base import Page
from workspaces.pages.problems import problem_page


@method_decorator(csrf_exempt, name="dispatch")
class TakesFiles(Page):
    """A page whose posts may carry files. The check of the CSRF token reads the form, so it must come after the
    handler of uploads was put in place: it is exempt from the first check and does the same here.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Read the form, check where it comes from, and answer."""
        if request.method == "POST":
            if request.content_type == "multipart/form-data":
                prepare(request)
            try:
                request.POST  # noqa: B018 - reads the body
            except Problem as problem:
                return problem_page(request, problem)
            except SuspiciousOperation:
                return problem_page(request, _too_much())
        return csrf_protect(super().dispatch)(request, *args, **kwargs)


def received(request: HttpRequest, name: str) -> list[Received]:
    """The files of a field; one without a name is a field that was left empty."""
    files: Sequence[object] = request.FILES.getlist(name)
    return [each for each in files if isinstance(each, Received) and each.name]


def _too_much() -> Problem:
    return Problem(
        413,
        "too_large",
        "The form holds more text or more files than can be taken at once. Go back: what you typed is still there. "
        "Give long tables as a file, or start the job by the API.",
    )
