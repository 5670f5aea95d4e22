"""Whether values can have the types that they are for."""

import pytest

from tests.definition.checking import errors
from tests.definition.examples import step, workflow

OUTPUTS = [
    ("number", "1", None),
    ("number", "'1'", "output_type"),
    ("number", "'a' + 'b'", None),
    ("number", "f'{inputs.n}'", "output_type"),
    ("integer", "inputs.n", None),
    ("integer", "1.5", "output_type"),
    ("boolean", "inputs.n > 1", None),
    ("boolean", "len(inputs.t)", "output_type"),
    ("text", "inputs.n", "output_type"),
    ("text", "null", "output_type"),
    ("text", "'a' if inputs.n else 'b'", None),
    ("number", "'a' if inputs.n else 'b'", "output_type"),
    ("number", "first(inputs.n, 'x')", None),
    ("date", "'2026-03-31'", None),
    ("date", "'soon'", "output_type"),
    ("date", "inputs.d", None),
    ("list", "inputs.t", "output_type"),
    ("list", "[n for n in range(3)]", None),
    ("object", "{'a': 1}", None),
    ("text", "steps.s.output.v", "output_type"),
    ("number", "steps.s.output.v", None),
    ("text", "steps.s.status", None),
    ("number", "steps.s.status", "output_type"),
    ("file", "inputs.f", None),
    ("file", "inputs.t", "output_type"),
]


@pytest.mark.parametrize(("type_", "value", "code"), OUTPUTS)
def test_an_output_can_have_its_type(type_, value, code):
    raw = workflow(
        step("set", "s", values={"v": 1}),
        inputs=[
            {"key": "n", "type": "number"},
            {"key": "t", "type": "text"},
            {"key": "d", "type": "date"},
            {"key": "f", "type": "file"},
        ],
        outputs=[{"key": "o", "type": type_, "value": value}],
    )
    assert errors(raw) == ([(code, "outputs[0].value")] if code else [])


def test_null_is_fine_for_an_output_that_is_not_required():
    assert errors(workflow(outputs=[{"key": "o", "type": "text", "value": "null", "required": False}])) == []


def test_a_finish_step_gives_the_outputs_that_there_are():
    outputs = [
        {"key": "a", "type": "text", "value": "'x'"},
        {"key": "b", "type": "number", "value": "1"},
        {"key": "c", "type": "text", "value": "'x'", "required": False},
    ]
    assert errors(workflow(step("finish", outputs={"a": "x", "b": 1}), outputs=outputs)) == []
    assert errors(workflow(step("finish", outputs={"b": "{{ 'x' }}", "d": 1}), outputs=outputs)) == [
        ("unknown_output", "steps[0].outputs.d"),
        ("missing_output", "steps[0].outputs"),
        ("output_type", "steps[0].outputs.b"),
    ]


def test_items_must_be_able_to_be_a_list():
    def each(items):
        return workflow(step("for_each", items=items, steps=[]), inputs=[{"key": "t", "type": "text"}])

    for items in ("'abc'", "null", "inputs.t", "1000000", "{'a': 1}"):
        assert errors(each(items)) == [("wrong_type", "steps[0].items")]
    for items in ("[1]", "range(3)", "inputs.t.split(',')"):
        assert errors(each(items)) == []


def test_a_date_to_wait_for_must_be_one():
    assert errors(workflow(step("delay", until="tomorrow"))) == [("wrong_type", "steps[0].until")]
    assert errors(workflow(step("delay", until="2026-12-24"))) == []
    assert errors(workflow(step("delay", until="{{ job.today }}"))) == []


def test_a_default_must_fit():
    raw = workflow(
        inputs=[
            {"key": "a", "type": "number", "default": "x"},
            {"key": "b", "type": "number", "default": 1},
            {"key": "c", "type": "choice", "choices": ["x"], "default": "y"},
            {"key": "d", "type": "date", "minimum": "today", "default": "2020-01-01"},
            {"key": "e", "type": "table", "columns": [{"key": "n", "type": "number", "default": "x"}]},
        ]
    )
    assert errors(raw) == [
        ("invalid_value", "inputs[0].default"),
        ("invalid_value", "inputs[2].default"),
        ("invalid_value", "inputs[4].columns[0].default"),
    ]
