"""Addresses of pages that only tests have: they show what the base of every page does."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from common.errors import FieldError, Problem
from config.urls import urlpatterns as real
from workspaces.models import Token
from workspaces.pages.base import Page, revision_of
from workspaces.pages.problems import add_problem
from workspaces.permissions import Permission

STATE: dict[str, Any] = {"text": "first", "finished": False, "asked": 0, "fail": 0}
"""What the live region shows; tests change it."""

_LIVE = """{% extends "base.html" %}{% block title %}Live{% endblock %}{% block heading %}Live{% endblock %}
{% block content %}{{ region }}{% endblock %}"""
_REGION = """<section id="live" {% if not finished %}{% poll "/test/live/region/" revision 1 %}{% endif %}>
<p id="text">{{ text }}</p><label>Note <input id="note" name="note"></label>
<details id="more"><summary>More</summary><div id="scroller">{% for n in lines %}<p>line {{ n }}</p>{% endfor %}</div></details>
<time id="when" datetime="2026-01-01T00:00:00Z">then</time></section>"""
_FORM = """{% extends "base.html" %}{% block title %}Form{% endblock %}{% block heading %}Form{% endblock %}
{% block content %}<form method="post">{% csrf_token %}{{ form.non_field_errors }}{% for each in form %}{% field each %}{% endfor %}
<button class="btn">Send</button></form>{% endblock %}"""
_LIST = """{% extends "base.html" %}{% block title %}List{% endblock %}{% block heading %}List{% endblock %}
{% block content %}{% for token in page.items %}<p data-row><a href="#{{ token.name }}">{{ token.name }}</a></p>{% endfor %}
{% include "parts/pager.html" %}{% endblock %}"""


def _text(source: str, context: dict[str, Any], request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def _region(request: HttpRequest) -> str:
    context = {**STATE, "revision": revision_of(STATE["text"], STATE["finished"]), "lines": range(40)}
    return engines["django"].from_string(_REGION).render(context, request)


class LivePage(Page):
    permissions: ClassVar = {"get": None}

    def get(self, request: HttpRequest) -> HttpResponse:
        return _text(_LIVE, {"region": _region(request)}, request)


class LiveRegion(Page):
    permissions: ClassVar = {"get": None}

    def get(self, request: HttpRequest) -> HttpResponse:
        STATE["asked"] += 1
        if STATE["fail"]:
            raise Problem(STATE["fail"], "unavailable", "This does not work today.")
        if request.GET.get("revision") == revision_of(STATE["text"], STATE["finished"]):
            return self.fragment("parts/pager.html", revision=request.GET["revision"])
        return HttpResponse(_region(request))


class NameForm(forms.Form):
    name = forms.CharField(label="Name", help_text="Any name.")


class FormPage(Page):
    permissions: ClassVar = {"get": None, "post": Permission.JOB_START}

    def get(self, request: HttpRequest) -> HttpResponse:
        return _text(_FORM, {"form": NameForm()}, request)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NameForm(request.POST)
        assert form.is_valid()
        error = FieldError(path="name", code="duplicate", message="this name is taken; choose another")
        add_problem(form, Problem(422, "invalid", "Some fields are not valid.", errors=[error]))
        return _text(_FORM, {"form": form}, request)


class ListPage(Page):
    permissions: ClassVar = {"get": Permission.TOKEN_OWN}

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Token.objects.filter(workspace=self.actor.workspace)
        return _text(_LIST, {"page": self.slice_of(rows, ordering=["-uid"])}, request)


class OneToken(Page):
    permissions: ClassVar = {"get": Permission.TOKEN_OWN}

    def get(self, _request: HttpRequest, uid: str) -> HttpResponse:
        return HttpResponse(self.found(Token.objects.all(), uid=uid).name)


class Forgotten(Page):
    def get(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponse("never")


class Broken(Page):
    permissions: ClassVar = {"get": None}

    def get(self, _request: HttpRequest) -> HttpResponse:
        raise ValueError("ours")


tests = [
    path("live/", LivePage.as_view()),
    path("live/region/", LiveRegion.as_view()),
    path("form/", FormPage.as_view()),
    path("list/", ListPage.as_view()),
    path("tokens/<uuid:uid>/", OneToken.as_view()),
    path("forgotten/", Forgotten.as_view()),
    path("broken/", Broken.as_view()),
]
urlpatterns = [*real, path("test/", include(tests))]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.missing"
handler500 = "config.errors.failed"
