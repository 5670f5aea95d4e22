"""The picture of a definition: nothing overlaps, everything is there, large ones fold, straight ones stay narrow."""

import time
from itertools import combinations

import pytest
import yaml
from django.template.loader import render_to_string
from hypothesis import given, settings

from integrations.registry import get_action
from jobs.demo.samples import WORKFLOWS, definition_text
from jobs.states import LOOKS
from tests.engine.random_definitions import flows
from tests.pages.xss import XSS
from workflows.definition.model import Definition
from workflows.definition.parse import parse
from workflows.graph import Graph, StepState, lay_out
from workflows.graph.measure import MOST_BOXES, PAD, STEP_WIDTH
from workflows.graph.text import lines_of, shortened


def read(raw) -> Definition:
    definition = parse(raw, actions=get_action).definition
    assert definition is not None
    return definition


def flow(steps, **more) -> Definition:
    return read({"format": 1, "name": "Flow", "steps": steps, **more})


def a_set(key, **more):
    return {"key": key, "type": "set", "values": {"a": 1}, **more}


def overlaps(graph: Graph) -> list[tuple[str, str]]:
    """Pairs of boxes that touch, other than a block around what is inside."""

    def apart(a, b):
        return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y

    def inside(a, b):
        """b lies in a, below its head."""
        return (
            a.shape == "group"
            and a.x < b.x
            and b.x + b.width < a.x + a.width
            and a.y + a.head <= b.y
            and b.y + b.height < a.y + a.height
        )

    return [
        (a.key, b.key)
        for a, b in combinations(graph.boxes, 2)
        if not apart(a, b) and not inside(a, b) and not inside(b, a)
    ]


def listed(entries):
    for entry in entries:
        yield entry.box
        for lane in entry.lanes:
            yield from listed(lane.entries)


@given(flows())
@settings(max_examples=80, deadline=None)
def test_no_two_boxes_of_any_definition_overlap(flow):
    for raw in (flow.definition, flow.sub):
        definition = read(raw)
        graph = lay_out(definition)
        assert overlaps(graph) == []
        assert all(box.x >= PAD and box.x + box.width <= graph.width - PAD for box in graph.boxes)
        assert all(box.y >= PAD and box.y + box.height <= graph.height - PAD for box in graph.boxes)
        assert [box.key for box in graph.boxes] == [step.key for step in definition.walk()]
        assert list(listed(graph.entries)) == graph.boxes
        assert len(graph.boxes) <= MOST_BOXES + 1


@pytest.mark.parametrize("slug", WORKFLOWS)
def test_the_samples_are_drawn_whole(slug):
    raw = yaml.safe_load(definition_text(slug))
    raw.pop("slug")
    graph = lay_out(read(raw))
    assert overlaps(graph) == []
    assert not graph.folded


def test_a_straight_line_is_as_narrow_as_a_box():
    graph = lay_out(flow([a_set("a"), a_set("b"), a_set("c")]))
    assert graph.straight
    assert graph.width == STEP_WIDTH + 2 * PAD
    assert [box.y for box in graph.boxes] == sorted(box.y for box in graph.boxes)


def test_branches_stand_side_by_side_and_are_named():
    branches = [{"key": "large", "name": "above the limit", "when": "True", "steps": [a_set("b")]}]
    graph = lay_out(
        flow([{"key": "a", "type": "branch", "branches": branches, "else": {"steps": [a_set("c")]}}])
    )
    assert [line.label for line in graph.lines] == ["above the limit", "otherwise"]
    _, left, right = graph.boxes
    assert left.y == right.y
    assert left.x + left.width < right.x


def test_finally_stands_below_all_else():
    steps = [
        {
            "key": "a",
            "type": "try",
            "steps": [a_set("b")],
            "catch": [{"errors": ["http_error"], "steps": [a_set("c"), a_set("d")]}],
            "finally": [a_set("e")],
        }
    ]
    graph = lay_out(flow(steps))
    places = {box.key: box for box in graph.boxes}
    assert places["e"].y > places["d"].y + places["d"].height
    assert {"try", "on http_error", "in any case"} <= {line.label for line in graph.lines}


def test_a_large_workflow_folds_its_innermost_blocks():
    loops = [
        {"key": f"l{n}", "type": "for_each", "items": "[1]", "steps": [a_set(f"s{n}x{m}") for m in range(10)]}
        for n in range(30)
    ]
    graph = lay_out(flow(loops))
    assert graph.folded
    assert len(graph.boxes) == 30
    assert graph.boxes[0].shape == "folded"
    assert "10 steps inside" in graph.boxes[0].below
    long = lay_out(flow([a_set(f"s{n}") for n in range(400)]))
    assert len(long.boxes) == MOST_BOXES + 1
    assert long.boxes[-1].name == "250 more steps"
    assert overlaps(long) == []


def test_states_links_and_problems_are_in_words_and_in_the_title():
    definition = flow([a_set("a", name="Add up"), a_set("b")])
    graph = lay_out(
        definition,
        states={"a": StepState(look=LOOKS["in_progress"], note="118 of 300, 2 failed")},
        problems={"b": "The step has no values."},
        link=lambda step: f"/x/?path={step.key}",
    )
    page = render_to_string("workflows/_graph.html", {"graph": graph, "graph_id": "graph"})
    assert "<title>Add up: Set values, In progress, 118 of 300, 2 failed</title>" in page
    assert "<title>b: Set values. The step has no values.</title>" in page
    assert 'href="/x/?path=a"' in page
    assert "style=" not in page
    assert page.count("Add up") >= 3  # picture, title, list


def test_names_stay_text_and_fit():
    for payload in XSS:
        name = " ".join(payload.split())[:200]
        graph = lay_out(flow([{"key": "a", "type": "set", "values": {"a": 1}, "name": name}]))
        page = render_to_string("workflows/_graph.html", {"graph": graph, "graph_id": "graph"})
        for danger in ("<script", "<img", "<iframe", "<svg onload", "\u202e"):
            assert danger not in page.lower()
    assert lines_of("Keep the entries of the month and of the one before it and all others", 200)[1].endswith(
        "…"
    )
    assert len(shortened("漢" * 50, 200)) < 20


def test_it_is_quick_even_for_a_thousand_steps():
    steps = [
        {"key": f"p{n}", "type": "parallel", "branches": [{"key": f"b{n}", "steps": [a_set(f"s{n}")]}]}
        for n in range(400)
    ]
    definition = flow(steps)
    started = time.perf_counter()
    lay_out(definition)
    assert time.perf_counter() - started < 2
