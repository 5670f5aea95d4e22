"""Conditions of any shape: what is read and written again means the same, in the sandbox that runs it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import StepError
from jobs.engine.sandbox import Sandbox
from tests.expressions.conftest import NOW
from workflows.builder.conditions import Comparison, Condition, Join, Kind, Row, read, write
from workflows.expressions.evaluate import compile_program
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import parse_expression

LEFT = st.sampled_from(
    [
        "inputs.a",
        "inputs.b",
        "inputs.n",
        "inputs.list",
        "row['net amount']",
        "len(inputs.list)",
        "inputs.n + 1",
        "inputs.a or 'x'",
        "(inputs.n if inputs.b else 0)",
        "inputs.a.upper()",
        "'abc'",
        "inputs.due",
        "null",
    ]
)
LITERAL = st.sampled_from(
    [
        "5",
        "-2.5",
        "''",
        "'x'",
        '"it\'s"',
        "true",
        "False",
        "null",
        "date('2026-01-31')",
        "['x', 5]",
        "('x', 'y')",
        "[]",
        "[1, 2]",
        "{'x'}",
        "[null, '', []]",
        "'a\\nb'",
    ]
)
SIGN = st.sampled_from(["==", "!=", ">", ">=", "<", "<=", "in", "not in", "is", "is not"])
ROW = st.one_of(
    st.tuples(LEFT, SIGN, LITERAL | LEFT).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
    st.tuples(LITERAL, SIGN, LEFT).map(lambda parts: f"{parts[0]} {parts[1]} ({parts[2]})"),
    st.tuples(LEFT, LITERAL).map(lambda parts: f"({parts[0]}).startswith({parts[1]})"),
    LEFT.map(lambda left: f"not ({left})"),
    LEFT,
)
CHAIN = st.lists(ROW, min_size=1, max_size=3)
CONDITION = st.one_of(
    ROW,
    st.tuples(CHAIN, CHAIN, st.sampled_from(["and", "or"])).map(
        lambda parts: (
            f" {parts[2]} ".join(parts[0])
            + f" {parts[2]} ("
            + (" or " if parts[2] == "and" else " and ").join(parts[1])
            + ")"
        )
    ),
    CHAIN.map(" and ".join),
    CHAIN.map(" or ".join),
)
VALUES = {
    "inputs": {"a": "x", "b": False, "n": 5, "list": ["x", 5], "due": NOW.date()},
    "row": {"net amount": 12.5},
}


@pytest.fixture(scope="module")
def truth() -> Iterator[Callable[[str], object]]:
    """What a condition comes to in the sandbox: true, false or an error."""
    box = Sandbox()

    def evaluate(expression: str) -> object:
        program = compile_program({"it": parse_expression(f"bool({expression})")}, Scope(VALUES))
        try:
            return program.results(
                box.evaluate(program.source, program.inputs, seconds=2.0, now=NOW, seed="")
            )["it"]
        except StepError as error:
            return error.code

    yield evaluate
    box.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITION)
def test_what_is_read_and_written_again_means_the_same(
    truth: Callable[[str], object], expression: str
) -> None:
    condition = read(expression)
    if condition is None:
        return
    written = write(condition)
    assert truth(written) == truth(expression)
    assert write(read(written) or Condition()) == written


TYPED = st.text(max_size=12) | st.sampled_from(["inputs.a", "5", "", " ", "a, b", '"a, b"', "a) or (b", "'"])
ROWS = st.builds(
    Row, left=TYPED, comparison=st.sampled_from(Comparison), kind=st.sampled_from(Kind), right=TYPED
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.lists(ROWS, min_size=1, max_size=2).map(tuple), max_size=3).map(tuple), st.sampled_from(Join)
)
def test_whatever_is_typed_into_rows_is_written_and_read_without_an_error(groups: Any, join: Join) -> None:
    written = write(Condition(groups=groups, join=join))
    again = read(written)
    if again is not None:
        assert write(read(write(again)) or Condition()) == write(again)
