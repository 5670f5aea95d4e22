"""The composed fields of the Builder's forms, as a screen reader meets them: everything unfolded, every row named."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.looks import NARROW
from tests.browser.waiting import settled
from workflows import services
from workspaces.models import Role

PATH = "/workflows/flow/build/"
VALUES = {"text": "x", "n": 1, "t": True, "o": None, "l": [1, {"a": "b"}]}
FLOW: dict[str, Any] = {
    "format": 1,
    "name": "Flow",
    "inputs": [
        {"key": "kind", "type": "choice", "choices": ["a", {"value": "b", "label": "Bee"}]},
        {"key": "lines", "type": "table", "columns": [{"key": "amount", "type": "number"}]},
    ],
    "steps": [
        {"key": "empty", "type": "code", "source": "1", "inputs": {}},
        {"key": "program", "type": "code", "source": "1", "inputs": VALUES},
        {"key": "values", "type": "set", "values": VALUES, "strange": {"x": 1}},
        {
            "key": "book",
            "type": "spreadsheet.write",
            "config": {"filename": "a.xlsx", "sheets": [{"name": "One", "rows": "{{ [] }}"}, {"rows": 5}]},
        },
        {"key": "read", "type": "csv.read", "config": {"file": "x", "columns": {"amount": "number", "day": "no"}}},
        {
            "key": "call",
            "type": "http.request",
            "config": {"url": "https://example.org", "headers": VALUES, "query": {}, "form": {"a": 1}},
            "retry": {"max_attempts": 2, "delay": "soon", "statuses": [409, "5xx"], "errors": ["timeout"]},
        },
        {"key": "tried", "type": "try", "steps": [], "catch": [{"errors": ["timeout"], "steps": []}]},
        {"key": "done", "type": "finish", "outputs": {}, "when": "inputs.kind == 'a' and inputs.lines"},
    ],
    "outputs": [{"key": "all", "type": "list", "value": "steps.values.output"}],
}  # fmt: skip
UNFOLD = "for (const each of document.querySelectorAll('#builder details, #builder-graph details')) each.open = true"
NAMELESS = """() => [...document.querySelectorAll("#builder-main :is(input:not([type=hidden]), select, textarea)")]
  .filter((each) => each.checkVisibility() && !each.labels?.length && !each.ariaLabel?.trim() && !each.getAttribute("aria-labelledby"))
  .map((each) => each.id || each.name)"""
"""The controls that are seen and have no name of any kind."""


@pytest.fixture
def build(open_as, lab):
    workspace = lab.actor.workspace
    services.create_workflow(actor=lab.actor, workspace=workspace, slug="flow", definition=FLOW)

    def open_at(at, **look):
        page = open_as(Role.BUILDER, workspace=workspace, path=f"{PATH}?at={at}", **look)
        settled(page)
        page.evaluate(UNFOLD)
        return page

    return open_at


def test_every_control_of_a_composed_field_has_a_name(build, axe, screenshot):
    page = build("step:empty", size=NARROW, theme="dark")
    for at in [f"step:{step['key']}" for step in FLOW["steps"]] + ["inputs[0]", "inputs[1]", "outputs[0]"]:
        page.goto(f"{PATH}?at={at}")
        settled(page)
        page.evaluate(UNFOLD)
        axe(page)
        assert page.evaluate(NAMELESS) == [], at
        screenshot(page, f"builder-fields-{at.removeprefix('step:')}")


def test_no_two_controls_of_a_form_have_the_same_id_or_name_of_a_row(build):
    page = build("step:call")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert sorted(ids) == sorted(set(ids))
    for name in ("Name of the value text", "Value of text", "Value of text: kind of value"):
        expect(page.get_by_label(name, exact=True).first).to_be_visible()
