"""What is read from a definition, and what is said about one that is not right."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

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


BROKEN = {
    "format missing": ({"name": "A", "steps": []}, "missing_field", "format"),
    "format of the future": (workflow(format=2), "invalid_value", "format"),
    "no name": ({"format": 1, "steps": []}, "missing_field", "name"),
    "empty name": (workflow(name=" "), "invalid_value", "name"),
    "no steps": ({"format": 1, "name": "A"}, "missing_field", "steps"),
    "unknown field": (workflow(stepps=[]), "unknown_field", "stepps"),
    "slug inside": (workflow(slug="a"), "unknown_field", "slug"),
    "triggers": (workflow(triggers=[]), "not_yet_available", "triggers"),
    "concurrency": (workflow(concurrency={"limit": 1}), "not_yet_available", "concurrency"),
    "connection": (
        workflow(step("http.request", connection="a")),
        "not_yet_available",
        "steps[0].connection",
    ),
    "form": (workflow(step("form")), "not_yet_available", "steps[0].type"),
    "callback": (workflow(step("callback")), "not_yet_available", "steps[0].type"),
    "step is a text": (workflow("a"), "wrong_type", "steps[0]"),
    "steps is an object": ({"format": 1, "name": "A", "steps": {}}, "wrong_type", "steps"),
    "no type": (workflow({"key": "a"}), "missing_field", "steps[0].type"),
    "type is a list": (workflow({"key": "a", "type": []}), "wrong_type", "steps[0].type"),
    "no key": (workflow({"type": "set", "values": {}}), "missing_field", "steps[0].key"),
    "key with a capital": (workflow(step("set", "One", values={})), "invalid_key", "steps[0].key"),
    "key __class__": (workflow(step("set", "__class__", values={})), "invalid_key", "steps[0].key"),
    "key with a line break": (workflow(step("set", "a\n", values={})), "invalid_key", "steps[0].key"),
    "key of 64": (workflow(step("set", "a" * 64, values={})), "invalid_key", "steps[0].key"),
    "same key": (
        workflow(step("set", values={}), step("for_each", "two", items="[]", steps=[step("set", values={})])),
        "duplicate_key",
        "steps[1].steps[0].key",
    ),
    "unknown step field": (workflow(step("set", values={}, vlaues={})), "unknown_field", "steps[0].vlaues"),
    "__proto__": (workflow(step("set", values={}, __proto__={})), "unknown_field", "steps[0].__proto__"),
    "timeout on set": (workflow(step("set", values={}, timeout="1s")), "unknown_field", "steps[0].timeout"),
    "timeout too long": (
        workflow(step("code", source="1", timeout="6m")),
        "invalid_value",
        "steps[0].timeout",
    ),
    "timeout of a day and a second": (
        workflow(step("http.request", timeout=86401)),
        "invalid_value",
        "steps[0].timeout",
    ),
    "timeout negative": (workflow(step("code", source="1", timeout=-1)), "wrong_type", "steps[0].timeout"),
    "timeout of words": (
        workflow(step("code", source="1", timeout="soon")),
        "wrong_type",
        "steps[0].timeout",
    ),
    "retry of 21": (
        workflow(step("csv.read", retry={"max_attempts": 21})),
        "invalid_value",
        "steps[0].retry.max_attempts",
    ),
    "retry word": (workflow(step("csv.read", retry="quik")), "invalid_value", "steps[0].retry"),
    "retry list": (workflow(step("csv.read", retry=[])), "wrong_type", "steps[0].retry"),
    "retry status": (
        workflow(step("csv.read", retry={"statuses": ["6xx"]})),
        "wrong_type",
        "steps[0].retry.statuses[0]",
    ),
    "on_error": (workflow(step("set", values={}, on_error="stop")), "invalid_value", "steps[0].on_error"),
    "expression": (workflow(step("set", values={}, when="1 +")), "expression_invalid", "steps[0].when"),
    "empty expression": (workflow(step("set", values={}, when=" ")), "expression_invalid", "steps[0].when"),
    "expression is a list": (workflow(step("set", values={}, when=[])), "wrong_type", "steps[0].when"),
    "long expression": (
        workflow(step("set", values={}, when="1" + "+1" * 1000)),
        "expression_too_long",
        "steps[0].when",
    ),
    "template": (
        workflow(step("set", values={"a": [{"b": "{{ 1 + }}"}]})),
        "expression_invalid",
        "steps[0].values.a[0].b",
    ),
    "template not closed": (
        workflow(step("set", values={"a": "{{ 1"})),
        "expression_invalid",
        "steps[0].values.a",
    ),
    "delay of nothing": (workflow(step("delay")), "missing_field", "steps[0].duration"),
    "delay of both": (
        workflow(step("delay", duration="1s", until="{{ 1 }}")),
        "invalid_value",
        "steps[0].until",
    ),
    "delay NaN": (workflow(step("delay", duration=math.nan)), "not_json", "steps[0].duration"),
    "delay 1e300": (workflow(step("delay", duration=1e300)), "wrong_type", "steps[0].duration"),
    "delay boolean": (workflow(step("delay", duration=True)), "wrong_type", "steps[0].duration"),
    "no branches": (workflow(step("branch", branches=[])), "invalid_value", "steps[0].branches"),
    "branch without when": (
        workflow(step("branch", branches=[{"key": "a"}])),
        "missing_field",
        "steps[0].branches[0].when",
    ),
    "parallel with when": (
        workflow(step("parallel", branches=[{"key": "a", "when": "True"}])),
        "unknown_field",
        "steps[0].branches[0].when",
    ),
    "same branch": (
        workflow(step("parallel", branches=[{"key": "a"}, {"key": "a"}])),
        "duplicate_key",
        "steps[0].branches[1].key",
    ),
    "branch else": (
        workflow(step("branch", branches=[{"key": "else", "when": "True"}])),
        "reserved_name",
        "steps[0].branches[0].key",
    ),
    "concurrency 101": (
        workflow(step("for_each", items="[]", steps=[], concurrency=101)),
        "invalid_value",
        "steps[0].concurrency",
    ),
    "max_times 0": (workflow(step("repeat", steps=[], max_times=0)), "invalid_value", "steps[0].max_times"),
    "no max_times": (workflow(step("repeat", steps=[])), "missing_field", "steps[0].max_times"),
    "templated workflow": (
        workflow(step("workflow", workflow="{{ x }}")),
        "invalid_value",
        "steps[0].workflow",
    ),
    "input type": (workflow(inputs=[{"key": "a", "type": "txt"}]), "unknown_input_type", "inputs[0].type"),
    "input twice": (
        workflow(inputs=[{"key": "a", "type": "text"}, {"key": "a", "type": "text"}]),
        "duplicate_key",
        "inputs[1].key",
    ),
    "input constraint of another type": (
        workflow(inputs=[{"key": "a", "type": "text", "minimum": 1}]),
        "unknown_field",
        "inputs[0].minimum",
    ),
    "no choices": (workflow(inputs=[{"key": "a", "type": "choice"}]), "missing_field", "inputs[0].choices"),
    "choices twice": (
        workflow(inputs=[{"key": "a", "type": "choice", "choices": ["x", {"value": "x"}]}]),
        "invalid_value",
        "inputs[0].choices[1]",
    ),
    "least above most": (
        workflow(inputs=[{"key": "a", "type": "number", "minimum": 2, "maximum": 1}]),
        "invalid_value",
        "inputs[0].minimum",
    ),
    "pattern": (
        workflow(inputs=[{"key": "a", "type": "text", "pattern": "(a"}]),
        "invalid_value",
        "inputs[0].pattern",
    ),
    "pattern that breaks out": (
        workflow(inputs=[{"key": "a", "type": "text", "pattern": "a)|(b"}]),
        "invalid_value",
        "inputs[0].pattern",
    ),
    "look-around": (
        workflow(inputs=[{"key": "a", "type": "text", "pattern": "(?=a)"}]),
        "invalid_value",
        "inputs[0].pattern",
    ),
    "schema": (
        workflow(inputs=[{"key": "a", "type": "object", "schema": {"type": "objekt"}}]),
        "invalid_value",
        "inputs[0].schema",
    ),
    "schema from elsewhere": (
        workflow(inputs=[{"key": "a", "type": "object", "schema": {"$ref": "https://example.com/s"}}]),
        "invalid_value",
        "inputs[0].schema",
    ),
    "bound": (
        workflow(inputs=[{"key": "a", "type": "date", "minimum": "soon"}]),
        "wrong_type",
        "inputs[0].minimum",
    ),
    "file in a table": (
        workflow(inputs=[{"key": "a", "type": "table", "columns": [{"key": "f", "type": "file"}]}]),
        "unknown_input_type",
        "inputs[0].columns[0].type",
    ),
    "secret column": (
        workflow(
            inputs=[{"key": "a", "type": "table", "columns": [{"key": "f", "type": "text", "secret": True}]}]
        ),
        "invalid_value",
        "inputs[0].columns[0].secret",
    ),
    "connection as source": (
        workflow(inputs=[{"key": "a", "type": "file", "sources": ["connection"]}]),
        "not_yet_available",
        "inputs[0].sources[0]",
    ),
    "output without value": (
        workflow(outputs=[{"key": "a", "type": "text"}]),
        "missing_field",
        "outputs[0].value",
    ),
    "big integer": (workflow(step("set", values={"a": 2**53 + 1})), "too_large", "steps[0].values.a"),
    "lone surrogate": (workflow(step("set", values={"a": "\ud800"})), "not_json", "steps[0].values.a"),
    "lone surrogate in a name": (workflow(step("set", values={"\ud800": 1})), "not_json", "steps[0].values"),
    "number as name": (workflow(step("set", values={1: 1})), "not_json", "steps[0].values"),
    "a set": (workflow(step("set", values={"a": {1}})), "not_json", "steps[0].values.a"),
}


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
