"""What may be given for inputs, and what is said when it does not fit."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definition.examples import workflow
from tests.definition.given import DOES_NOT_FIT, FILE, FILE_ID, FITS
from tests.definition.test_parse import json_values
from workflows.definition.input_schema import input_schema
from workflows.definition.inputs import validate_inputs, validate_outputs
from workflows.definition.parse import parse_frozen
from workflows.definition.typed import typed_inputs

TODAY = date(2026, 3, 31)


def inputs_of(*inputs):
    return parse_frozen(workflow(inputs=list(inputs))).inputs


def check(inputs, values, **options):
    return validate_inputs(inputs, values, files={FILE_ID: FILE}.get, today=TODAY, **options)


def one(type_, value, **fields):
    """The stored value and the errors of one input `a`."""
    found = check(inputs_of({"key": "a", "type": type_, **fields}), {"a": value})
    return found.values["a"], [(error.path.removeprefix("inputs."), error.code) for error in found.errors]


@pytest.mark.parametrize(("type_", "value", "fields", "stored"), FITS)
def test_a_value_that_fits_is_stored(type_, value, fields, stored):
    assert one(type_, value, **fields) == (stored, [])


@pytest.mark.parametrize(("type_", "value", "fields", "path", "code"), DOES_NOT_FIT)
def test_a_value_that_does_not_fit_is_refused_with_its_path_and_code(type_, value, fields, path, code):
    assert one(type_, value, **fields) == (None, [(path, code)])


def test_all_errors_come_at_once_with_sentences():
    inputs = inputs_of(
        {"key": "limit", "type": "number"}, {"key": "name", "type": "text", "label": "Your name"}
    )
    found = check(inputs, {"limit": "abc", "nme": 1})
    assert [error.as_json() for error in found.errors] == [
        {"path": "inputs.nme", "code": "unknown", "message": "there is no 'nme' here. Did you mean 'name'?"},
        {"path": "inputs.limit", "code": "wrong_type", "message": "expected a number, got the text 'abc'"},
        {
            "path": "inputs.name",
            "code": "required",
            "message": "expected a value for 'Your name', got nothing",
        },
    ]


def test_what_is_not_given_is_the_default_or_null():
    inputs = inputs_of(
        {"key": "a", "type": "number", "default": 500},
        {"key": "b", "type": "text", "required": False},
        {"key": "c", "type": "text", "default": "x"},
        {"key": "d", "type": "text", "required": False},
        {"key": "e", "type": "date", "required": False},
    )
    found = check(inputs, {"a": None, "c": "", "d": "", "e": ""})
    assert found.errors == []
    assert found.values == {"a": 500, "b": None, "c": "x", "d": "", "e": None}


def test_half_a_character_is_refused_where_a_pattern_or_schema_reads_it():
    assert one("text", "\ud800", pattern=".*")[1] == [("a", "pattern")]
    assert one("object", {"a": "\ud800"}, schema={"properties": {"a": {"type": "number"}}})[1] == [
        ("a", "schema")
    ]
    assert check((), {"\ud800": 1}).errors[0].path == "inputs.�"


def test_no_more_unknown_names_are_told_than_anybody_reads():
    assert len(check(SHOWN, {f"x{n}": n for n in range(100_000)}).errors) == 50


def test_what_is_not_an_object_is_refused():
    assert [error.code for error in check((), []).errors] == ["wrong_type"]


def test_a_path_can_be_that_of_a_row_of_a_batch():
    assert check((), {"x": 1}, path="rows[4].inputs").errors[0].path == "rows[4].inputs.x"


@pytest.mark.parametrize("constraints", [{}, {"min_length": 2}, {"max_length": 3}])
def test_a_secret_that_is_too_short_to_be_masked_is_refused(constraints):
    inputs = inputs_of({"key": "pin", "type": "text", "secret": True, "required": False, **constraints})
    [error] = check(inputs, {"pin": "123"}).errors
    assert (error.code, error.path) == ("too_short", "inputs.pin")
    assert error.message == "expected at least 4 characters, got 3"
    assert check(inputs, {"pin": ""}).values == {"pin": None}
    assert input_schema(inputs)["properties"]["pin"]["anyOf"][0]["minLength"] == 4


def test_a_secret_is_in_no_message():
    inputs = inputs_of({"key": "a", "type": "text", "secret": True, "pattern": "[0-9]+"})
    assert "hunter2" not in check(inputs, {"a": "hunter2"}).errors[0].message
    assert "77" not in check(inputs, {"a": 77}).errors[0].message


SHOWN = inputs_of(
    {"key": "kind", "type": "choice", "choices": ["car", "train"], "default": "train"},
    {"key": "km", "type": "number", "show_when": "inputs.kind == 'car'"},
)


def test_a_hidden_input_is_not_required_and_counts_as_not_given():
    assert check(SHOWN, {}).values == {"kind": "train", "km": None}
    assert check(SHOWN, {"km": 5}).values == {"kind": "train", "km": None}
    assert check(SHOWN, {"km": 5}).errors == []


def test_a_shown_input_is_required():
    assert [error.code for error in check(SHOWN, {"kind": "car"}).errors] == ["required"]
    assert check(SHOWN, {"kind": "car", "km": 5}).values == {"kind": "car", "km": 5}


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ("inputs.n > 3 and inputs.when", True),
        ("not inputs.n", False),
        ("inputs.n in [1, 2] or inputs.n >= 5", True),
        ("1 < inputs.n < 3", False),
        ("{{ inputs['n'] != 5 }}", False),
        ("inputs.n is None", False),
        ("inputs.yes == true", True),
    ],
)
def test_plain_conditions_need_no_sandbox(condition, shown):
    inputs = inputs_of(
        {"key": "x", "type": "text", "show_when": condition},
        {"key": "n", "type": "integer"},
        {"key": "when", "type": "date"},
        {"key": "yes", "type": "boolean"},
    )
    found = check(inputs, {"n": 5, "when": "2026-01-01", "yes": True})
    assert bool(found.errors) is shown


def test_other_conditions_are_asked_of_whoever_can_evaluate():
    inputs = inputs_of(
        {"key": "n", "type": "text"}, {"key": "x", "type": "text", "show_when": "len(inputs.n) > 3"}
    )
    asked = []

    def evaluate(expression, scope):
        asked.append((expression.source, scope))
        return True

    assert check(inputs, {"n": "abcd"}).errors == []
    assert check(inputs, {"n": "abcd"}, evaluate=evaluate).errors[0].code == "required"
    assert asked == [("len(inputs.n) > 3", {"inputs": {"n": "abcd", "x": None}})]


def test_a_pattern_made_to_take_for_ever_does_not():
    assert one("text", "a" * 50_000 + "!", pattern="(a+)+")[1] == [("a", "pattern")]


TYPED = inputs_of(
    {"key": "d", "type": "date"},
    {"key": "t", "type": "time"},
    {"key": "m", "type": "datetime"},
    {"key": "s", "type": "duration"},
    {"key": "rows", "type": "table", "columns": [{"key": "d", "type": "date"}]},
    {"key": "n", "type": "number", "required": False},
)


def test_expressions_see_dates_and_durations_as_what_they_are():
    values = {
        "d": "2026-03-31",
        "t": "09:30",
        "m": "2026-03-31T10:00:00Z",
        "s": 90,
        "rows": [{"d": "2026-01-01"}],
        "n": None,
    }
    typed = typed_inputs(TYPED, values)
    assert typed == {
        "d": date(2026, 3, 31),
        "t": time(9, 30),
        "m": datetime(2026, 3, 31, 10, tzinfo=UTC),
        "s": timedelta(seconds=90),
        "rows": [{"d": date(2026, 1, 1)}],
        "n": None,
    }


def outputs_of(*outputs):
    return parse_frozen(workflow(outputs=[{"value": "None", **output} for output in outputs])).outputs


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        ("number", 1.5, None),
        ("number", "1", "wrong_type"),
        ("text", "", None),
        ("date", "2026-03-31", None),
        ("date", "31.3.2026", "format"),
        ("duration", 90, None),
        ("choice", "x", None),
        ("choice", 1, "wrong_type"),
        ("multiple_choice", ["x"], None),
        ("file", FILE, None),
        ("file", "x", "wrong_type"),
        ("files", [FILE], None),
        ("files", FILE, "wrong_type"),
        ("table", [{}], None),
        ("table", [1], "wrong_type"),
        ("list", [1], None),
        ("object", [], "wrong_type"),
        ("boolean", 0, "wrong_type"),
        ("text", None, "required"),
    ],
)
def test_outputs_have_their_declared_type(type_, value, code):
    errors = validate_outputs(outputs_of({"key": "a", "type": type_}), {"a": value})
    assert [(error.path, error.code) for error in errors] == ([("outputs.a", code)] if code else [])


def test_an_output_that_is_not_required_may_be_null():
    assert validate_outputs(outputs_of({"key": "a", "type": "text", "required": False}), {}) == []


@given(json_values)
@settings(max_examples=200, deadline=None)
def test_no_value_makes_the_check_raise(value):
    inputs = inputs_of(
        *({"key": f"k{n}", "type": type_, **fields} for n, (type_, _, fields, _) in enumerate(FITS))
    )
    assert check(inputs, value).errors
    check(inputs, {one.key: value for one in inputs})


@given(st.sampled_from(FITS), json_values)
@settings(max_examples=200, deadline=None)
def test_what_is_accepted_once_is_accepted_again(example, value):
    type_, _, fields, _ = example
    inputs = inputs_of({"key": "a", "type": type_, **fields})
    found = check(inputs, {"a": value})
    if not found.errors:
        again = check(inputs, {"a": found.values["a"]})
        assert (again.values, again.errors) == (found.values, [])
