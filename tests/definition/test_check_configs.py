"""Whether configs and the inputs of called workflows fit."""

import pytest

from integrations.registry import get_action
from tests.definition.checking import CONTEXT, errors, problems, set_
from tests.definition.examples import step, workflow
from workflows.definition.checks import CheckContext, check


def http(**config):
    return workflow(step("http.request", config=config), inputs=[{"key": "x", "type": "text"}])


CONFIGS = [
    ({"url": "https://example.com"}, []),
    ({"url": "{{ inputs.x }}"}, []),
    ({"url": "x{{ inputs.x }}"}, []),
    ({"url": "example.com"}, [("invalid_config", "url")]),
    ({}, [("missing_field", "url")]),
    ({"url": 1}, [("invalid_config", "url")]),
    ({"url": "{{ inputs.x }}", "method": "GTE"}, [("invalid_config", "method")]),
    ({"url": "{{ inputs.x }}", "method": "{{ inputs.x }}"}, []),
    ({"url": "{{ inputs.x }}", "headers": "{{ inputs.x }}"}, []),
    ({"url": "{{ inputs.x }}", "headers": "a {{ inputs.x }}"}, [("invalid_config", "headers")]),
    (
        {"url": "{{ inputs.x }}", "headers": {"A": 1, "B": "{{ inputs.x }}"}},
        [("invalid_config", "headers.A")],
    ),
    ({"url": "{{ inputs.x }}", "redirects": 11}, [("invalid_config", "redirects")]),
    ({"url": "{{ inputs.x }}", "redirects": "{{ 11 }}"}, []),
    ({"ulr": "{{ inputs.x }}"}, [("unknown_field", "ulr"), ("missing_field", "url")]),
]


@pytest.mark.parametrize(("config", "expected"), CONFIGS)
def test_a_config_fits_its_action(config, expected):
    found = errors(http(**config))
    assert sorted(found) == sorted((code, f"steps[0].config.{path}") for code, path in expected)


REAL = CheckContext(actions=get_action, resolve_workflow=lambda _slug: None)
SENTENCES = [
    (
        "json.parse",
        {"text": "1", "file": "file_" + "0" * 32},
        "config.file",
        "Only one of text and file can be given.",
    ),
    ("json.parse", {}, "config.text", "One of text and file is needed."),
    (
        "http.request",
        {"url": "https://example.com", "json": {}, "body": "x"},
        "config.body",
        "Only one of json and body can be given.",
    ),
]


@pytest.mark.parametrize(("type_", "config", "path", "message"), SENTENCES)
def test_fields_of_which_one_is_needed_are_named(type_, config, path, message):
    (problem,) = check(workflow(step(type_, config=config)), context=REAL)
    assert (problem.path, problem.message) == (f"steps[0].{path}", message)


def test_what_does_not_fit_in_a_list_is_told_what_the_list_takes():
    raw = workflow(step("http.request", config={"url": "https://example.com", "accept_statuses": [999]}))
    (problem,) = check(raw, context=REAL)
    assert problem.fix == "Expected here: A status (404), a class (4xx), or any. Others fail the step."


def test_a_file_of_a_connection_comes_later():
    raw = workflow(step("csv.read", config={"file": {"connection": "drive", "path": "a.csv"}}))
    assert problems(raw) == [("not_yet_available", "steps[0].config.file")]


def test_an_unknown_step_type_is_told_with_a_suggestion():
    (problem,) = check(workflow(step("foreach")), context=CONTEXT)
    assert (problem.code, problem.fix) == ("unknown_step_type", "Did you mean 'for_each'?")


GOOD_CALL = {"category": "{{ inputs.x }}", "amount": 5}
CALLS = [
    ("classify-expense", GOOD_CALL, []),
    ("classify", GOOD_CALL, [("workflow_missing", "workflow")]),
    ("sleeping", {}, [("workflow_inactive", "workflow")]),
    ("round-about", {}, [("workflow_cycle", "workflow")]),
    ("classify-expense", {"amount": 5}, [("inputs_do_not_fit", "inputs.category")]),
    ("classify-expense", {**GOOD_CALL, "categori": 1}, [("inputs_do_not_fit", "inputs.categori")]),
    ("classify-expense", {**GOOD_CALL, "amount": "5"}, [("inputs_do_not_fit", "inputs.amount")]),
    ("classify-expense", {**GOOD_CALL, "amount": -5}, [("inputs_do_not_fit", "inputs.amount")]),
    ("classify-expense", {**GOOD_CALL, "amount": "{{ inputs.x }}"}, [("inputs_do_not_fit", "inputs.amount")]),
    ("classify-expense", {**GOOD_CALL, "amount": "{{ len(inputs.x) }}"}, []),
    ("classify-expense", {**GOOD_CALL, "amount": "{{ inputs.n }}"}, []),
    (
        "classify-expense",
        {**GOOD_CALL, "amount": "{{ inputs.n }} EUR"},
        [("inputs_do_not_fit", "inputs.amount")],
    ),
]


@pytest.mark.parametrize(("slug", "inputs", "expected"), CALLS)
def test_a_called_workflow_is_there_and_its_inputs_fit(slug, inputs, expected):
    raw = workflow(
        step("workflow", workflow=slug, inputs=inputs),
        inputs=[{"key": "x", "type": "text"}, {"key": "n", "type": "number"}],
    )
    assert errors(raw) == [(code, f"steps[0].{path}") for code, path in expected]


def test_the_outputs_of_a_called_workflow_are_known():
    raw = workflow(
        step("workflow", workflow="classify-expense", inputs={"category": "a", "amount": 1}),
        set_("two", "{{ steps.one.output.kind }}{{ steps.one.output.knd }}"),
        outputs=[{"key": "o", "type": "number", "value": "steps.one.output.kind"}],
    )
    assert errors(raw) == [("unknown_attribute", "steps[1].values.v"), ("output_type", "outputs[0].value")]
