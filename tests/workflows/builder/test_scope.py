"""What the Builder offers to insert: what is in scope, how it is written, and its last value."""

import copy

import pytest

from tests.workflows.builder.scopes import RAW, entry, group, scope_of, steps_in, texts
from tests.workflows.conftest import MakeWorkflow, call, definition
from workflows.builder.scope import scope_at, with_values
from workflows.calls import calls_of
from workflows.definition.parse import parse


def test_an_input_is_offered_with_its_label_its_type_and_the_fields_inside_it() -> None:
    scope = scope_of(RAW, "steps[0].config.file")
    report = entry(scope, "inputs.report")
    assert (report.label, report.type) == ("Report", "File")
    assert entry(scope, "inputs.report.media_type").level == 1
    assert entry(scope, 'inputs.person["net pay"]').type == "Number"
    assert entry(scope, 'inputs.person["class"]').type == "Text"
    assert entry(scope, "inputs.person.name.first").level == 2
    assert entry(scope, "inputs.lines").note == "each has amount"
    assert entry(scope, "inputs.urgent").note == "may be empty"
    assert entry(scope, "inputs.token").note == "secret: it is never shown"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("steps[0].when", []),
        ("steps[1].items", ["rows"]),
        ("steps[1].steps[0].config.url", ["rows"]),
        ("steps[1].steps[1].branches[0].when", ["ask", "rows"]),
        ("steps[1].steps[1].branches[0].steps[0].values.v", ["ask", "rows"]),
        ("steps[1].steps[1].branches[0].value", ["inner", "ask", "rows"]),
        ("steps[1].steps[2].until", ["tried", "inner", "size", "ask", "rows"]),
        ("steps[1].collect", ["tried", "again", "inner", "size", "ask", "rows"]),
        ("steps[2].steps[1].when", ["risky", "tried", "again", "inner", "size", "ask", "check", "rows"]),
        (
            "steps[2].catch[0].steps[0].values",
            ["risky", "tried", "again", "inner", "size", "ask", "check", "rows"],
        ),
        (
            "steps[3].branches[1].steps[0].when",
            ["tidy", "mended", "risky", "safe", "tried", "again", "inner", "size", "ask", "check", "rows"],
        ),
        (
            "outputs[0].value",
            [
                "end",
                "kind",
                "l",
                "both",
                "tidy",
                "mended",
                "risky",
                "safe",
                "tried",
                "again",
                "inner",
                "size",
                "ask",
                "check",
                "rows",
            ],
        ),
    ],
)
def test_the_steps_that_have_run_are_offered_the_nearest_first(path: str, keys: list[str]) -> None:
    assert steps_in(scope_of(RAW, path)) == keys


def test_what_may_not_be_there_is_asked_for_softly() -> None:
    scope = scope_of(RAW, "outputs[0].value")
    assert group(scope, "kind").note == "may be skipped"
    assert entry(scope, 'steps.kind.output.get("kind")').type == "Text"
    assert group(scope, "risky").note == "may not have run"
    assert [one.text for one in group(scope, "risky").entries] == [
        'steps.risky.output.get("v")',
        "first(steps.risky.output, null)",
        "steps.risky.status",
        "steps.risky.error",
    ]
    inside = group(scope, "ask")
    assert (inside.entries, inside.note) == (
        (),
        "runs inside a loop, once for each turn: use what Check every row gives",
    )
    assert "steps.check.errors" in texts(scope)


def test_names_of_loops_and_errors_are_offered_inside_them_only() -> None:
    loop = scope_of(RAW, "steps[1].steps[0].config.url")
    assert texts(loop, "In this loop") == ["row", "row.amount", "index"]
    assert texts(scope_of(RAW, "steps[1].items"), "In this loop") == []
    turn = texts(scope_of(RAW, "steps[1].steps[2].until"), "In this loop")
    assert turn == ["row", "row.amount", "index", "last", "last.v"]
    caught = scope_of(RAW, "steps[2].catch[0].steps[0].when")
    assert texts(caught, "The error")[:2] == ["error", "error.code"]


def test_a_form_of_a_loop_tells_what_its_collect_and_until_see_beside_the_rest() -> None:
    scope = scope_of(RAW, "steps[1].steps[2]")
    only = [one for one in scope.groups if one.fields]
    assert [(one.title, one.fields) for one in only] == [
        ("In this loop", ("collect", "until")),
        ("tried", ("collect", "until")),
    ]
    branch = scope_of(RAW, "steps[1].steps[1].branches[0]")
    assert [(one.key, one.fields) for one in branch.groups if one.fields] == [("inner", ("value",))]


def test_the_condition_of_an_input_sees_the_other_inputs_and_functions_alone() -> None:
    scope = scope_of(RAW, "inputs[5].show_when")
    assert "inputs.urgent" in texts(scope)
    assert "inputs.why" not in texts(scope)
    assert {one.split(".")[0] for one in texts(scope) if not one.endswith("()")} == {"inputs"}


def test_functions_are_offered_with_what_they_do_and_an_example() -> None:
    scope = scope_of(RAW, "steps[0].when")
    money = entry(scope, "money()")
    assert money.label == "money(amount, currency='')"
    assert money.note.startswith("An amount as text")
    assert money.value == "money(1234.5, 'EUR') → 'EUR 1,234.50'"


def test_a_step_that_has_no_key_or_type_yet_sees_the_steps_before_it() -> None:
    raw = copy.deepcopy(RAW)
    raw["steps"].insert(1, {"name": "New"})
    raw["steps"][2]["steps"].insert(0, {})
    assert steps_in(scope_of(raw, "steps[1]")) == ["rows"]
    assert steps_in(scope_of(raw, "steps[2].steps[2].branches[0].when")) == ["ask", "rows"]
    assert steps_in(scope_of(raw, "steps[2].steps[0].when")) == ["rows"]


def test_values_of_the_last_preview_stand_beside_their_entries() -> None:
    scope = with_values(
        scope_of(RAW, "steps[1].steps[1].branches[0].when"),
        inputs={
            "lines": [{"amount": 12.5}, {"amount": 3}],
            "report": {"name": "a.csv"},
            "urgent": None,
            "token": "hush",
        },
        outputs={
            "rows": {"rows": [{}] * 3},
            "ask": {"status": 200, "body": {"total": 7, "a b": {"c": "x" * 90}}},
        },
    )
    values = {one.text: one.value for one in scope.entries if one.source}
    assert values["inputs.lines"] == "2 items"
    assert values["row"] == "1 field"
    assert values["row.amount"] == "12.5"
    assert values["inputs.report.name"] == '"a.csv"'
    assert values["inputs.urgent"] == "empty"
    assert values["steps.rows.output.rows"] == "3 items"
    assert values['steps.ask.output.get("body").get("total")'] == "7"
    assert len(values['steps.ask.output.get("body").get("a b").get("c")']) == 60
    assert "hush" not in " ".join(one.value for one in scope.entries)


def test_what_a_called_workflow_gives_is_known(db: None, make_workflow: MakeWorkflow) -> None:
    make_workflow("sums", outputs=[{"key": "sum", "label": "Sum", "type": "number", "value": "1"}])
    read = parse(definition(call("sums"), call("gone"))).partial
    assert read is not None
    scope = scope_at(
        read, "outputs[0].value", calls=calls_of(read, workspace_id=make_workflow("b").workspace_id)
    )
    assert entry(scope, "steps.sums.output.sum").type == "Number"
    assert next(one.text for one in group(scope, "gone").entries) == "steps.gone.output"
