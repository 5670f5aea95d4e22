"""What an invitation's link opens: a page for whoever has it. Only the form changes anything."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from common.api.limits import RateLimit
from common.errors import Problem
from common.middleware import bind_actor
from workspaces.authentication import SESSION_WORKSPACE, request_id_of
from workspaces.invitations import (
    accept_as_new_person,
    accept_invitation,
    find_invitation,
    refuse_wrong_person,
)
from workspaces.models import Invitation, Membership, Role, User
from workspaces.pages.problems import add_problem
from workspaces.role_words import role_words

P = ParamSpec("P")

_ATTEMPTS = RateLimit(60)
"""By the visitor's address; nobody guesses a secret of 256 bits, so this is for the server's sake."""

_TITLES = {
    "not_found": gettext_lazy("There is no such invitation"),
    "invitation_used": gettext_lazy("This invitation has been used"),
    "invitation_revoked": gettext_lazy("This invitation was taken back"),
    "invitation_expired": gettext_lazy("This invitation has expired"),
    "member_already": gettext_lazy("You are a member already"),
    "forbidden": gettext_lazy("This invitation is for somebody else"),
    "rate_limited": gettext_lazy("Too many attempts"),
}


class NewPersonForm(forms.Form):
    """An account; `accept_as_new_person` checks it. The address of the invitation, if it has one, stands."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        help_text=gettext_lazy("Letters, digits and @ . + - _; the audit log names you by it, so it stays."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy("You can sign in with it, and set a forgotten password anew."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=1000,
        help_text=gettext_lazy("At least 8 characters, not only digits, and none of the common ones."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if invitation.email:
            self.fields["email"].disabled = True
            self.fields["email"].initial = invitation.email


def _guarded(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Limits attempts, answers a `Problem` by a page that tells no more than it must, and is never kept."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            _ATTEMPTS.take(get_adapter().get_client_ip(request))
            answer = view(request, *args, **kwargs)
        except Problem as problem:
            context = {"code": problem.code, "title": _TITLES[problem.code], "detail": problem.detail}
            answer = render(request, "join/refused.html", context, status=problem.status)
            for name, value in problem.headers.items():
                answer[name] = value
        answer["Cache-Control"] = "no-store"
        return answer

    return guarded


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@_guarded
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites to what; then joining with one click, or an account first."""
    invitation = find_invitation(token)
    if isinstance(request.user, User):
        return _join_as(request, token, invitation, request.user)
    form = NewPersonForm(request.POST or None, invitation=invitation)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = form.cleaned_data
                membership = accept_as_new_person(token=token, **given, request_id=request_id_of(request))
            except Problem as problem:
                if problem.status != 422:
                    raise
                add_problem(form, problem)
            else:
                perform_login(request, membership.user)
                return _arrived(request, membership)
    return _show(request, token, invitation, status=status, form=form)


def _join_as(request: HttpRequest, token: str, invitation: Invitation, user: User) -> HttpResponse:
    bind_actor(f"user:{user.get_username()}")
    refuse_wrong_person(invitation=invitation, user=user)
    if request.method != "POST":
        return _show(request, token, invitation)
    membership = accept_invitation(token=token, user=user, request_id=request_id_of(request))
    return _arrived(request, membership)


def _arrived(request: HttpRequest, membership: Membership) -> HttpResponse:
    request.session[SESSION_WORKSPACE] = membership.workspace_id
    role = str(Role(membership.role).label).lower()
    said = _("Welcome to {}. You are {} here.").format(membership.workspace.name, role)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("overview"))


def _show(
    request: HttpRequest,
    token: str,
    invitation: Invitation,
    *,
    status: int = 200,
    form: NewPersonForm | None = None,
) -> HttpResponse:
    here = reverse("join", args=[token])
    words = role_words(Role(invitation.role))
    context = {"invitation": invitation, "words": words, "form": form, "here": here}
    return render(request, "join/join.html", context, status=status)
