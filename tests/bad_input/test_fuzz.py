"""Definitions, YAML, expressions and inputs that chance makes: an answer below 500, within two seconds, every time.

`FUZZ_EXAMPLES` says how many of each kind; the usual run takes a few, the same every time. Any number of them from
chance: `FUZZ_EXAMPLES=10000 pytest tests/bad_input/test_fuzz.py`.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jobs.states import JobStatus
from tests.bad_input.asking import answered, soon, undone
from tests.bad_input.world import World
from tests.definition.examples import STEPS
from tests.expressions.test_fuzz import EXPRESSIONS
from tests.factories import ApiClient
from workflows.definition.yaml_text import dump

ASKED = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def fuzz(usual: int) -> Callable[[Any], Any]:
    """Settings: so many examples in the usual run. A failure is shrunk only where it was looked for."""
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if ASKED else [])]
    return settings(
        max_examples=ASKED or usual,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )


texts = st.text(max_size=20) | st.sampled_from(
    [
        "",
        "\x00",
        "\ud800",
        "{{",
        "}}",
        "{{ 1 }}",
        "{{ inputs.a }}",
        "steps.s.output",
        "__proto__",
        "today+1d",
        "1e999",
        "file_" + "0" * 32,
    ]
)
numbers = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([2**53 + 1, -(10**30), 1e308, -0.0])
)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted(
    {name for fields in STEPS.values() for name in fields}
    | {
        "key",
        "type",
        "when",
        "timeout",
        "retry",
        "on_error",
        "name",
        "format",
        "inputs",
        "steps",
        "outputs",
        "priority",
    }
)


def spoiled(value: Any, chance: Any) -> Any:
    """`value` with some of its parts replaced, left out, or moved."""
    if chance.random() < 0.05:
        return chance.choice(
            [
                None,
                True,
                0,
                -1,
                1e300,
                "",
                "x",
                "{{ 1 + }}",
                [],
                {},
                [[]],
                {"": None},
                "\x00",
                "\ud800",
                2**60,
            ]
        )
    if isinstance(value, dict):
        kept = {key: spoiled(each, chance) for key, each in value.items() if chance.random() > 0.03}
        if chance.random() < 0.1:
            kept[chance.choice(FIELDS)] = chance.choice([1, "a", [], {}, list(kept.values())])
        return kept
    if isinstance(value, list):
        items = [spoiled(each, chance) for each in value]
        return items + items[:1] if chance.random() < 0.1 else items
    return value


near_definitions = st.builds(
    lambda names, chance: spoiled(
        {
            "format": 1,
            "name": "N",
            "inputs": [
                {"key": "a", "type": "number", "default": 1},
                {"key": "b", "type": "choice", "choices": ["x"]},
            ],
            "steps": [{"key": f"s{n}", "type": name, **STEPS[name]} for n, name in enumerate(names)],
            "outputs": [{"key": "o", "type": "number", "value": "inputs.a", "required": False}],
        },
        chance,
    ),
    st.lists(st.sampled_from(sorted(STEPS)), max_size=4),
    st.randoms(use_true_random=False),
)


@fuzz(60)
@given(definition=near_definitions | json_values)
def test_any_definition_is_answered(world: World, api: ApiClient, definition: Any) -> None:
    with undone(), soon():
        answered(api.post("/workflows/", json.dumps({"slug": "f", "definition": definition})))
        answered(
            api.patch("/workflows/sums/", json.dumps({"definition": definition}), headers={"If-Match": "*"})
        )
        answered(api.get("/workflows/sums/versions/1/diff/draft/"))
        answered(api.get("/workflows/sums/export/?version=draft"))
        answered(api.post("/workflows/sums/activate/"))
        answered(api.post("/jobs/", {"workflow": "sums"}))


@fuzz(60)
@given(definition=near_definitions, chance=st.randoms(use_true_random=False))
def test_any_yaml_is_answered(world: World, api: ApiClient, definition: Any, chance: Any) -> None:
    whole = definition if isinstance(definition, dict) else {}
    text = list(dump({"slug": "f", **whole}))
    for _ in range(chance.randint(0, 6)):
        at = chance.randrange(len(text))
        text[at : at + chance.randint(0, 3)] = chance.choice(
            ["", "\n", ":", "- ", "&a ", "*a", "{", "]", "'", "!!x ", "\t", "|", "#", "\x00", "---\n"]
        )
    body = "".join(text).encode(errors="surrogatepass")
    with undone(), soon():
        answered(
            api.post("/workflows/import/?mode=draft&activate=true", body, content_type="application/yaml")
        )


WORDS = [
    "inputs", ".a", ".b", "['a']", "[0]", "[-1]", "[::2]", "steps.s.output", "job.id", "row", "x", "(", ")", "[", "]", "{", "}", ",", ":",
    "lambda", "for x in", "if", "else", "not", "and", "or", "+", "-", "*", "**", "/", "//", "%", "<", "==", "is", "in", "1", "2.5", "'a'",
    "null", "true", "10 ** 9", "len(", "sum(", "date(", "days(", "regex(", "json(", "money(", "decimal(", "sorted(", "range(", "first(",
    "format(", ".upper()", ".items()", ".get('a')", "f'{", "}'", "\n", "é", "🙂", "\x00", "__class__", "{{", "}}",
]  # fmt: skip
well_formed = EXPRESSIONS.map(lambda text: text.replace("row", "inputs.a"))
expressions = well_formed | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=20)


@fuzz(25)
@given(expression=expressions, given_a=st.dictionaries(texts, json_values, max_size=3))
def test_any_expression_is_a_problem_or_ends_its_job(
    world: World, api: ApiClient, expression: str, given_a: Any
) -> None:
    document = {
        "slug": "f",
        "format": 1,
        "name": "F",
        "inputs": [
            {"key": "a", "type": "object", "required": False},
            {"key": "b", "type": "list", "required": False},
        ],
        "steps": [
            {
                "key": "s",
                "type": "set",
                "values": {"x": "{{ " + expression + " }}", "y": "at {{ inputs.a }}"},
                "when": expression,
            },
        ],
    }
    with undone():
        with soon():
            made = api.post("/workflows/import/?activate=true", json.dumps(document))
            answered(made)
        if made.status_code == 201:
            started = api.post("/jobs/", json.dumps({"workflow": "f", "inputs": {"a": given_a}}))
            answered(started)
            if started.status_code == 201:
                job = world.actor.workspace.jobs.get(pk=started.json()["id"])
                world.drain()
                job.refresh_from_db()
                assert job.status in {JobStatus.COMPLETED, JobStatus.FAILED}
                assert "internal_error" not in job.error
                answered(api.get(f"/jobs/{job.pk}/steps/"))


INPUTS: list[dict[str, Any]] = [
    {"key": "text", "type": "text", "pattern": "[a-z]+", "max_length": 5},
    {"key": "number", "type": "number", "minimum": 0},
    {"key": "integer", "type": "integer", "maximum": 10},
    {"key": "date", "type": "date", "minimum": "today"},
    {"key": "time", "type": "time"},
    {"key": "moment", "type": "datetime", "maximum": "today+30d"},
    {"key": "wait", "type": "duration"},
    {"key": "one", "type": "choice", "choices": ["x", "y"]},
    {"key": "many", "type": "multiple_choice", "choices": ["x", "y"]},
    {"key": "mail", "type": "email"},
    {"key": "link", "type": "url"},
    {"key": "file", "type": "file"},
    {"key": "files", "type": "files"},
    {
        "key": "rows",
        "type": "table",
        "columns": [{"key": "n", "type": "integer"}, {"key": "d", "type": "date"}],
    },
    {"key": "thing", "type": "object", "schema": {"properties": {"n": {"type": "integer"}}}},
    {"key": "things", "type": "list", "schema": {"type": "string"}},
    {"key": "word", "type": "text", "secret": True},
    {"key": "shown", "type": "text", "show_when": "inputs.number > 3"},
]
near_values = json_values | st.sampled_from(
    ["2026-02-30", "9999-12-31", "0001-01-01", "2026-03-29T02:30:00+01:00", "24:00", "1e9d", "90s", "x", ["x", "x"], [{"n": 1.0}],
     [{"n": 1, "": 2}], {"n": "1"}, {"id": "file_" + "0" * 32}, "a@b.example", "https://[::1", 10**400, "a" * 10_000]
)  # fmt: skip


@pytest.fixture
def asks(world: World) -> str:
    """A workflow with an input of every type; its slug."""
    every = [{**each, "required": False} for each in INPUTS]
    return world.workflow(json.dumps({"inputs": every, "steps": []}), "asks")


@fuzz(80)
@given(
    inputs=st.dictionaries(st.sampled_from([each["key"] for each in INPUTS]) | texts, near_values, max_size=6)
    | json_values
)
def test_any_inputs_are_answered(world: World, api: ApiClient, asks: str, inputs: Any) -> None:
    with undone(), soon():
        before = world.actor.workspace.jobs.count()
        answer = api.post("/jobs/", json.dumps({"workflow": asks, "inputs": inputs}))
        answered(answer)
        assert world.actor.workspace.jobs.count() == before + (answer.status_code == 201)
        if answer.status_code == 201:
            assert api.get(f"/jobs/{answer.json()['id']}/").status_code == 200
            answered(api.post(f"/jobs/{answer.json()['id']}/rerun/"))
