"""Secrets that would be shown."""

import pytest

from tests.definition.checking import errors, set_
from tests.definition.examples import step, workflow

SECRET = [{"key": "password", "type": "text", "secret": True}, {"key": "name", "type": "text"}]
SHOWN = {
    "output": (
        workflow(inputs=SECRET, outputs=[{"key": "o", "type": "text", "value": "inputs.password"}]),
        "outputs[0].value",
    ),
    "all inputs": (
        workflow(inputs=SECRET, outputs=[{"key": "o", "type": "object", "value": "inputs"}]),
        "outputs[0].value",
    ),
    "another input": (
        workflow(inputs=SECRET, outputs=[{"key": "o", "type": "text", "value": "inputs.name"}]),
        None,
    ),
    "expression": (
        workflow(
            inputs=SECRET, outputs=[{"key": "o", "type": "text", "value": "inputs.password[:2].upper()"}]
        ),
        "outputs[0].value",
    ),
    "through set": (
        workflow(
            step("set", "s", values={"p": "x{{ inputs.password }}", "n": "{{ inputs.name }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.s.output.p"}],
        ),
        "outputs[0].value",
    ),
    "the other field of set": (
        workflow(
            step("set", "s", values={"p": "x{{ inputs.password }}", "n": "{{ inputs.name }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.s.output.n"}],
        ),
        None,
    ),
    "through code": (
        workflow(
            step("code", "c", source="inputs['p']", inputs={"p": "{{ inputs.password }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.c.output"}],
        ),
        "outputs[0].value",
    ),
    "through a loop": (
        workflow(
            step("for_each", "e", items="[inputs.password]", steps=[set_("s", "{{ item }}")]),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "list", "value": "steps.e.output"}],
        ),
        "outputs[0].value",
    ),
    "through a branch": (
        workflow(
            step("branch", "b", branches=[{"key": "a", "when": "True", "value": "inputs.password"}]),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.b.output.value"}],
        ),
        "outputs[0].value",
    ),
    "file name": (
        workflow(
            step("text.render", "t", config={"text": "x", "filename": "{{ inputs.password }}.txt"}),
            inputs=SECRET,
        ),
        "steps[0].config.filename",
    ),
    "rendered": (
        workflow(
            step("text.render", "t", config={"text": "{{ inputs.password }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.t.output.text"}],
        ),
        "outputs[0].value",
    ),
    "header": (
        workflow(
            step(
                "http.request",
                "h",
                config={"url": "https://example.com", "headers": {"A": "{{ inputs.password }}"}},
            ),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "integer", "value": "steps.h.output.status"}],
        ),
        None,
    ),
    "message": (workflow(step("fail", message="{{ inputs.password }}"), inputs=SECRET), "steps[0].message"),
    "finish": (
        workflow(
            step("finish", outputs={"o": "{{ inputs.password }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "'x'"}],
        ),
        "steps[0].outputs.o",
    ),
    "an open input of a sub-workflow": (
        workflow(
            step(
                "workflow",
                workflow="classify-expense",
                inputs={"category": "{{ inputs.password }}", "amount": 1},
            ),
            inputs=SECRET,
        ),
        "steps[0].inputs.category",
    ),
    "a secret input of a sub-workflow": (
        workflow(
            step(
                "workflow",
                workflow="classify-expense",
                inputs={"category": "a", "amount": 1, "token": "{{ inputs.password }}"},
            ),
            inputs=SECRET,
        ),
        None,
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_secret_that_would_be_shown_is_told(name):
    raw, path = SHOWN[name]
    assert errors(raw) == ([("secret_shown", path)] if path else [])
