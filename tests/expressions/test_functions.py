"""Every function, as it is documented and at its edges."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from common.errors import StepError
from workflows.expressions.convert import to_json
from workflows.expressions.functions import FUNCTIONS, Function
from workflows.expressions.library import source_of

ValueOf = Callable[..., Any]
ErrorOf = Callable[..., StepError]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_the_example_of_each_function_gives_what_it_says(value_of: ValueOf, function: Function) -> None:
    modules = {"datetime": __import__("datetime"), "decimal": __import__("decimal")}
    assert value_of("{{ " + function.example + " }}") == to_json(eval(function.result, modules))
    assert function.summary.endswith(".")
    assert function.signature.startswith(function.name + "(")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("first(null, 0, 3)", 0),
        ("first(null)", None),
        ("date('2026-01-31T23:59:00Z')", "2026-01-31"),
        ("date(2026, 2, 3)", "2026-02-03"),
        ("date(datetime('2026-01-31T23:59:00+02:00'))", "2026-01-31"),
        ("datetime('2026-01-31T12:00:00')", "2026-01-31T12:00:00+00:00"),
        ("datetime('2026-01-31T12:00:00+02:00')", "2026-01-31T12:00:00+02:00"),
        ("datetime(date('2026-01-31'))", "2026-01-31T00:00:00+00:00"),
        ("datetime('2026-01-31T12:00:00Z') - datetime('2026-01-31T11:30:00Z')", 1800),
        ("date('2026-01-31') - days(31)", "2025-12-31"),
        ("add_months('2024-01-31', 1)", "2024-02-29"),
        ("add_months('2026-03-31', -1)", "2026-02-28"),
        ("add_months('2026-01-15', 24)", "2028-01-15"),
        ("add_months('2026-11-30', 3)", "2027-02-28"),
        ("working_days('2026-01-30', 0)", "2026-01-30"),
        ("working_days('2026-01-30', 5)", "2026-02-06"),
        ("working_days('2026-02-02', -1)", "2026-01-30"),
        ("working_days('2026-01-30', 1, ['2026-02-02'])", "2026-02-03"),
        ("working_days('2026-01-30', date('2026-02-06'))", 5),
        ("working_days('2026-02-06', date('2026-01-30'))", -5),
        ("decimal('1.10') + 1", 2.1),
        ("decimal(0.1) * 3", 0.3),
        ("decimal('12345678901234567890.5')", "12345678901234567890.5"),
        ("decimal('3.00')", 3),
        ("round(decimal('2.675'), 2)", 2.68),
        ("money(0.125)", "0.12"),
        ("money('2.675', 'EUR')", "EUR 2.68"),
        ("money(-1234567.891, 'USD')", "USD -1,234,567.89"),
        ("money(1234.5, 'JPY')", "JPY 1,234"),
        ("money(1.2345, 'KWD')", "KWD 1.234"),
        ("format(date('2026-01-02'), '%d.%m.%Y')", "02.01.2026"),
        ("format(decimal('1234.50'), ',.2f')", "1,234.50"),
        ("format('x')", "x"),
        ("regex('(\\\\d+)-(\\\\d+)', 'a 1-2')", ["1", "2"]),
        ("regex('#(?P<number>\\\\d+)', 'a #12')", {"number": "12"}),
        ("regex('x(.)', 'axb')", "b"),
        ("regex('z', 'a')", None),
        ("regex('[0-9]', 'a1b2', all=True)", ["1", "2"]),
        ("regex('[0-9]', 'a1b2', replace='')", "ab"),
        ("regex('^(a+)+$', 'a' * 200 + 'b')", None),
        (
            "json({'d': date('2026-01-02'), 'n': decimal('1.5'), 'é': (1, null)})",
            '{"d": "2026-01-02", "n": 1.5, "é": [1, null]}',
        ),
        ("json('{\"a\": [1]}', parse=True).a", [1]),
        ("b64(b64('é🙂'), decode=True)", "é🙂"),
    ],
)
def test_functions_at_their_edges(value_of: ValueOf, text: str, expected: object) -> None:
    assert value_of("{{ " + text + " }}") == expected


def test_a_decimal_keeps_its_digits_in_text(value_of: ValueOf) -> None:
    assert value_of("{{ decimal('1.10') }} EUR") == "1.10 EUR"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date('31.01.2026')", "expected a text such as 2026-01-31, got '31.01.2026'"),
        ("date('2026-02-30')", "expected a text such as"),
        ("date(3)", "got a number"),
        ("date(null)", "got null"),
        ("datetime('noon')", "datetime(): expected"),
        ("days('x')", "days(): expected a number, got a text"),
        ("add_months('2026-01-31', 1.5)", "whole number"),
        ("add_months('9999-12-31', 1)", "year"),
        ("decimal('1,5')", "decimal(): expected a number such as 12.50, got '1,5'"),
        ("decimal('NaN')", "decimal(): expected a number"),
        ("money(null)", "got null"),
        ("regex('(', 'a')", "the pattern cannot be read"),
        ("regex('a', null)", "expected a pattern and a text"),
        ("json('{', parse=True)", "this is not JSON"),
        ("b64(3)", "expected a text"),
        ("int('x')", "invalid literal"),
        ("first(1)(2)", "not callable"),
    ],
)
def test_wrong_arguments_are_told_plainly(error_of: ErrorOf, text: str, said: str) -> None:
    error = error_of("{{ " + text + " }}")
    assert error.code == "expression_error"
    assert said in error.message


def test_only_the_functions_that_are_needed_go_into_a_program() -> None:
    assert source_of({"first"}).startswith("def first(*values):")
    assert "working_days" not in source_of({"money", "_out"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3), "2026-01-02T03:00:00"),
        ((1, (2,)), [1, [2]]),
        (Decimal("1.5"), 1.5),
        (Decimal("1E+3"), 1000),
        ({1: 2}, {"1": 2}),
    ],
)
def test_values_of_python_as_json(value: object, expected: object) -> None:
    assert to_json(value) == expected


def test_what_is_not_json_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    for value in (float("nan"), float("inf"), {1}, b"x", object(), endless, Decimal("NaN")):
        with pytest.raises(StepError):
            to_json(value)
