"""What changed between two definitions."""

from typing import Any

import pytest

from workflows.diff import diff


def definition(**fields: Any) -> dict[str, Any]:
    return {"format": 1, "name": "W", **fields}


def step(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "type": "set", "values": {"x": 1}, **fields}


def told(a: Any, b: Any) -> list[tuple[str, str, str, Any, Any]]:
    return [(c.kind, c.path, c.key, c.before, c.after) for c in diff(a, b)]


A, B, C = step("a"), step("b"), step("c")
BLOCK = {"key": "block", "type": "for_each", "items": "inputs.rows"}

CASES = [
    ("nothing", definition(steps=[A]), definition(steps=[A]), []),
    ("no inputs and empty inputs", definition(), definition(inputs=[], steps=[], outputs=[]), []),
    (
        "a setting changed",
        definition(timeout="1h"),
        definition(timeout="2h"),
        [("changed", "timeout", "", "1h", "2h")],
    ),
    ("a setting added", definition(), definition(timeout="2h"), [("added", "timeout", "", None, "2h")]),
    (
        "an input added",
        definition(inputs=[]),
        definition(inputs=[{"key": "n", "type": "number"}]),
        [("added", "inputs.n", "n", None, {"key": "n", "type": "number"})],
    ),
    (
        "a field of an input",
        definition(inputs=[{"key": "n", "type": "number", "minimum": 0}]),
        definition(inputs=[{"key": "n", "type": "number", "minimum": 1}]),
        [("changed", "inputs.n.minimum", "n", 0, 1)],
    ),
    (
        "true is not 1",
        definition(inputs=[{"key": "n", "type": "number", "default": True}]),
        definition(inputs=[{"key": "n", "type": "number", "default": 1}]),
        [("changed", "inputs.n.default", "n", True, 1)],
    ),
    (
        "inputs in another order",
        definition(inputs=[{"key": "n"}, {"key": "m"}, {"key": "o"}]),
        definition(inputs=[{"key": "m"}, {"key": "o"}, {"key": "n"}]),
        [("moved", "inputs.n", "n", 0, 2)],
    ),
    ("a step added", definition(steps=[A]), definition(steps=[A, B]), [("added", "steps.b", "b", None, B)]),
    (
        "a step removed",
        definition(steps=[A, B]),
        definition(steps=[B]),
        [("removed", "steps.a", "a", A, None)],
    ),
    (
        "a step's type changed",
        definition(steps=[A]),
        definition(steps=[{**A, "type": "code"}]),
        [("changed", "steps.a.type", "a", "set", "code")],
    ),
    (
        "a field inside config",
        definition(steps=[step("a", config={"url": "x", "query": {"n": 1}})]),
        definition(steps=[step("a", config={"url": "x", "query": {"n": 2}})]),
        [("changed", "steps.a.config.query.n", "a", 1, 2)],
    ),
    (
        "one step moved past two others",
        definition(steps=[A, B, C]),
        definition(steps=[B, C, A]),
        [("moved", "steps.a", "a", "steps", "steps")],
    ),
    (
        "a step moved into a block",
        definition(steps=[A, {**BLOCK, "steps": []}]),
        definition(steps=[{**BLOCK, "steps": [A]}]),
        [("moved", "steps.a", "a", "steps", "block.steps")],
    ),
    (
        "a step moved and changed",
        definition(steps=[A, {**BLOCK, "steps": []}]),
        definition(steps=[{**BLOCK, "steps": [{**A, "name": "A"}]}]),
        [("moved", "steps.a", "a", "steps", "block.steps"), ("added", "steps.a.name", "a", None, "A")],
    ),
    (
        "the condition of a branch",
        definition(
            steps=[{"key": "s", "type": "branch", "branches": [{"key": "l", "when": "x", "steps": [A]}]}]
        ),
        definition(
            steps=[{"key": "s", "type": "branch", "branches": [{"key": "l", "when": "y", "steps": [A]}]}]
        ),
        [("changed", "steps.s.branches.l.when", "s", "x", "y")],
    ),
    (
        "a step moved to the else",
        definition(steps=[{"key": "s", "branches": [{"key": "l", "steps": [A]}], "else": {}}]),
        definition(steps=[{"key": "s", "branches": [{"key": "l", "steps": []}], "else": {"steps": [A]}}]),
        [("moved", "steps.a", "a", "s.branches.l.steps", "s.else.steps")],
    ),
    (
        "an output's expression",
        definition(outputs=[{"key": "o", "value": "1"}]),
        definition(outputs=[{"key": "o", "value": "2"}]),
        [("changed", "outputs.o.value", "o", "1", "2")],
    ),
]


@pytest.mark.parametrize(("a", "b", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_each_change_is_told_by_key(a: Any, b: Any, expected: list[Any]) -> None:
    assert told(a, b) == expected


@pytest.mark.parametrize(
    "rubbish",
    [
        {},
        [],
        {"steps": "no"},
        {"steps": [1, {"key": 3}, {"key": "a"}, {"key": "a"}, {"key": "a", "branches": ["x"], "catch": [1]}]},
        {"steps": [{"key": "a", "branches": {"b": 1}, "else": [], "catch": {}}], "inputs": {"x": 1}},
    ],
)
def test_unfinished_definitions_are_compared_as_far_as_they_go(rubbish: Any) -> None:
    whole = definition(inputs=[{"key": "n"}], steps=[A, {**BLOCK, "steps": [B]}])
    assert diff(rubbish, rubbish) == []
    assert diff(rubbish, whole)
    assert diff(whole, rubbish)
