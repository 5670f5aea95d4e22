"""The published schema agrees with the parser."""

import jsonschema_rs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.registry import all_actions
from tests.definition.broken import BROKEN
from tests.definition.examples import EXPENSE_REPORT, STEPS, step, workflow
from tests.definition.given import DOES_NOT_FIT, FITS
from tests.definition.test_inputs import inputs_of
from tests.definition.test_parse import near_definitions
from workflows.definition.input_schema import input_schema
from workflows.definition.parse import parse
from workflows.definition.schema import definition_schema, step_types
from workflows.definition.step_types import STEP_TYPES

SCHEMA = jsonschema_rs.Draft202012Validator(definition_schema(), pattern_options=jsonschema_rs.RegexOptions())


def test_it_is_a_json_schema():
    assert jsonschema_rs.meta.is_valid(definition_schema())


@pytest.mark.parametrize("type_", STEPS)
def test_it_accepts_every_step_type(type_):
    raw = workflow(step(type_, name="A step", when=True, on_error="continue", **STEPS[type_]))
    assert [error.message for error in SCHEMA.iter_errors(raw)] == []


def test_it_accepts_the_example_of_the_contract_but_for_what_comes_later():
    raw = yaml.safe_load(EXPENSE_REPORT)
    assert not SCHEMA.is_valid(raw)
    del raw["steps"][3]["branches"][0]["steps"]
    assert SCHEMA.is_valid(raw)


def test_it_accepts_every_type_of_input():
    inputs = [{"key": f"k{n}", "type": type_, **fields} for n, (type_, _, fields, _) in enumerate(FITS)]
    assert [error.message for error in SCHEMA.iter_errors(workflow(inputs=inputs))] == []


BEYOND_A_SCHEMA = {
    "slug inside",
    "same key",
    "same branch",
    "input twice",
    "choices twice",
    "least above most",
    "branch else",
    "secret column",
    "secret with a default",
    "bound",
    "delay NaN",
    "a set",
    "number as name",
    "lone surrogate",
    "lone surrogate in a name",
    "timeout too long",
    "timeout of a day and a second",
    "delay 1e300",
}
SEEN_BY_THE_PARSER = {"expression_invalid", "expression_too_long", "too_large", "not_json"}


@pytest.mark.parametrize("name", [name for name in BROKEN if name not in BEYOND_A_SCHEMA - {"slug inside"}])
def test_it_refuses_what_the_parser_refuses(name):
    raw, code, path = BROKEN[name]
    if code in SEEN_BY_THE_PARSER or path.endswith((".pattern", ".schema")):
        pytest.skip("only reading it shows")
    assert not SCHEMA.is_valid(raw)


@given(near_definitions, st.sampled_from(list(STEPS)))
@settings(max_examples=150, deadline=None)
def test_what_the_parser_accepts_it_accepts(value, type_):
    field = next(iter(STEPS[type_]))
    raw = workflow(step(type_, **{**STEPS[type_], field: value}), inputs=value)
    if not parse(raw).problems:
        assert SCHEMA.is_valid(raw)


def test_every_step_type_is_described():
    described = {one["type"]: one for one in step_types(all_actions())}
    assert set(STEP_TYPES) | {"http.request"} <= set(described)
    assert described["http.request"]["config_schema"]["properties"]["url"]
    assert [field["name"] for field in described["set"]["fields"]][:4] == [
        "key",
        "name",
        "description",
        "type",
    ]
    assert described["for_each"]["group"] == "block"


@pytest.mark.parametrize(
    ("type_", "value", "fields"), [(type_, value, fields) for type_, value, fields, _ in FITS]
)
def test_the_schema_of_inputs_accepts_what_fits(type_, value, fields):
    schema = input_schema(inputs_of({"key": "a", "type": type_, **fields}))
    if value == "\x00\ud800":
        pytest.skip("no text of JSON")
    assert jsonschema_rs.is_valid(schema, {"a": value})


@pytest.mark.parametrize(
    ("type_", "value", "fields"),
    [
        (type_, value, fields)
        for type_, value, fields, _, code in DOES_NOT_FIT
        if code == "wrong_type" and value == value
    ],
)
def test_the_schema_of_inputs_refuses_the_wrong_type(type_, value, fields):
    if isinstance(value, float) and value in (float("inf"),):
        pytest.skip("no JSON")
    schema = input_schema(inputs_of({"key": "a", "type": type_, **fields}))
    assert not jsonschema_rs.is_valid(schema, {"a": value})
