"""Two changes of the same part."""

from workflows.builder.merging import Conflict, merged

BASE = {"key": "a", "name": "A", "config": {"url": "x", "method": "GET"}, "steps": [1]}


def test_what_only_one_side_changed_is_taken_from_both() -> None:
    mine = {**BASE, "name": "Mine"}
    theirs = {**BASE, "when": "True", "config": {"url": "y", "method": "GET"}}
    found, conflicts = merged(BASE, mine, theirs, leave=())
    assert found == {**theirs, "name": "Mine"}
    assert conflicts == []


def test_what_both_changed_differently_is_a_conflict_and_inside_an_object_only_that_name() -> None:
    mine = {**BASE, "config": {"url": "mine", "method": "PUT"}}
    theirs = {**BASE, "config": {"url": "theirs", "method": "GET"}}
    found, conflicts = merged(BASE, mine, theirs, leave=())
    assert conflicts == [Conflict(name="config.url", mine="mine", theirs="theirs")]
    assert found["config"] == {"url": "theirs", "method": "PUT"}


def test_a_field_that_one_side_took_away_is_gone_and_one_is_not_true() -> None:
    mine = {name: value for name, value in BASE.items() if name != "name"}
    assert "name" not in merged(BASE, mine, BASE, leave=())[0]
    _found, conflicts = merged({"x": 0}, {"x": 1}, {"x": True}, leave=())
    assert conflicts == [Conflict(name="x", mine=1, theirs=True)]


def test_the_parts_inside_are_left_as_theirs() -> None:
    found, conflicts = merged(BASE, {**BASE, "steps": [2]}, {**BASE, "steps": [3]}, leave={"steps"})
    assert (found["steps"], conflicts) == ([3], [])
