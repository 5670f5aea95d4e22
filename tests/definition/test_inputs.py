"""What may be given for inputs, and what is said when it does not fit."""

import math
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definition.examples import workflow
from tests.definition.test_parse import json_values
from workflows.definition.inputs import validate_inputs, validate_outputs
from workflows.definition.parse import parse_frozen
from workflows.definition.typed import typed_inputs

TODAY = date(2026, 3, 31)
FILE_ID = "file_" + "0" * 32
FILE = {
    "id": FILE_ID,
    "name": "rows.CSV",
    "media_type": "text/csv; charset=utf-8",
    "bytes": 2048,
    "sha256": "0" * 64,
}


def inputs_of(*inputs):
    return parse_frozen(workflow(inputs=list(inputs))).inputs


def check(inputs, values, **options):
    return validate_inputs(inputs, values, files={FILE_ID: FILE}.get, today=TODAY, **options)


def one(type_, value, **fields):
    """The stored value and the errors of one input `a`."""
    found = check(inputs_of({"key": "a", "type": type_, **fields}), {"a": value})
    return found.values["a"], [(error.path.removeprefix("inputs."), error.code) for error in found.errors]


CHOICES = ["red", {"value": "blue", "label": "Blue"}]
COLUMNS = [{"key": "name", "type": "text"}, {"key": "n", "type": "integer", "default": 1, "minimum": 0}]
FITS: list[tuple[str, Any, dict[str, Any], Any]] = [
    ("text", "abc", {"min_length": 3, "max_length": 3, "pattern": "[a-c]+"}, "abc"),
    ("text", "a\nb", {"multiline": True}, "a\nb"),
    ("text", "\x00\ud800", {}, "\x00\ud800"),
    ("number", 1.5, {"minimum": 1.5, "maximum": 1.5}, 1.5),
    ("number", 10**400, {}, 10**400),
    ("integer", 3.0, {}, 3),
    ("integer", 0, {"minimum": 0}, 0),
    ("boolean", False, {}, False),
    ("date", "2026-02-28", {"minimum": "today-31d", "maximum": "today"}, "2026-02-28"),
    ("time", "09:30", {"minimum": "09:00", "maximum": "17:00:00"}, "09:30"),
    ("time", "00:00", {"minimum": "00:00"}, "00:00"),
    ("datetime", "2026-03-31T23:00:00+02:00", {"minimum": "today"}, "2026-03-31T23:00:00+02:00"),
    ("datetime", "2026-03-31t23:00:00.123z", {"maximum": "2026-03-31T23:00:01Z"}, "2026-03-31t23:00:00.123z"),
    ("duration", "15m", {"minimum": "90s", "maximum": 900}, 900),
    ("duration", 1.5, {}, 1.5),
    ("duration", 0, {}, 0),
    ("choice", "blue", {"choices": CHOICES}, "blue"),
    ("multiple_choice", ["blue", "red"], {"choices": CHOICES, "max_items": 2}, ["blue", "red"]),
    ("email", "ada@example.com", {}, "ada@example.com"),
    ("url", "https://example.com:8080/a?b=c#d", {}, "https://example.com:8080/a?b=c#d"),
    ("file", FILE_ID, {"accept": ["text/csv"], "max_bytes": 2048}, FILE),
    ("file", {"id": FILE_ID, "name": "another"}, {"accept": [".csv"]}, FILE),
    ("file", FILE_ID, {"accept": ["text/*"]}, FILE),
    ("files", [FILE_ID], {"min_items": 1}, [FILE]),
    (
        "table",
        [{"name": "x"}, {"name": "y", "n": 2.0}],
        {"columns": COLUMNS},
        [{"name": "x", "n": 1}, {"name": "y", "n": 2}],
    ),
    ("object", {"b": 1}, {"schema": {"required": ["b"]}}, {"b": 1}),
    ("list", [1, 2], {"schema": {"type": "integer"}, "min_items": 2}, [1, 2]),
]


@pytest.mark.parametrize(("type_", "value", "fields", "stored"), FITS)
def test_a_value_that_fits_is_stored(type_, value, fields, stored):
    assert one(type_, value, **fields) == (stored, [])


DOES_NOT_FIT: list[tuple[str, Any, dict[str, Any], str, str]] = [
    ("text", 1, {}, "a", "wrong_type"),
    ("text", "ab", {"min_length": 3}, "a", "too_short"),
    ("text", "abcd", {"max_length": 3}, "a", "too_long"),
    ("text", "abc\n", {"pattern": "abc"}, "a", "pattern"),
    ("text", "xabc", {"pattern": "abc|d"}, "a", "pattern"),
    ("text", "", {}, "a", "required"),
    ("text", None, {}, "a", "required"),
    ("number", "1", {}, "a", "wrong_type"),
    ("number", True, {}, "a", "wrong_type"),
    ("number", math.nan, {}, "a", "wrong_type"),
    ("number", math.inf, {}, "a", "wrong_type"),
    ("number", 1, {"minimum": 2}, "a", "too_small"),
    ("number", 3, {"maximum": 2}, "a", "too_large"),
    ("integer", 3.5, {}, "a", "wrong_type"),
    ("integer", "3", {}, "a", "wrong_type"),
    ("integer", True, {}, "a", "wrong_type"),
    ("boolean", 1, {}, "a", "wrong_type"),
    ("boolean", "true", {}, "a", "wrong_type"),
    ("date", "2026-02-30", {}, "a", "format"),
    ("date", "2026-2-3", {}, "a", "format"),
    ("date", "20260203", {}, "a", "format"),
    ("date", 20260203, {}, "a", "wrong_type"),
    ("date", "2026-03-30", {"minimum": "today"}, "a", "too_small"),
    ("date", "2026-05-01", {"maximum": "today+30d"}, "a", "too_large"),
    ("time", "25:00", {}, "a", "format"),
    ("time", "08:59", {"minimum": "09:00"}, "a", "too_small"),
    ("datetime", "2026-03-31T10:00:00", {}, "a", "format"),
    ("datetime", "2026-03-31", {}, "a", "format"),
    ("datetime", "2026-03-30T23:00:00Z", {"minimum": "today"}, "a", "too_small"),
    ("duration", "soon", {}, "a", "format"),
    ("duration", -1, {}, "a", "wrong_type"),
    ("duration", True, {}, "a", "wrong_type"),
    ("duration", "1s", {"minimum": "1m"}, "a", "too_small"),
    ("duration", "2d", {"maximum": "1d"}, "a", "too_large"),
    ("choice", "bleu", {"choices": CHOICES}, "a", "not_a_choice"),
    ("choice", 1, {"choices": CHOICES}, "a", "wrong_type"),
    ("multiple_choice", "red", {"choices": CHOICES}, "a", "wrong_type"),
    ("multiple_choice", ["red", "red"], {"choices": CHOICES}, "a[1]", "duplicate"),
    ("multiple_choice", ["green"], {"choices": CHOICES}, "a[0]", "not_a_choice"),
    ("multiple_choice", [], {"choices": CHOICES, "min_items": 1}, "a", "too_short"),
    ("email", "Ada <ada@example.com>", {}, "a", "format"),
    ("email", "ada@example.com\nBcc: x@y.z", {}, "a", "format"),
    ("email", "ada", {}, "a", "format"),
    ("url", "javascript:alert(1)", {}, "a", "format"),
    ("url", "https://", {}, "a", "format"),
    ("url", "https://[::1", {}, "a", "format"),
    ("url", "https://a b", {}, "a", "format"),
    ("file", "file_unknown", {}, "a", "file_missing"),
    ("file", "x", {}, "a", "file_missing"),
    ("file", 1, {}, "a", "wrong_type"),
    ("file", {"connection": "drive", "path": "/x"}, {}, "a", "wrong_type"),
    ("file", FILE_ID, {"accept": ["application/pdf", ".pdf"]}, "a", "file_type"),
    ("file", FILE_ID, {"max_bytes": 2047}, "a", "too_large"),
    ("files", FILE_ID, {}, "a", "wrong_type"),
    ("files", [FILE_ID, "x"], {}, "a[1]", "file_missing"),
    ("files", [], {"min_items": 1}, "a", "too_short"),
    ("table", {}, {"columns": COLUMNS}, "a", "wrong_type"),
    ("table", [[]], {"columns": COLUMNS}, "a[0]", "wrong_type"),
    ("table", [{"name": "x"}, {"name": "y", "n": -1}], {"columns": COLUMNS}, "a[1].n", "too_small"),
    ("table", [{"n": 1}], {"columns": COLUMNS}, "a[0].name", "required"),
    ("table", [{"name": "x", "nmae": 1}], {"columns": COLUMNS}, "a[0].nmae", "unknown"),
    ("table", [], {"columns": COLUMNS, "min_items": 1}, "a", "too_short"),
    ("object", [], {}, "a", "wrong_type"),
    (
        "object",
        {"b": {"c": "x"}},
        {"schema": {"properties": {"b": {"properties": {"c": {"type": "number"}}}}}},
        "a.b.c",
        "schema",
    ),
    ("list", {}, {}, "a", "wrong_type"),
    ("list", [1, "x"], {"schema": {"type": "integer"}}, "a[1]", "schema"),
    ("list", [1, 2], {"max_items": 1}, "a", "too_long"),
]


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
