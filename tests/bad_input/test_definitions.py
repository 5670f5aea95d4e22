"""Definitions that are wrong, sent to the API: kept as a draft with problems or refused, never made a version.

What the checks find in single fields is in tests/definition/ (broken.py has one mistake each), circles and depth of
calls in tests/workflows/test_checking.py, files that cannot be imported in tests/workflows/test_transfer.py.
"""

import json
from typing import Any

import pytest

from tests.bad_input.asking import answered, nothing_is_made, refused, soon
from tests.bad_input.world import World
from tests.factories import ApiClient, make_api
from workflows.models import WorkflowVersion


def step(type_: str = "set", key: Any = "s", **fields: Any) -> dict[str, Any]:
    return {"key": key, "type": type_, **({"values": {}} if type_ == "set" else {}), **fields}


def of(*steps: Any, **fields: Any) -> dict[str, Any]:
    return {"format": 1, "name": "Bad", "steps": list(steps), **fields}


def loop(items: Any, **fields: Any) -> dict[str, Any]:
    return step("for_each", "loop", items=items, steps=[step(key="inner")], **fields)


def nested(depth: int) -> dict[str, Any]:
    inner = step()
    for n in range(depth):
        inner = step("try", f"t{n}", steps=[inner])
    return inner


KEYS: list[Any] = [
    "__proto__", "constructor()", "__class__", "", " ", "A", "1a", "a.b", "a[0]", "a/b", "é", "a" * 64, "a\x00", "\u202ea",
    1, None, True, [], {},
]  # fmt: skip
WRONG: dict[str, Any] = {
    "empty": {},
    "of a newer release": of(format=2),
    "format as text": of(format="1"),
    "format as 1.5": of(format=1.5),
    "calls itself": of(step("workflow", workflow="bad", inputs={})),
    "calls nobody": of(step("workflow", workflow="nobody", inputs={})),
    "calls a draft": of(step("workflow", workflow="unfinished", inputs={})),
    "calls by number": of(step("workflow", workflow=1, inputs={})),
    "calls by path": of(step("workflow", workflow="../sums", inputs={})),
    "calls another workspace's": of(step("workflow", workflow="theirs", inputs={})),
    "inputs that do not fit the callee": of(step("workflow", workflow="sums", inputs={"a": "x"})),
    "an input that the callee lacks": of(step("workflow", workflow="sums", inputs={"b": 1})),
    "unknown type": of(step("shell.run")),
    "type of a later release": of(step("email.send")),
    "type of a module": of(step("os.system", config={"command": "id"})),
    "no key": of({"type": "set", "values": {}}),
    "the same key twice": of(step(), step()),
    "the same key inside": of(step("try", steps=[step(key="x")]), step(key="x")),
    **{
        f"the key {key!r}": of(step(key=key))
        for key in KEYS
    },
    "__proto__ in a step": of({**step(), "__proto__": {"x": 1}}),
    "__class__ in the definition": {**of(step()), "__class__": "x"},
    "a later step": of(step(values={"x": "{{ steps.b.output.x }}"}), step(key="b")),
    "an absent step": of(step(values={"x": "{{ steps.nope.output }}"})),
    "its own output": of(step(values={"x": "{{ steps.s.output }}"})),
    "a loop over itself": of(loop("steps.loop.output")),
    "a loop over a text": of(loop("'abc'")),
    "a loop over null": of(loop("null")),
    "a loop over a number": of(loop(1_000_000)),
    "a loop over nothing": of(step("for_each", steps=[])),
    "a loop with 0 at once": of(loop("[1]", concurrency=0)),
    "a loop with 1e9 at once": of(loop("[1]", concurrency=1e9)),
    "a loop with a reserved name": of(loop("[1]", **{"as": "steps"})),
    "a loop with a name that is none": of(loop("[1]", **{"as": "a b"})),
    "a delay of -1": of(step("delay", duration=-1)),
    "a delay of 1e12": of(step("delay", duration=1e12)),
    "a delay of 1e300": of(step("delay", duration=1e300)),
    "a delay of a text": of(step("delay", duration="soon")),
    "a delay of 9999999999d": of(step("delay", duration="9999999999d")),
    "a delay until never": of(step("delay", until="0000-00-00")),
    "repeat for ever": of(step("repeat", steps=[step(key="i")], max_times=10**9)),
    "an expression that is open": of(step(values={"x": "{{ 1"})),
    "secrets": of(step(values={"x": "{{ secrets }}"})),
    "env": of(step(values={"x": "{{ env.PATH }}"})),
    "settings": of(step(values={"x": "{{ settings.SECRET_KEY }}"})),
    "a dunder": of(step(values={"x": "{{ inputs.__class__.__mro__ }}"})),
    "import": of(step(values={"x": "{{ __import__('os').environ }}"})),
    "2,001 characters": of(step(values={"x": "{{ '" + "x" * 1999 + "' }}"})),
    "20,000 terms": of(step(values={"x": "{{ " + "+".join(["1"] * 20_000) + " }}"})),
    "5,000 parentheses": of(step(values={"x": "{{ " + "(" * 5000 + ")" * 5000 + " }}"})),
    "a connection": of(step("http.request", connection="theirs", config={"url": "https://example.com/"})),
    "a connection that is an object": of(step("http.request", connection={"id": 1}, config={})),
    "no URL": of(step("http.request", config={})),
    "a URL that is a list": of(step("http.request", config={"url": ["x"]})),
    "a secret that is shown": of(
        inputs=[{"key": "p", "type": "text", "secret": True}],
        outputs=[{"key": "o", "type": "text", "value": "inputs.p"}],
    ),
    "a secret with a default": of(inputs=[{"key": "p", "type": "text", "secret": True, "default": "hunter2"}]),
    "a pattern that never ends": of(inputs=[{"key": "p", "type": "text", "pattern": "(" * 1000}]),
    "a schema that names itself": of(inputs=[{"key": "p", "type": "object", "schema": {"$ref": "file:///etc/passwd"}}]),
    "a schema that is a text": of(inputs=[{"key": "p", "type": "object", "schema": "x"}]),
    "1,001 steps": of(*[step(key=f"s{n}") for n in range(1001)]),
    "10,000 steps": of(*[step(key=f"s{n}") for n in range(10_000)]),
    "blocks 21 deep": of(nested(21)),
    "blocks 60 deep": of(nested(30)),
    "5 MB": of(step(values={"x": "x" * (5 << 20)})),
    "a million problems": of(*[{"": n} for n in range(50_000)]),
    "steps of numbers": of(*range(100)),
    "steps are a text": {**of(), "steps": "abc"},
    "everything null": dict.fromkeys(("format", "name", "description", "inputs", "steps", "outputs", "timeout")),
    "an integer past 2^53": of(step(values={"x": 2**53 + 1})),
    "an integer of 4,000 digits": of(step(values={"x": int("9" * 4000)})),
    "a lone surrogate": of(step(values={"x": "\ud800"})),
    "a lone surrogate as a name": of(step(values={"\ud800": 1})),
    "a timeout of an object": of(step(), timeout={}),
    "a timeout of -1": of(step(), timeout=-1),
    "an output twice": of(step(), outputs=[{"key": "o", "type": "text", "value": "1"}] * 2),
    "an output of an unknown type": of(step(), outputs=[{"key": "o", "type": "file_path", "value": "1"}]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_definition_is_a_draft_with_problems_or_refused_and_never_runs(
    world: World, api: ApiClient, name: str
) -> None:
    make_api("admin").post("/workflows/", {"slug": "theirs", "definition": of(step())})
    versions = WorkflowVersion.objects.count()
    with soon():
        answer = api.post("/workflows/", json.dumps({"slug": "bad", "definition": WRONG[name]}))
    answered(answer)
    if answer.status_code == 201:
        problems = [each for each in answer.json()["problems"] if each["level"] == "error"]
        assert problems
        assert all(each["message"] and each["code"] for each in problems)
        with nothing_is_made(), soon():
            body = refused(api.post("/workflows/bad/activate/"), 409)
            assert body["code"] in {"has_problems", "too_many_problems"}
            refused(api.post("/jobs/", {"workflow": "bad"}), 409)
            answered(api.get("/workflows/?search=bad"))
        answered(api.get("/workflows/bad/export/"))
    documents = {"workflows": [{"slug": "good", **of(step())}, {**WRONG[name], "slug": "bad-too"}]}
    with nothing_is_made(), soon():
        refused(api.post("/workflows/import/?activate=true", json.dumps(documents)), 409, 422)
    assert WorkflowVersion.objects.count() == versions


@pytest.mark.parametrize(
    "definition",
    [
        of(step("branch", branches=[{"key": "a", "when": "False", "steps": []}])),
        of(step(values={"constructor": 1, "__proto__": 2, "a.b[0]": 3, "": 4, "é\u202e🙂": 5})),
        of(step(values={"x": "\x00"})),
        of(step(values={"x": "{{ '}}' }}", "y": "} }} {"})),
    ],
)
def test_what_only_looks_wrong_is_activated_and_runs(world: World, api: ApiClient, definition: Any) -> None:
    made = api.post("/workflows/", {"slug": "odd", "definition": definition})
    assert made.status_code == 201, made.content
    assert api.post("/workflows/odd/activate/").status_code == 200
    job = api.post("/jobs/", {"workflow": "odd"}).json()
    world.drain()
    assert api.get(f"/jobs/{job['id']}/").json()["status"] == "completed"
    assert api.get(f"/jobs/{job['id']}/steps/").status_code == 200


def test_an_import_may_not_bring_secrets_or_identity(world: World, api: ApiClient) -> None:
    with nothing_is_made():
        for field in (
            "credentials",
            "connections",
            "secrets",
            "id",
            "workspace",
            "version",
            "digest",
            "status",
        ):
            document = {"slug": "x", field: {"password": "hunter2"}, **of(step())}
            body = refused(api.post("/workflows/import/?activate=true", document), 409, 422)
            assert "hunter2" not in json.dumps(body)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]",
        "&a a: *b",
        "!!python/object/apply:os.system ['id']",
        "!!binary aGk=",
        "? [a, b]\n: c",
        "<<: {a: 1}",
        "a: !include /etc/passwd",
        "%YAML 9.9\n---\na: 1",
        "--- |\n  text\n--- >\n  more\n",
        "slug: x\nname: \x07",
        "\t- a",
        "slug: 0o17",
        "slug: .nan",
        "slug: .inf",
        "{" * 5000,
        "- " * 50_000,
        "a: " + "'" * 100_001,
        "x: &x " + "y" * 1000 + "\n" + "\n".join(f"k{n}: *x" for n in range(20_000)),
        "#" * (9 << 20),
        "steps: [" + "{}," * 200_000 + "]",
    ],
)
def test_yaml_that_is_no_workflow_is_refused_soon(world: World, api: ApiClient, text: str) -> None:
    with nothing_is_made():
        for query in ("", "?mode=draft", "?activate=true"):
            refused(
                api.post(f"/workflows/import/{query}", text.encode(), content_type="application/yaml"),
                400,
                409,
                413,
                422,
            )
