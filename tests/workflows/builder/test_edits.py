"""Changes of a definition, one by one."""

from typing import Any

import pytest

from workflows.builder import edits
from workflows.builder.edits import EditRefused
from workflows.builder.nodes import node_at, place_at, walk
from workflows.builder.paths import NoSuchPlace, parts_of, path_of


def flow() -> dict[str, Any]:
    return {
        "format": 1,
        "name": "Flow",
        "steps": [
            {"key": "rows", "type": "csv.read", "config": {"file": "{{ inputs.file }}"}},
            {
                "key": "each",
                "type": "for_each",
                "items": "steps.rows.output.rows",
                "steps": [
                    {"key": "one", "type": "set", "values": {"x": "{{ steps.rows.output.columns }}"}},
                    {"key": "two", "type": "set", "values": {"y": "{{ steps.one.output.x }} of steps.one"}},
                ],
            },
            {
                "key": "which",
                "type": "branch",
                "branches": [{"key": "big", "when": "steps.each.output", "steps": []}],
            },
        ],
        "outputs": [{"key": "n", "type": "integer", "value": "len(steps.each.output)"}],
    }


def keys(definition: dict[str, Any]) -> list[str]:
    return [node.key for node in walk(definition) if node.kind == "step"]


def test_a_path_is_read_and_written_again() -> None:
    assert path_of(parts_of("steps[2].branches[0].steps[11]")) == "steps[2].branches[0].steps[11]"
    assert parts_of("") == ()


@pytest.mark.parametrize(
    "path",
    [
        "steps[",
        "steps[-1]",
        "steps[9999999]",
        "a b",
        "steps..x",
        "steps]0[",
        "__proto__[0]",
        "x" * 2_000,
        "steps[0]x",
    ],
)
def test_what_is_no_place_is_told(path: str) -> None:
    with pytest.raises(NoSuchPlace):
        node_at(flow(), path)


@pytest.mark.parametrize(
    "path", ["steps", "steps[0].config", "name", "steps[0].steps[0]", "steps[2].branches"]
)
def test_what_is_no_part_of_its_own_has_no_form(path: str) -> None:
    with pytest.raises(NoSuchPlace):
        node_at(flow(), path)


def test_a_step_moves_up_and_down_and_stays_at_the_ends() -> None:
    definition = flow()
    assert edits.step_up(definition, "steps[1]") == "steps[0]"
    assert keys(definition) == ["each", "one", "two", "rows", "which"]
    assert edits.step_up(definition, "steps[0]") == "steps[0]"
    assert edits.step_down(definition, "steps[2]") == "steps[2]"


def test_a_step_moves_into_a_block_whose_own_place_shifts_by_it() -> None:
    definition = flow()
    assert edits.move(definition, "steps[0]", "steps[2].branches[0].steps") == "steps[1].branches[0].steps[0]"
    assert keys(definition) == ["each", "one", "two", "which", "rows"]


def test_a_step_moves_within_its_list_to_before_the_one_that_is_named() -> None:
    definition = flow()
    assert edits.move(definition, "steps[0]", "steps", 2) == "steps[1]"
    assert edits.move(definition, "steps[2]", "steps", 0) == "steps[0]"
    assert [node_at(definition, f"steps[{number}]").key for number in range(3)] == ["which", "each", "rows"]


@pytest.mark.parametrize("to", ["steps[1].steps", "inputs", "steps[2].branches"])
def test_a_step_goes_neither_into_itself_nor_among_other_things(to: str) -> None:
    definition = flow()
    with pytest.raises(EditRefused):
        edits.move(definition, "steps[1]", to)
    assert definition == flow()


def test_a_copy_has_keys_of_its_own_and_its_expressions_read_the_copied_steps() -> None:
    definition = flow()
    assert edits.duplicate(definition, "steps[1]") == "steps[2]"
    copy = definition["steps"][2]
    assert copy["key"] == "each_2"
    assert [step["key"] for step in copy["steps"]] == ["one_2", "two_2"]
    assert copy["steps"][1]["values"] == {"y": "{{ steps.one_2.output.x }} of steps.one_2"}
    assert copy["steps"][0]["values"] == {"x": "{{ steps.rows.output.columns }}"}
    assert copy["items"] == "steps.rows.output.rows"


def test_renaming_a_step_changes_what_reads_it_and_nothing_that_is_called_alike() -> None:
    value = [
        "steps.one.output",
        'steps["one"].output',
        "steps.one_more.output",
        "mysteps.one",
        "x.steps.one",
        {"k": "{{ len(steps.one.output) }}"},
    ]
    assert edits.rename_step(value, "one", "first") == [
        "steps.first.output",
        "steps.first.output",
        "steps.one_more.output",
        "mysteps.one",
        "x.steps.one",
        {"k": "{{ len(steps.first.output) }}"},
    ]


def test_a_new_step_gets_a_key_made_of_its_name_that_nobody_has() -> None:
    definition = flow()
    assert edits.new_step(definition, "set", name="Rows!")["key"] == "rows_2"
    assert edits.new_step(definition, "set", name="Größe prüfen")["key"] == "groe_prufen"
    assert edits.new_step(definition, "http.request", name="42")["key"] == "call"
    assert edits.new_step(definition, "for_each")["key"] == "for_each"


def test_a_new_input_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(EditRefused):
        edits.new_part(flow(), place_at(flow(), "inputs"), "nonsense")


def test_nothing_is_added_where_something_else_than_a_list_stands() -> None:
    definition = {**flow(), "outputs": "none"}
    with pytest.raises(EditRefused):
        edits.add(definition, "outputs", {"key": "a"})
    edits.clear(definition, "outputs")
    assert edits.add(definition, "outputs", {"key": "a"}) == "outputs[0]"


def test_there_are_never_more_steps_than_a_definition_may_have() -> None:
    definition = {"steps": [{"key": f"s{number}", "type": "set"} for number in range(1_000)]}
    with pytest.raises(EditRefused):
        edits.add(definition, "steps", {"key": "more", "type": "set"})
