"""What a new step is given at once, and what is offered as outputs: the obvious, and nothing else."""

from typing import Any

import pytest

from common.canonical import loads
from integrations.registry import get_action
from workflows.builder import edits
from workflows.builder.proposals import OfferedOutput, offered_outputs, output_of, propose
from workflows.builder.scope import scope_in
from workflows.definition.checks import CheckContext
from workflows.definition.parse import parse

CONTEXT = CheckContext(actions=get_action, resolve_workflow=lambda _slug: None)
REPORT = {"key": "report", "type": "file"}
ROWS = {"key": "rows", "name": "Rows", "type": "csv.read", "config": {"file": "{{ inputs.report }}"}}
EACH = {
    "key": "check",
    "type": "for_each",
    "items": "steps.rows.output.rows",
    "steps": [{"key": "line", "type": "set", "values": {"a": 1}}],
}


def workflow(*steps: Any, inputs: Any = (REPORT,), outputs: Any = ()) -> Any:
    return {"format": 1, "name": "Flow", "inputs": [*inputs], "steps": [*steps], "outputs": [*outputs]}


def scope(definition: Any, path: str) -> Any:
    return scope_in(parse(definition, actions=CONTEXT.actions).partial, path, context=CONTEXT)


def added(definition: Any, type_: str, name: str = "", place: str = "steps") -> Any:
    """The step after it was added and filled in."""
    path = edits.add(definition, place, edits.new_step(definition, type_, name=name))
    propose(definition, path, scope(definition, path))
    list_ = definition["steps"] if place == "steps" else definition["steps"][-1]["steps"]
    return list_[-1]


def offers(definition: Any) -> list[OfferedOutput]:
    return offered_outputs(definition, scope(definition, "outputs"))


def test_reading_takes_the_only_file() -> None:
    assert added(workflow(), "csv.read")["config"] == {"file": "{{ inputs.report }}"}
    assert added(workflow(), "spreadsheet.read")["config"] == {"file": "{{ inputs.report }}"}


@pytest.mark.parametrize(
    "definition",
    [
        workflow(inputs=()),
        workflow(inputs=(REPORT, {"key": "other", "type": "file"})),
        workflow(inputs=({**REPORT, "required": False},)),
        workflow(inputs=({**REPORT, "key": "not a key"},)),
        workflow(ROWS),
        {"format": 1, "name": "Flow", "inputs": 7, "steps": []},
    ],
    ids=["none", "two", "one that may be missing", "no key", "read already", "no inputs"],
)
def test_reading_takes_no_file_that_is_not_obvious(definition: Any) -> None:
    assert added(definition, "csv.read")["config"] == {}


def test_a_loop_goes_through_the_latest_list_and_names_its_members() -> None:
    step = added(workflow(ROWS), "for_each")
    assert (step["items"], step["as"]) == ("steps.rows.output.rows", "row")
    step = added(workflow(ROWS, loads('{"key": "x", "type": "set", "values": {"a": 1}}'), EACH), "for_each")
    assert (step["items"], step["as"]) == ("steps.check.output", "item")


def test_a_loop_goes_through_the_rows_that_a_job_is_given_where_no_step_has_any() -> None:
    table = {"key": "entries", "type": "table", "columns": [{"key": "a", "type": "text"}]}
    step = added(workflow(inputs=(table,)), "for_each")
    assert (step["items"], step["as"]) == ("inputs.entries", "entry")


@pytest.mark.parametrize(
    "steps", [[{**ROWS, "when": "inputs.report"}], []], ids=["a step that may be skipped", "no list"]
)
def test_a_loop_goes_through_no_list_that_may_be_missing(steps: Any) -> None:
    assert added(workflow(*steps), "for_each")["items"] == ""


def test_inside_a_loop_nothing_is_proposed() -> None:
    definition = workflow(ROWS, loads('{"key": "check", "type": "for_each", "items": "[1]", "steps": []}'))
    assert added(definition, "csv.write", "List", place="steps[1].steps")["config"] == {}


def test_files_are_written_of_the_latest_list_and_called_like_their_step() -> None:
    assert added(workflow(ROWS, EACH), "csv.write", "Checked rows")["config"] == {
        "rows": "{{ steps.check.output }}",
        "filename": "checked-rows.csv",
    }
    assert added(workflow(ROWS), "spreadsheet.write", "All: rows?")["config"] == {
        "sheets": [{"name": "All  rows", "rows": "{{ steps.rows.output.rows }}"}],
        "filename": "all-rows.xlsx",
    }


def test_what_the_steps_give_is_offered_with_its_type_and_a_name() -> None:
    total = {
        "key": "total",
        "name": "Total",
        "type": "set",
        "values": {
            "how_many": "{{ len([1]) }}",
            "sum": "{{ round(sum([1.5]), 2) }}",
            "what": "{{ inputs.x }}",
        },
    }
    size = {
        "key": "size",
        "name": "Size",
        "type": "branch",
        "branches": [{"key": "yes", "when": "true", "steps": [], "value": "'large'"}],
        "else": {"steps": [], "value": "'small'"},
    }
    write = {"key": "list", "name": "The list", "type": "csv.write", "config": {"rows": []}}
    found = [(one.text, one.label, one.type) for one in offers(workflow(total, size, write))]
    assert found == [
        ("steps.total.output.how_many", "How many", "integer"),
        ("steps.total.output.sum", "Sum", "number"),
        ("steps.total.output.what", "What", ""),
        ("steps.size.output.value", "Size", "text"),
        ("steps.list.output.file", "The list", "file"),
    ]


def test_what_may_be_missing_or_is_an_output_already_is_not_offered() -> None:
    skipped = {"key": "maybe", "type": "set", "when": "inputs.report", "values": {"a": 1}}
    sure = {"key": "sure", "type": "set", "values": {"b": 1}}
    outputs = [{"key": "b", "type": "integer", "value": "steps.sure.output.b"}]
    assert offers(workflow(skipped, sure, outputs=outputs)) == []


def test_an_output_has_a_key_of_its_own() -> None:
    definition = workflow(outputs=[{"key": "sum", "type": "number", "value": "1"}])
    offer = OfferedOutput(text="steps.a.output.sum", label="Sum", type="", step="A")
    assert output_of(definition, offer, type_="number") == {
        "key": "sum_2",
        "label": "Sum",
        "type": "number",
        "value": "steps.a.output.sum",
    }
