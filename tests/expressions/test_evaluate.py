"""Expressions that compute: in the sandbox, with small data going in."""

from collections.abc import Callable
from typing import Any

import pytest

from common.errors import StepError
from workflows.expressions.evaluate import compile_program
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import parse_expression, parse_value

ValueOf = Callable[..., Any]
ErrorOf = Callable[..., StepError]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ sum(r.amount for r in steps.rows.output.rows) }}", 10),
        ("{{ [r.name.upper() for r in steps.rows.output.rows if r['amount'] > 3] }}", ["ROW 4"]),
        ("{{ sorted(steps.rows.output.rows, key=lambda r: -r.amount)[0].name }}", "row 4"),
        ("{{ sorted(['bb', 'a'], key=len) }}", ["a", "bb"]),
        (
            "{{ {k: v for k, v in steps.rows.output.rows[0].items() if k != 'tags'} }}",
            {"name": "row 0", "amount": 0},
        ),
        ("{{ steps.rows.output.items.index(7) }}", 0),
        ("{{ steps.rows.output.text.lower() }}", "hello"),
        ("{{ inputs.get('x', 5) }}", 5),
        ("{{ [r.get('x') for r in steps.rows.output.rows][0] }}", None),
        ("{{ inputs.limit > 100 and inputs.agreed }}", True),
        ("{{ inputs.nothing is null or true }}", True),
        ("{{ f'{inputs.limit:>6.1f}|{inputs.report!r}|{null}' }}", " 500.0|'r.csv'|None"),
        ("{{ f'{{{inputs.limit}}}' }}", "{500}"),
        (
            "Total {{ inputs.limit * 2 }} {{ 1 == 1 }}{{ null or none_here if false else '' }}.",
            "Total 1000 true.",
        ),
        ("{{ job.today + days(1) }}", "2026-03-02"),
        ("due {{ inputs.due + days(1) }}", "due 2026-02-01"),
        ("{{ (job.today - inputs.due).days }}", 29),
        ("{{ job.today - inputs.due }}", 29 * 86400),
        ("{{ inputs.wait + inputs.wait }}", 10800),
        ("{{ inputs.due.strftime('%d.%m.%Y') }}", "31.01.2026"),
        ("{{ inputs.due.month + 0 }}", 1),
        (
            "{{ [inputs.due, inputs.at, inputs.seen] + [] }}",
            ["2026-01-31", "09:30:00", "2026-01-31T12:00:00+00:00"],
        ),
        ("{{ (1, 2) }}", [1, 2]),
        ("{{ range(3) }}", [0, 1, 2]),
        ("{{ {'a': 1}.keys() }}", ["a"]),
        ("{{ zip([1], [2]) }}", [[1, 2]]),
        ("{{ 10 ** 30 }}", 10**30),
        ("{{ {1: 2, null: 3, true: 4} }}", {"true": 4, "null": 3}),
        ("{{ [1, 2, 3][::-1] }}", [3, 2, 1]),
        ("{{ [_ for _ in range(2)] }}", [0, 1]),
        ("{{ 'é🙂\\x00'.upper() }}", "É🙂\x00"),
        ("{{ 3 if inputs.agreed else\n 4 }}", 3),
        ({"a": ["{{ 1 + 1 }}", "{{ inputs.limit }}", {"b": "x{{ 2 * 2 }}"}]}, {"a": [2, 500, {"b": "x4"}]}),
        ("{{ 0.1 + 0.2 }}", 0.1 + 0.2),
        ("{{ 1.0 }}", 1.0),
    ],
)
def test_values(value_of: ValueOf, text: object, expected: object) -> None:
    found = value_of(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "text",
    [
        "{{ 1 if true else steps.nope.output.x }}",
        "{{ true or inputs.nope }}",
        "{{ not (false and steps.skipped.output.x) }}",
        "{{ any(x or inputs.nope for x in [1]) }}",
    ],
)
def test_a_path_that_cannot_be_read_fails_only_where_it_is_come_to(value_of: ValueOf, text: str) -> None:
    assert value_of(text) in (1, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 1 + inputs.limitt }}", "inputs.limitt: there is no 'limitt' here; there are: limit"),
        ("{{ 1 + steps.skipped.output.x }}", "step skipped was skipped because its condition was false"),
        (
            "{{ [r.amonut for r in steps.rows.output.rows] }}",
            "r.amonut: there is no 'amonut' here; there are: name, amount, tags",
        ),
        ("{{ [r['x'] for r in steps.rows.output.rows] }}", "r.x: there is no 'x' here"),
        ("{{ [r.tags[3] for r in steps.rows.output.rows] }}", "r.tags[3]: there are only 1"),
        ("{{ [r.tags.x for r in steps.rows.output.rows] }}", "r.tags is a list, so there is no 'x'"),
        ("{{ [x.y for x in [null]] }}", "x is null, so there is no 'y'"),
        ("{{ inputs.report.uper() }}", "a text has no method 'uper'"),
        ("{{ inputs.nothing.upper() }}", "null has no method 'upper'"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ inputs.limit + inputs.report }}", "a number + a text cannot be computed"),
        ("{{ 1 < 'a' }}", "'<'"),
        ("{{ float('nan') }}", "NaN is not a number in JSON"),
        ("{{ 1e999 }}", "Infinity"),
        ("{{ {1, 2} }}", "it is a set"),
        ("{{ [len] }}", "it is a function"),
        ("{{ (lambda x: [x.append(x), x])([]) }}", "Circular reference"),
    ],
)
def test_an_error_names_the_expression_and_what_was_there(error_of: ErrorOf, text: str, said: str) -> None:
    error = error_of(text)
    assert error.code == "expression_error"
    assert said in error.message


def test_the_expression_that_failed_is_named_among_several(error_of: ErrorOf) -> None:
    error = error_of({"a": "{{ 1 + 1 }}", "b": "{{ 2 / 0 }}", "c": "{{ 3 + 1 }}"})
    assert error.message == "2 / 0: division by zero"
    assert error.detail == {"expression": "2 / 0", "available": []}


def test_several_parts_are_one_program(scope: Scope) -> None:
    program = compile_program(
        {
            "a": parse_value("{{ inputs.limit + 1 }}"),
            "b": parse_expression("inputs.limit * 2"),
            "c": parse_value([1]),
        },
        scope,
    )
    assert program.inputs == {"_v0": 500}
    assert program.results(["501", "1000"]) == {"a": 501, "b": 1000, "c": [1]}


def test_only_what_is_read_goes_in(scope: Scope) -> None:
    program = compile_program({"a": parse_expression("steps.rows.output.rows[0].amount + 1")}, scope)
    assert program.inputs == {"_v0": 0}


def test_null_many_times_is_null(value_of: ValueOf) -> None:
    assert value_of(["{{ null if true else 1 }}"] * 1000) == [None] * 1000


@pytest.mark.parametrize(
    "raw", [None, "x", [], ["{"], ["[" * 5000], [3], ["NaN"], ["\x04[1"], ['\x04{"k":"date","v":"x"}']]
)
def test_what_comes_out_of_the_sandbox_is_not_trusted(scope: Scope, raw: object) -> None:
    program = compile_program({"a": parse_expression("1 + 1")}, scope)
    with pytest.raises(StepError):
        program.results(raw)
