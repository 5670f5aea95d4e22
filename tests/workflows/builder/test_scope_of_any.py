"""What is offered fits where it is offered; large and broken definitions have a scope too."""

import copy
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definition.checking import CONTEXT, set_
from tests.definition.examples import workflow
from tests.workflows.builder.scopes import RAW, scope_of, steps_in, texts, value_at
from workflows.builder.scope import MAX_ENTRIES, scope_in, with_values
from workflows.definition.checks import check
from workflows.definition.parse import parse

FIELDS = [
    "steps[0].when",
    "steps[1].items",
    "steps[1].steps[0].when",
    "steps[1].steps[1].branches[0].when",
    "steps[1].steps[1].branches[0].value",
    "steps[1].steps[1].branches[0].steps[0].when",
    "steps[1].steps[2].until",
    "steps[1].steps[2].collect",
    "steps[1].collect",
    "steps[2].steps[0].when",
    "steps[2].catch[0].steps[0].when",
    "steps[2].finally[0].when",
    "steps[3].branches[0].value",
    "steps[3].branches[1].value",
    "steps[4].when",
    "steps[5].when",
    "outputs[0].value",
    "inputs[5].show_when",
]


OF_TYPES = ("wrong_type", "output_type")
"""What is offered is in scope; whether its type fits is another question."""


@pytest.mark.parametrize("path", FIELDS)
def test_whatever_is_offered_can_stand_there_without_a_problem(path: str) -> None:
    raw = copy.deepcopy(RAW)
    owner, _, name = path.rpartition(".")
    place = value_at(raw, owner)
    offered = [one for one in texts(scope_of(raw, path)) if "token" not in one and not one.endswith("()")]
    assert len(offered) > 5
    for text in offered:
        place[name] = text
        found = [one for one in check(raw, context=CONTEXT) if one.path == path and one.code not in OF_TYPES]
        assert [(text, one.code) for one in found] == []


def test_a_thousand_steps_give_the_nearest_ones_quickly() -> None:
    raw = workflow(
        *(set_(f"s{n}") for n in range(1000)), inputs=[{"key": f"i{n}", "type": "file"} for n in range(300)]
    )
    read = parse(raw).partial
    started = time.perf_counter()
    scope = scope_in(read, "steps[900].when", context=CONTEXT)
    assert time.perf_counter() - started < 1
    assert steps_in(scope)[:2] == ["s899", "s898"]
    assert len(list(scope.entries)) <= MAX_ENTRIES
    assert scope.cut
    wide = with_values(
        scope, inputs={}, outputs={f"s{n}": {"v": {str(k): 1 for k in range(1000)}} for n in range(1000)}
    )
    assert len(list(wide.entries)) <= MAX_ENTRIES


PATHS = st.text(max_size=40) | st.lists(
    st.sampled_from(
        [
            "steps",
            "[0]",
            "[1]",
            "[7]",
            ".steps",
            ".branches",
            ".else",
            ".catch",
            ".finally",
            ".value",
            ".when",
            ".collect",
            ".until",
            ".config",
            "outputs",
            "inputs",
            ".",
            "[",
            "x" * 2000,
        ]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(PATHS)
def test_no_path_is_too_odd(path: str) -> None:
    scope = scope_of(RAW, path)
    assert texts(scope)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {"steps": {}},
        {
            "steps": [
                [],
                {"key": "a"},
                {"key": "b", "type": "branch", "branches": 5},
                {"key": "c", "type": "for_each", "steps": "x", "items": "(("},
            ]
        },
        {
            "inputs": [
                {
                    "key": "a",
                    "type": "object",
                    "schema": {"properties": {"x": 5, "y" * 500: {}, "z": {"properties": []}}},
                }
            ],
            "steps": [],
        },
        {"inputs": [{"key": "a", "type": "nothing"}], "steps": [{"key": "b", "type": "set", "values": 5}]},
    ],
)
def test_a_definition_of_any_shape_has_a_scope(raw: Any) -> None:
    for path in ("steps[3].steps[0].when", "steps[2].branches[0].value", "outputs[0]", ""):
        assert scope_of(raw, path).groups
