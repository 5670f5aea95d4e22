"""What is read from a definition, and what is said about one that is not right."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definition.broken import BROKEN
from tests.definition.examples import EXPENSE_REPORT, STEPS, step, workflow
from workflows.definition.model import BranchStep, ForEachStep, LeafStep, TryStep
from workflows.definition.parse import DefinitionInvalid, parse, parse_frozen


def first_step(raw) -> Any:
    return parse_frozen(raw).steps[0]


def codes(raw):
    return [(problem.code, problem.path) for problem in parse(raw).problems]


@pytest.mark.parametrize("type_", STEPS)
def test_a_step_of_each_type_is_read(type_):
    parsed = parse(workflow(step(type_, name="A step", when="inputs.x", on_error="continue", **STEPS[type_])))
    assert parsed.problems == ()
    assert parsed.definition is not None
    found: Any = parsed.definition.steps[0]
    assert (found.key, found.type, found.where, found.on_error) == ("one", type_, "steps[0]", "continue")
    assert found.when.source == "inputs.x"


def test_the_example_of_the_contract_gives_only_that_approvals_come_later():
    assert codes(yaml.safe_load(EXPENSE_REPORT)) == [
        ("not_yet_available", "steps[3].branches[0].steps[0].type"),
    ]


def test_what_could_be_read_is_there_beside_the_problems():
    parsed = parse(yaml.safe_load(EXPENSE_REPORT))
    assert parsed.definition is None
    assert parsed.partial is not None
    assert [found.key for found in parsed.partial.walk()] == [
        "rows",
        "check",
        "verdict",
        "total",
        "size",
        "sign_off",
    ]


def test_blocks_hold_their_steps_and_say_where():
    definition = parse_frozen(
        workflow(step("for_each", **STEPS["for_each"]), step("try", "two", **STEPS["try"] | {"steps": []}))
        | {"steps": [step("for_each", **STEPS["for_each"]), step("branch", "two", **STEPS["branch"])]}
    )
    each, branch = definition.steps
    assert isinstance(each, ForEachStep)
    assert isinstance(branch, BranchStep)
    assert branch.otherwise is not None
    assert branch.otherwise.value is not None
    assert each.item_name == "row"
    assert each.steps[0].where == "steps[0].steps[0]"
    assert branch.otherwise.key == "else"
    assert branch.otherwise.value.source == "True"


def test_try_reads_catch_and_finally():
    found = first_step(workflow(step("try", **STEPS["try"])))
    assert isinstance(found, TryStep)
    assert found.catch[0].errors == {"http_error"}
    assert found.finally_[0].where == "steps[0].finally[0]"


@pytest.mark.parametrize(
    ("word", "attempts", "delay", "backoff", "max_delay"),
    [
        ("none", 1, 1, "fixed", 3600),
        ("quick", 3, 2, "exponential", 3600),
        ("patient", 8, 300, "exponential", 21600),
        ({}, 3, 1, "fixed", 3600),
        ({"max_attempts": 20, "delay": 5, "max_delay": "2h"}, 20, 5, "fixed", 7200),
    ],
)
def test_a_retry_is_a_word_or_an_object(word, attempts, delay, backoff, max_delay):
    retry = first_step(workflow(step("http.request", retry=word))).retry
    assert (retry.max_attempts, retry.delay, retry.backoff, retry.max_delay) == (
        attempts,
        delay,
        backoff,
        max_delay,
    )


def test_statuses_are_numbers_or_classes():
    found = first_step(
        workflow(step("http.request", retry={"statuses": [409, "5xx"], "errors": ["timeout"]}))
    )
    assert found.retry.statuses == ("409", "5xx")
    assert found.retry.errors == {"timeout"}


def test_a_constant_may_stand_where_an_expression_is_expected():
    assert first_step(workflow(step("set", values={}, when=True))).when.source == "True"


@pytest.mark.parametrize("name", BROKEN)
def test_each_mistake_has_its_code_and_path(name):
    raw, code, path = BROKEN[name]
    parsed = parse(raw)
    assert [(problem.code, problem.path) for problem in parsed.problems] == [(code, path)]
    assert parsed.definition is None
    problem = parsed.problems[0]
    assert problem.message.endswith((".", "?")) or code == "expression_invalid"
    assert problem.fix
    assert problem.as_json()["level"] == "error"


@pytest.mark.parametrize("raw", [None, 1, "a", [], True, [[]], math.inf], ids=str)
def test_what_is_not_an_object_is_a_problem(raw):
    assert parse(raw).problems


def test_an_integer_of_five_thousand_digits_is_a_problem():
    assert codes(workflow(timeout=10**5000)) == [("too_large", "timeout")]


def test_very_deep_json_is_a_problem():
    raw: list[Any] = []
    for _ in range(100_000):
        raw = [raw]
    assert [problem.code for problem in parse(workflow(step("set", values={"a": raw}))).problems] == [
        "too_deep"
    ]


def test_an_object_that_holds_itself_is_a_problem():
    raw = workflow()
    raw["steps"].append(raw)
    assert parse(raw).problems


def test_blocks_may_be_nested_twenty_deep_and_no_deeper():
    def nested(depth):
        inner: list[Any] = []
        for number in range(depth):
            inner = [step("for_each", f"s{number}", items="[]", steps=inner)]
        return workflow(*inner)

    assert parse(nested(20)).problems == ()
    assert [code for code, _ in codes(nested(21))] == ["too_deep"]


def test_a_thousand_steps_are_the_most():
    assert parse(workflow(*[step("set", f"s{n}", values={}) for n in range(1000)])).problems == ()
    raw = workflow(*[step("set", f"s{n}", values={}) for n in range(5000)])
    assert codes(raw) == [("too_many_steps", "steps[1000]")]


def test_one_mebibyte_is_the_most():
    assert codes(workflow(description="")) == []
    assert codes(workflow(step("set", values={"a": "x" * (1 << 20)}))) == [("too_large", "")]


def test_no_more_problems_are_listed_than_anybody_reads():
    problems = parse(workflow(*[[] for _ in range(900)])).problems
    assert len(problems) == 201
    assert problems[-1].code == "too_many_problems"


def test_long_names_and_many_values_take_no_time():
    raw = workflow(step("set", values={"k" * 300_000: [1] * 100_000}))
    assert [code for code, _ in codes(raw)] == ["too_deep"]
    assert codes(workflow(**{f"k{n}": 1 for n in range(80_000)}))[-1] == ("too_many_problems", "")


def test_all_problems_come_at_once():
    raw = workflow(step("set", values={}, when="1 +", on_error="x"), step("nothing", "two", foo=1), foo=2)
    assert len(codes(raw)) == 4


def test_a_frozen_definition_that_is_broken_raises():
    with pytest.raises(DefinitionInvalid, match=r"steps\[0\]"):
        parse_frozen(workflow([]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
words = st.sampled_from(
    [
        "key",
        "type",
        "steps",
        "branches",
        "inputs",
        "outputs",
        "when",
        "config",
        "retry",
        "columns",
        "catch",
        "else",
    ]
)
near_definitions = st.recursive(
    json_values | st.sampled_from([*STEPS, "{{ a", "{{ 1 }}", "a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=30,
)


@given(json_values | near_definitions)
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_json_makes_it_raise(raw):
    assert isinstance(parse(raw).problems, tuple)


@given(
    st.sampled_from(list(STEPS)),
    st.sampled_from(["values", "steps", "branches", "retry", "as", "items"]),
    near_definitions,
)
@settings(max_examples=150, deadline=None)
def test_no_value_of_a_field_makes_it_raise(type_, field, value):
    parse(workflow(step(type_, **{**STEPS[type_], field: value}), inputs=value, outputs=value))


def test_a_leaf_step_has_its_config_and_connection():
    found = first_step(workflow(step("http.request", **STEPS["http.request"])))
    assert isinstance(found, LeafStep)
    assert found.config.raw["method"] == "GET"
    assert found.timeout == 600
