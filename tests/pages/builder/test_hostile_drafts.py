"""Drafts that no form of ours makes: each can be opened, shown and mended."""

from itertools import islice
from typing import Any

import pytest

from common.canonical import loads
from tests.pages.builder.support import FLOW, URL, draft, part, save
from tests.pages.flows import text_of
from tests.pages.html_forms import form_on
from workflows import services
from workflows.builder.nodes import walk
from workflows.definition.bounds import MAX_BYTES

pytestmark = pytest.mark.django_db
MOST_BYTES = 300_000


def value(depth):
    found: Any = 1
    for _number in range(depth):
        found = {"a": [found]}
    return found


def nested(depth):
    step: dict[str, Any] = {"key": "s0", "type": "set", "values": {}}
    for number in range(1, depth):
        step = {"key": f"s{number}", "type": "for_each", "items": "[1]", "steps": [step]}
    return step


def many(count, **fields):
    step = {"type": "set", "values": {"x": "{{ steps.nobody.output }}"}}
    return [{"key": f"s{n}", "name": f"Step {n}", **step, **fields} for n in range(count)]


def a_set(**fields):
    return {"key": "s", "type": "set", "values": {}, **fields}


def with_each(name, *values, **fields):
    """A part for each value, which stands in its field `name`."""
    return [{"key": f"k{number}", **fields, name: value} for number, value in enumerate(values)]


BROKEN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "steps that are a text": {"steps": "none"},
    "steps that are no objects": {"steps": [5, "x", None, [], {}]},
    "keys that are missing, twice or a prototype's": {
        "steps": [{"key": "a"}, {"key": "a", "type": "set"}, {"key": "__proto__", "type": ["set"]}]
    },
    "branches that are an object": {
        "steps": [{"key": "a", "type": "branch", "branches": {"x": 1}, "else": 7}]
    },
    "blocks whose parts are anything": {
        "steps": [
            {"type": "branch", "branches": [1, None, {"key": 5, "steps": {}}], "else": []},
            {"type": "try", "steps": 1, "catch": {"a": 1}, "finally": "x"},
            {"key": None, "type": "parallel", "branches": None, "name": {}},
        ]
    },
    "a config that is a text": {
        "steps": [{"key": "a", "type": "csv.read", "config": "text", "constructor": {"x": 1}}]
    },
    "configs that are anything": {
        "steps": [
            step
            for type_ in ("csv.read", "spreadsheet.write", "http.request")
            for step in with_each("config", None, [], {"sheets": [5]}, {"sheets": [{"name": [], "rows": {}}]}, {"columns": {"": None}, "headers": []}, {"url": {}}, type=type_)
        ]
    },
    "inputs and outputs that are anything": {
        "inputs": [{"key": "a", "type": "table", "columns": "x"}, 7],
        "outputs": [{"value": 5}],
        "name": 12,
    },
    "choices that are anything": {
        "inputs": [{"key": "c", "type": "choice"}, *with_each("choices", 5, [None, [], {"value": None}, "a|b", "a\nb"], type="choice")]
    },
    "defaults that are anything": {
        "inputs": [
            part
            for type_ in ("text", "number", "boolean", "choice", "multiple_choice", "file", "table", "object")
            for part in with_each("default", None, [], {}, "x\r\ny", type=type_)
        ]
    },
    "a newer format": {"format": 99, "name": None, "steps": [{"key": "d", "type": "delay", "duration": -1}]},
    "names that are no paths": {
        "steps": [a_set(values={"a.b[0]": "{{ {{", "": 1, "x": {"y": None}, " x ": 2})]
    },
    "retries that are anything": {
        "steps": with_each("retry", [1], {}, "often", {"statuses": [{}, None]}, {"max_attempts": []}, None, type="http.request", timeout=1e12, config={"url": 5})
    },
    "delays of any length": {
        "steps": with_each("duration", -1, 1e308, 10**400, "9999999999d", "soon", [], None, type="delay")
    },
    "a sub-workflow that is itself": {"steps": [{"key": "a", "type": "workflow", "workflow": "flow"}]},
    "a loop over its own output": {
        "steps": [
            {
                "key": "e",
                "type": "for_each",
                "items": "steps.e.output",
                "steps": [a_set(values={"x": "{{ steps.e.output }}"})],
            }
        ]
    },
    "loops over anything": {
        "steps": with_each("items", "range(1000000)", "'text'", None, 5, [], {"a": 1}, type="for_each", steps=[])
    },
    "later and absent steps": {
        "steps": [a_set(values={"x": "{{ steps.b.output }} {{ steps.no.output }}"}), a_set(key="b")]
    },
    "types that nobody knows": {
        "steps": [{"key": "a", "type": type_, "config": {}} for type_ in ("no.body", "", "set.set", ".", "email.send")]
    },
    "people who are anything": {
        "steps": [
            {"key": "p", "type": type_, "fields": fields, "approvers": 5, "deadline": []}
            for type_ in ("approval", "form", "callback")
            for fields in (5, [{}, 5])
        ]
    },
    "names of prototypes": {
        "__proto__": {"x": 1},
        "constructor": [],
        "inputs": [{"key": "constructor", "type": "__proto__"}],
        "steps": [
            a_set(key="__proto__", __class__=1, __proto__={}, values={"__proto__": 1, "constructor": 2})
        ],
    },
    "half characters": {
        "name": "\ud800",
        "inputs": [{"key": "a", "label": "\udfff", "type": "choice", "choices": ["\ud800", "b"]}],
        "steps": [
            a_set(key="\ud800", name="\udfff", values={"\ud800": "\ud801", "x": ["\ud800"]}, **{"\ud800": 1}),
            {"key": "c", "type": "\ud800", "when": "\ud800", "config": {"\ud800": {}}},
            {"key": "t", "type": "try", "steps": [], "catch": [{"errors": ["\ud800"], "steps": []}]},
        ],
    },
    "characters that no database takes": {
        "name": "\x00",
        "steps": [a_set(key="\x00", name="a\x00b\x1b[31m\u202e", values={"\x00": "\x00"}, **{"\x00": 1})],
    },
    "expressions without end": {
        "steps": [
            a_set(values={"a": "{{ " + "(" * 5000 + " }}", "b": "{{ " + "+".join(["1"] * 20_000) + " }}", "c": "{{{{"}),
            {"key": "w", "type": "fail", "message": "{{", "when": "not " * 3000 + "a"},
            {"key": "v", "type": "fail", "when": " and ".join(["a"] * 400)},
        ]
    },
    "blocks 100 deep": {"steps": [nested(100)]},
    "a value 100 deep": {"steps": [a_set(values={"x": value(40)})], "inputs": value(60)},
    "2,000 inputs": {"inputs": [{"key": f"i{number}", "type": "text"} for number in range(2000)]},
    "1,500 steps": {"steps": many(1500)},
    "10,000 steps": {"steps": many(10_000)},
    "10,000 values": {"steps": [a_set(values={f"k{number}": number for number in range(10_000)})]},
    "10,000 sheets": {
        "steps": [
            {"key": "w", "type": "spreadsheet.write", "config": {"sheets": [{"name": "x"}] * 10_000}}
        ]
    },
    "5,000 fields that do not belong there": {
        "steps": [a_set(**{f"f{number}": number for number in range(5000)})]
    },
    "names of 50,000 characters": {
        "name": "n" * 50_000,
        "steps": [{"key": "k" * 50_000, "name": "n" * 50_000, "type": "t" * 50_000, "f" * 50_000: "y"}],
    },
}  # fmt: skip


def made(lab, definition):
    return services.create_workflow(
        actor=lab.actor, workspace=lab.actor.workspace, slug="flow", definition=definition
    )


@pytest.mark.parametrize("name", BROKEN)
def test_a_hostile_draft_can_be_opened_and_saved_untouched_and_mended(lab, client, name):
    workflow = made(lab, BROKEN[name])
    nodes = list(walk(loads(workflow.draft)))
    few = 8 if len(nodes) < 1_000 else 2  # a large outline takes its time
    for node in islice(nodes, 0, None, max(1, len(nodes) // few)):
        form = part(client, node.path, node.kind.value, node.path or "workflow")
        assert save(client, form).status_code == 302, node.path
    before = workflow.draft
    workflow.refresh_from_db()
    assert workflow.draft == before
    for page in ("graph/", "history/", "source/"):
        assert client.get(f"{URL}{page}").status_code == 200, page
    assert client.get(URL, {"add": "inputs"}).status_code == 200
    for query in ({}, {"panel": "1"}):
        assert client.get("/workflows/flow/preview/", query).status_code in (200, 409)
    for text in ("steps", "inputs", "outputs"):
        client.post(URL, {"do": f"clear:{text}"})
    assert client.post(URL, {"do": "add:set", "place": "steps", "name": "Mended"}).status_code == 302
    assert draft()["steps"][-1]["name"] == "Mended"


def test_what_was_changed_of_half_a_character_is_mended_and_the_rest_stays(lab, client):
    made(lab, BROKEN["half characters"])
    form = part(client, "steps[0]", "step", "steps[0]")
    assert form["f.name"] == r"\udfff"
    row = next(
        name.removesuffix(".was")
        for name, text in form.items()
        if text == r"\ud800" and name.endswith(".was")
    )
    save(client, form, **{"f.name": "Whole", f"{row}.value": "whole"})
    step = draft()["steps"][0]
    assert (step["name"], step["key"], step["\ud800"]) == ("Whole", "\ud800", 1)
    assert step["values"] == {"\ud800": "whole", "x": ["\ud800"]}


def test_of_three_hundred_steps_with_a_problem_each_no_page_is_large(lab, client):
    made(lab, {"inputs": FLOW["inputs"], "steps": many(300), "outputs": FLOW["outputs"]})
    for query in ({}, {"at": "step:s150"}, {"add": "steps"}, {"at": "outputs[0]"}):
        assert len(client.get(URL, query).content) < MOST_BYTES, query
    text = text_of(client.get(URL))
    assert "more problems are marked in the outline" in text
    assert text.count('class="outline-mark') == 200, "the checks stop there"


@pytest.mark.parametrize(("count", "most"), [(1000, 450_000), (10_000, 500_000)])
def test_of_more_steps_than_a_workflow_may_have_the_page_stays_bounded(lab, client, count, most):
    made(lab, {"steps": many(count)})
    assert len(client.get(URL, {"at": "step:s7"}).content) < most


@pytest.mark.parametrize("name", ["10,000 values", "10,000 sheets", "5,000 fields that do not belong there"])
def test_a_part_of_ten_thousand_things_is_still_a_form_that_can_be_sent(lab, client, name):
    made(lab, BROKEN[name])
    page = client.get(URL, {"at": "steps[0]"})
    assert len(page.content) < 2 * MOST_BYTES
    form = form_on(page, "part-step-steps[0]")
    assert len(form) < 500
    assert save(client, form, **{"f.name": "Edited"}).status_code == 302
    assert draft()["steps"][0] == {**BROKEN[name]["steps"][0], "name": "Edited"}


def test_what_is_larger_than_a_definition_may_be_can_be_made_smaller_and_no_larger(lab, client):
    made(lab, {"steps": [a_set(values={"x": "y" * MAX_BYTES}), a_set(key="b")]})
    assert "larger than 1 MiB" in text_of(client.get(URL))
    larger = save(client, part(client, "step:b", "step", "steps[1]"), **{"f.name": "One more name"})
    assert larger.status_code == 422
    form = part(client, "step:s", "step", "steps[0]")
    row = next(
        name.removesuffix(".was") for name, text in form.items() if text == "x" and name.endswith(".was")
    )
    assert save(client, form, **{f"{row}.value": "short"}).status_code == 302
    assert draft()["steps"][0]["values"] == {"x": "short"}
