"""Plain paths: what they give, and what is said when they cannot be read."""

from collections.abc import Callable
from typing import Any

import pytest

from common.errors import StepError
from tests.expressions.conftest import ROWS
from workflows.expressions.evaluate import fill, read
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import parse_expression, parse_value

ValueOf = Callable[..., Any]
ErrorOf = Callable[..., StepError]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ inputs.limit }}", 500),
        ("{{ inputs['a.b[0]'] }}", "odd key"),
        ("{{ inputs['ключ 🙂'] }}", "emoji"),
        ("{{ inputs.nothing }}", None),
        ("{{ inputs.due }}", "2026-01-31"),
        ("{{ inputs.due.year }}", 2026),
        ("{{ inputs.at }}", "09:30:00"),
        ("{{ inputs.seen }}", "2026-01-31T12:00:00+00:00"),
        ("{{ inputs.wait }}", 5400),
        ("{{ steps.rows.output.rows[-1].amount }}", 4),
        ("{{ steps.rows.output.items }}", [7]),
        ("{{ steps.rows.output.text[0] }}", "H"),
        ("{{ steps.rows.status }}", "completed"),
        ("{{ steps.skipped.output }}", None),
        ("{{ steps.skipped.status }}", "skipped"),
        ("{{ steps.skipped.output.get('x') }}", None),
        ("{{ steps.rows.output.get('x') }}", None),
        ("{{ steps.rows.output.get('text') }}", "Hello"),
        ("{{ steps.broken.error.code }}", "http_error"),
        (
            "limit {{ inputs.limit }}, {{ inputs.nothing }}|{{ inputs.agreed }}|{{ inputs.due }}",
            "limit 500, |true|2026-01-31",
        ),
        ("{{ steps.rows.output.items }}!", "[7]!"),
        (
            {"a": ["{{ inputs.limit }}", {"b": "{{ inputs.report }}"}], "c": 1},
            {"a": [500, {"b": "r.csv"}], "c": 1},
        ),
    ],
)
def test_plain_values_keep_their_type_alone_and_become_text_in_text(
    value_of: ValueOf, text: object, expected: object
) -> None:
    assert parse_value(text).plain
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ inputs.limitt }}", "inputs.limitt: there is no 'limitt' here; there are: limit, report, due"),
        ("{{ inptus.limit }}", "inptus: there is no 'inptus' here; there are: inputs, job, steps"),
        ("{{ inputs.nothing.x }}", "inputs.nothing.x: inputs.nothing is null, so there is no 'x'"),
        ("{{ inputs.limit.x }}", "inputs.limit is a number, so there is no 'x'"),
        ("{{ inputs.report.upper }}", "a method is called: inputs.report.upper()"),
        (
            "{{ steps.rows.output.rows.name }}",
            "one of its 5 items is read by position: steps.rows.output.rows[0].name",
        ),
        ("{{ steps.rows.output.rows[9] }}", "steps.rows.output.rows[9]: there are only 5"),
        ("{{ steps.rows.output[0] }}", "there is no 0 here; there are: rows, items"),
        (
            "{{ steps.nope.output.x }}",
            "steps.nope: there is no step 'nope' that can be read here; there are: rows",
        ),
        ("{{ steps.skipped.output.x }}", "step skipped was skipped because its condition was false"),
        ("{{ steps.elsewhere.output.x }}", "step elsewhere was skipped because its branch was not taken"),
        ("{{ steps.broken.output.x }}", "step broken has failed, so it has no output"),
        ("{{ steps.later.output.x }}", "step later has not run"),
        ("{{ inputs.__class__ }}", "there is no '__class__' here"),
        ("{{ inputs.due.__class__ }}", "so there is no '__class__'"),
        ("{{ inputs.get }}", "there is no 'get' here"),
    ],
)
def test_an_error_names_the_path_and_what_was_there(error_of: ErrorOf, text: str, said: str) -> None:
    error = error_of(text)
    assert error.code == "expression_error"
    assert said in error.message
    assert error.detail["expression"] == text[2:-2].strip()


def test_the_keys_that_there_are_come_with_the_error(error_of: ErrorOf) -> None:
    assert error_of("{{ steps.rows.output.row }}").detail["available"] == ["rows", "items", "text", "empty"]


def test_a_child_scope_sees_its_own_names_first(scope: Scope) -> None:
    child = scope.child(item={"a": 1}, index=2, inputs={"limit": 1})
    assert (
        fill(parse_value("{{ item.a }} {{ index }} {{ inputs.limit }} {{ job.id }}"), child) == "1 2 1 job_1"
    )
    assert read(parse_expression("inputs.limit"), scope) == 500


def test_items_are_not_copied(scope: Scope) -> None:
    assert read(parse_expression("steps.rows.output.rows"), scope) is ROWS
