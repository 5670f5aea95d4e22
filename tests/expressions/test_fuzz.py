"""Whatever is written as an expression, the answer is JSON or an error that is told."""

import contextlib
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.canonical import dumps
from common.errors import StepError
from workflows.expressions.syntax import ExpressionSyntaxError

WORDS = [
    *(
        "inputs",
        "inputs.a",
        "row",
        "row.x",
        "steps.s.output.y",
        "x",
        "len",
        "sum",
        "date",
        "regex",
        "json",
        "money",
        "first",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        "'",
        '"',
        "''",
        "f'{",
        "}'",
        "lambda",
        "for",
        "in",
        "if",
        "else",
        "not",
    ),
    *(
        "and",
        "or",
        "+",
        "-",
        "*",
        "**",
        "/",
        "//",
        "%",
        "<",
        "==",
        "=",
        "is",
        "1",
        "2.5",
        "10",
        "'a'",
        "null",
        "true",
        "_",
    ),
    *(
        "__class__",
        ".upper()",
        ".get('a')",
        ".items()",
        "[0]",
        "[-1]",
        "[::2]",
        "}}",
        "{{",
        "\n",
        "#",
        "\\",
        "é",
        "🙂",
        "\x00",
    ),
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_text_gives_json_or_a_told_error(value_of: Callable[..., Any], text: str) -> None:
    with contextlib.suppress(StepError, ExpressionSyntaxError):
        dumps(value_of("{{" + text + "}}", inputs={"a": [1, {"b": None}]}, row={"x": "t"}))


EXPRESSIONS = st.recursive(
    st.sampled_from(
        [
            "inputs.a",
            "row.x",
            "row",
            "1",
            "2.5",
            "'é'",
            "null",
            "true",
            "[]",
            "{}",
            "date('2026-01-31')",
            "decimal('1.5')",
        ]
    ),
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "<", "and", "or", "in"]), inner
        ).map(lambda three: f"({three[0]} {three[1]} {three[2]})"),
        st.tuples(
            st.sampled_from(["len", "str", "sum", "sorted", "first", "json", "money", "list", "int", "days"]),
            inner,
        ).map(lambda two: f"{two[0]}({two[1]})"),
        st.tuples(
            inner, st.sampled_from([".x", "[0]", "['b']", ".upper()", ".get('b')", "[1:]", ".year"])
        ).map("".join),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]} for i in [{two[1]}]]"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} if {three[1]} else {three[2]})"),
        inner.map(lambda one: "f'{" + one.replace("'", '"') + "}'"),
        st.tuples(inner, inner).map(lambda two: f"{{'k': {two[0]}, 'l': ({two[1]},)}}"),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EXPRESSIONS)
def test_any_well_formed_expression_gives_json_or_a_told_error(
    value_of: Callable[..., Any], text: str
) -> None:
    with contextlib.suppress(StepError, ExpressionSyntaxError):
        dumps(value_of("{{" + text + "}}", inputs={"a": [1, {"b": None}]}, row={"x": "t"}))
