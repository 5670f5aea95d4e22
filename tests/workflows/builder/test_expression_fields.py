"""The templates of fields with expressions: what they show, and that no text breaks out of them."""

from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.definition.checking import CONTEXT
from tests.definition.examples import workflow
from tests.pages.xss import XSS
from workflows.builder.scope import Scope, scope_in, with_values
from workflows.definition.parse import parse


def field(text: str, *, name: str = "_expression", **more: Any) -> str:
    control = SimpleNamespace(
        **{"name": "f.when", "id": "f-when", "label": "Only when", "text": text, **more}
    )
    return render_to_string(f"workflows/builder/{name}.html", {"control": control})


def scope(key: str = "limit", **fields: Any) -> Scope:
    raw = workflow(inputs=[{"key": key, "type": "object", **fields}])
    return scope_in(parse(raw).partial, "outputs[0]", context=CONTEXT)


def test_a_condition_that_rows_can_say_is_shown_as_rows_and_as_text() -> None:
    html = field('inputs.a > 5 and inputs.b == ""', condition=True)
    assert html.count("data-row-of-condition") == 3
    assert 'name="f.when~left.0" value="inputs.a"' in html
    assert '<option value="greater" selected>is greater than</option>' in html
    assert 'name="f.when~was" value="inputs.a &gt; 5 and inputs.b == &quot;&quot;"' in html
    assert '<textarea class="form-control mono expression-area" id="f-when" name="f.when"' in html


def test_an_empty_condition_begins_with_one_blank_row() -> None:
    assert field("", condition=True).count("data-row-of-condition") == 1


def test_what_rows_cannot_say_is_shown_as_text_alone_and_so_is_what_is_no_condition() -> None:
    html = field("a + b", condition=True)
    assert "Rows cannot say this" in html
    assert "~mode" not in html
    assert "~mode" not in field("inputs.a > 5", condition=False)


def test_a_text_with_templates_is_marked_so_that_braces_come_with_what_is_inserted() -> None:
    html = field(
        "Hello {{ inputs.name }}", name="_template_text", attributes={"maxlength": "20"}, multiline=True
    )
    assert 'data-template="true"' in html
    assert 'rows="4"' in html
    assert 'maxlength="20"' in html


TAGS = {
    *(
        "div",
        "input",
        "label",
        "select",
        "option",
        "ol",
        "ul",
        "li",
        "p",
        "code",
        "textarea",
        "a",
        "svg",
        "path",
    ),
    *("details", "summary", "span", "strong", "b", "i", "small", "samp", "button", "datalist"),
}


class Elements(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}


@pytest.mark.parametrize("text", XSS)
def test_no_text_breaks_out_of_a_field_or_the_picker(text: str) -> None:
    for shown in (
        field(text, condition=True, label=text),
        field(f"inputs.a == {text!r}", condition=True),
        field(text, name="_template_text"),
        render_to_string(
            "workflows/builder/_picker.html",
            {
                "scope": with_values(
                    scope(label=text, schema={"properties": {text: {}}}),
                    inputs={"limit": {text: {"inner": text}}},
                    outputs={},
                )
            },
        ),
    ):
        elements = Elements(shown)
        assert elements.tags <= TAGS
        assert not {
            name
            for name in elements.attributes
            if name.startswith(("on", "hx-", "src", "style", "autofocus"))
        }


def test_the_picker_of_a_large_definition_stays_small() -> None:
    steps = [
        {"key": f"step_number_{n}", "type": "set", "values": {"amount": 1, "name": "x"}} for n in range(1000)
    ]
    found = scope_in(parse(workflow(*steps)).partial, "outputs[0]", context=CONTEXT)
    html = render_to_string("workflows/builder/_picker.html", {"scope": found})
    assert len(html.encode()) < 120_000
    assert "Only the nearest steps are listed" in html
