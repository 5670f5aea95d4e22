"""What steps say about failures is checked: nothing that an author writes there is ignored without a word."""

from tests.definition.checking import CONTEXT, problems, set_
from tests.definition.examples import step, workflow
from workflows.definition.checks import check


def test_a_delay_that_max_delay_would_cut_is_told():
    raw = workflow(step("csv.read", config={"file": "{{ 1 }}"}, retry={"delay": "2h"}))
    [problem] = check(raw, context=CONTEXT)
    assert (problem.code, problem.path) == ("invalid_value", "steps[0].retry.delay")
    assert problem.message == "The delay of 2h is above max_delay, 1h, and would be cut to it."
    assert problem.fix == "Write `max_delay: 2h` or more, or a shorter delay."
    raw["steps"][0]["retry"]["max_delay"] = "2h"
    assert problems(raw) == []


def test_codes_that_no_error_has_are_told_with_the_one_that_was_meant():
    raw = workflow(
        step("csv.read", config={"file": "{{ 1 }}"}, retry={"errors": ["http_error", "time_out"]}),
        step("try", "t", steps=[set_("a")], catch=[{"steps": []}, {"errors": ["no_money"], "steps": []}]),
    )
    found = check(raw, context=CONTEXT)
    assert [(one.code, one.path, one.level) for one in found] == [
        ("unknown_error_code", "steps[0].retry.errors", "error"),
        ("unknown_error_code", "steps[1].catch[1].errors", "error"),
    ]
    assert "timeout" in found[0].fix
    assert "step_failed" in found[1].fix


def test_a_bound_of_failures_that_the_first_one_ends_is_warned_of():
    raw = workflow(step("for_each", items="[]", steps=[set_("a")], max_failures=2))
    [problem] = check(raw, context=CONTEXT)
    assert (problem.code, problem.path, problem.level) == ("no_effect", "steps[0].max_failures", "warning")
    raw["steps"][0]["on_item_error"] = "continue"
    assert problems(raw) == []
