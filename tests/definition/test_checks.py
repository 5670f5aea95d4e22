"""What is checked before a workflow can run, as a whole."""

import yaml
from hypothesis import given, settings

from tests.definition.checking import CONTEXT, errors, problems, set_
from tests.definition.examples import EXPENSE_REPORT, STEPS, step, workflow
from tests.definition.test_parse import near_definitions
from workflows.definition.checks import check


def test_the_example_of_the_contract_has_only_what_comes_later():
    assert problems(yaml.safe_load(EXPENSE_REPORT)) == [
        ("not_yet_available", "steps[3].branches[0].steps[0].type"),
    ]


def test_checks_go_on_where_a_part_cannot_be_read():
    raw = workflow(step("set", "a", values=[]), set_("b", "{{ inputs.x }}"))
    assert errors(raw) == [("wrong_type", "steps[0].values"), ("unknown_input", "steps[1].values.v")]


def test_a_thousand_steps_are_checked_at_once():
    steps = [set_("s0")] + [set_(f"s{n}", f"{{{{ steps.s{n - 1}.output.v }}}}") for n in range(1, 1000)]
    assert problems(workflow(*steps)) == []


@given(near_definitions)
@settings(max_examples=200, deadline=None)
def test_nothing_that_can_be_read_makes_it_raise(value):
    for type_, fields in STEPS.items():
        field = next(iter(fields))
        check(workflow(step(type_, **{**fields, field: value}), inputs=value, outputs=value), context=CONTEXT)
