"""A person's own pages: name and time zone, theme and keys, and which workspace they look at."""

from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from common.api.problems import not_found
from common.errors import Problem
from workspaces.authentication import SESSION_WORKSPACE, session_memberships
from workspaces.models import User
from workspaces.pages.preferences import KEYS_COOKIE, THEME_COOKIE, Theme, remember
from workspaces.pages.problems import add_problem, problem_page
from workspaces.people import LONGEST_PART_OF_A_NAME, change_person


class PersonForm(forms.Form):
    """What a person says of themselves; `change_person` checks it."""

    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        required=False,
        max_length=LONGEST_PART_OF_A_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        required=False,
        max_length=LONGEST_PART_OF_A_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("You can sign in with it, and set a forgotten password anew."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        help_text=gettext_lazy("All times on these pages are shown in it."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """The person's page. It needs no workspace."""
    who = request.user
    assert isinstance(who, User)
    fields = list(PersonForm.base_fields)
    form = PersonForm(request.POST or None, initial={name: getattr(who, name) for name in fields})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                change_person(person=who, **form.cleaned_data)
            except Problem as problem:
                add_problem(form, problem)
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("account"))
    themes = [
        (Theme.SYSTEM, _("As the system"), "monitor"),
        (Theme.LIGHT, _("Light"), "sun"),
        (Theme.DARK, _("Dark"), "moon"),
    ]
    return render(request, "account/person.html", {"form": form, "themes": themes}, status=status)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme, and back to where the person was."""
    chosen = request.POST.get("theme", "")
    answer = _back(request)
    remember(request, answer, THEME_COOKIE, chosen if chosen in list(Theme) else Theme.SYSTEM)
    return answer


@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Switch the keyboard's shortcuts on or off."""
    answer = _back(request)
    remember(request, answer, KEYS_COOKIE, "off" if request.POST.get("keys") == "off" else "on")
    return answer


@require_POST
def choose_workspace(request: HttpRequest) -> HttpResponse:
    """Look at another workspace from now on, beginning with its Overview."""
    slug = request.POST.get("workspace", "")
    found = next((each for each in session_memberships(request) if each.workspace.slug == slug), None)
    if found is None:
        return problem_page(request, not_found())
    request.session[SESSION_WORKSPACE] = found.workspace_id
    return HttpResponseRedirect(reverse("overview"))


def _back(request: HttpRequest) -> HttpResponse:
    """To the page of ours that the form names, else to the person's page."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(target)
    return HttpResponseRedirect(reverse("account"))
