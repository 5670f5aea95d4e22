"""A page with fields of expressions and their picker, as templates and scripts make them, without the rest of the Builder."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.template import engines

from tests.definition.checking import CONTEXT
from tests.workflows.builder.scopes import RAW
from workflows.builder.scope import scope_in, with_values
from workflows.definition.parse import parse

PAGE = """{% load static %}<!doctype html><html lang="en"{% if theme %} data-bs-theme="{{ theme }}"{% endif %}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Step</title>
<link rel="stylesheet" href="{% static "packages/@tabler/core/dist/css/tabler.min.css" %}">
<link rel="stylesheet" href="{% static "workledger/tokens.css" %}"><link rel="stylesheet" href="{% static "workledger/app.css" %}">
<link rel="stylesheet" href="{% static "workledger/builder-expressions.css" %}">
<script src="{% static "workledger/builder-conditions.js" %}" defer></script>
<script src="{% static "workledger/builder-expressions.js" %}" defer></script></head>
<body><main class="content"><h1>Step</h1><form class="card card-body stack" method="post" action="/sent/">
{% for control in controls %}<div><label class="form-label" for="{{ control.id }}">{{ control.label }}</label>
{% if control.template %}{% include "workflows/builder/_template_text.html" %}{% else %}{% include "workflows/builder/_expression.html" %}{% endif %}</div>{% endfor %}
<button class="btn btn-primary">Save</button></form>{% include "workflows/builder/_picker.html" %}</main></body></html>"""


@dataclass(kw_only=True)
class Control:
    name: str
    label: str
    text: str = ""
    condition: bool = False
    template: bool = False
    multiline: bool = False
    described_by: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")


def opener(new_page):
    """Opens a form with these controls, beside the picker of a step inside a loop. `page.sent` is what was sent."""

    def open_form(
        *controls: Control, at: str = "steps[1].steps[1].branches[0].when", theme="light", **look: Any
    ):
        scope = with_values(
            scope_in(parse(RAW, actions=CONTEXT.actions).partial, at, context=CONTEXT),
            inputs={"lines": [{"amount": 12.5}]},
            outputs={"rows": {"rows": [{}] * 3}},
        )
        html = (
            engines["django"].from_string(PAGE).render({"controls": controls, "scope": scope, "theme": theme})
        )
        page = new_page(theme=theme, **look)
        page.sent = []

        def answer(route):
            page.sent.append(
                {
                    name: values[-1]
                    for name, values in parse_qs(
                        route.request.post_data or "", keep_blank_values=True
                    ).items()
                }
            )
            route.fulfill(body="<title>Sent</title>", content_type="text/html")

        csp = "; ".join(
            f"{name} {' '.join(map(str, values))}"
            for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
            if not isinstance(values, bool)
        )
        page.route(
            "**/step/",
            lambda route: route.fulfill(
                body=html, content_type="text/html", headers={"content-security-policy": csp}
            ),
        )
        page.route("**/sent/", answer)
        page.goto("/step/")
        return page

    return open_form
