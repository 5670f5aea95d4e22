"""Every page is for people who are signed in, unless its view says `login_not_required`."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from common.errors import Problem
from workspaces.pages.problems import problem_response


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's, but an open view opens no session, and a live region of an ended session is not sent a whole page."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> Any:
        """None lets the request in."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override] # Django's own answer is a redirect, never read as such
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """To the sign-in page; the script of a page is told by 401 and shows the way there."""
        if getattr(request, "htmx", False):
            problem = Problem(HTTPStatus.UNAUTHORIZED, "not_authenticated", "You have been signed out.")
            return problem_response(request, problem)
        return super().handle_no_permission(request, view_func)
