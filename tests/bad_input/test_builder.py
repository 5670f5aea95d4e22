"""What the forms of the Builder may not be talked into: any POST is answered below 500, and no part of it is half saved.

What single fields make of what is typed is in tests/pages/builder/, hostile drafts in tests/pages/builder/test_hostile_drafts.py.
"""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from common.canonical import dumps
from tests.bad_input.asking import soon
from tests.engine.lab import Lab
from tests.pages.builder.support import FLOW, URL, draft, part
from tests.pages.flows import client_of, text_of
from workflows import services
from workflows.definition.bounds import MAX_BYTES, MAX_DEPTH, depth_of
from workflows.models import DraftSave, Workflow

pytestmark = pytest.mark.django_db
NASTY = (
    "", " ", "\x00", "a\x00b", "\x1b[31m", "\r\nX: y", "\u202ea", "-1", "NaN", "1e400", "٣", "9" * 5000, "null", "{{", "{{ ( }}",
    "__proto__", "constructor", "x" * 100_000, "[" * 5000, "[" * 101 + "]" * 101, '{"a": 1, "a": 2}', '"\\ud800"', "🙂" * 500,
)  # fmt: skip
"""Texts for anything that a form holds."""
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def lab(db: None) -> Lab:
    return Lab()


@pytest.fixture
def client(lab: Lab) -> Any:
    return client_of(lab)


@pytest.fixture(autouse=True)
def flow(lab: Lab) -> Workflow:
    return services.create_workflow(
        actor=lab.actor, workspace=lab.actor.workspace, slug="flow", definition=FLOW
    )


def answered(client: Client, form: Any, content_type: str | None = None) -> Any:
    """Send it. What is refused changes nothing; what is not leaves a draft that every page can show."""
    before = Workflow.objects.get(slug="flow")
    saves = DraftSave.objects.count()
    with soon():
        if content_type is None:
            answer = client.post(URL, form)
        else:
            answer = client.generic("POST", URL, form, content_type=content_type)
    after = Workflow.objects.get(slug="flow")
    assert answer.status_code in (200, 302, 400, 403, 404, 409, 413, 422), answer.status_code
    if answer.status_code >= 400:
        assert (after.draft, after.draft_revision) == (before.draft, before.draft_revision)
        assert DraftSave.objects.count() == saves
    else:
        assert after.draft_revision - before.draft_revision in (0, 1)
        assert client.get(URL).status_code == 200
    return answer


@pytest.mark.parametrize(
    ("at", "kind", "path"),
    [
        ("", "workflow", "workflow"),
        ("inputs[1]", "input", "inputs[1]"),
        ("step:one", "step", "steps[1].steps[0]"),
        ("step:call", "step", "steps[2]"),
        ("outputs[0]", "output", "outputs[0]"),
    ],
)
def test_any_text_in_any_field_of_a_form_is_answered(
    client: Client, flow: Workflow, at: str, kind: str, path: str
) -> None:
    form = part(client, at, kind, path)
    each_alone = [{name: NASTY[place % len(NASTY)]} for place, name in enumerate(form)]
    all_at_once = [dict.fromkeys([name for name in form if name.startswith("f.")], text) for text in NASTY]
    for typed in (*each_alone, *all_at_once):
        answered(client, form | {"do": "save"} | typed)
        Workflow.objects.filter(pk=flow.pk).update(draft=flow.draft)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_any_text_in_what_a_button_says_is_answered(client: Client, text: str) -> None:
    rows = part(client, "step:rows", "step", "steps[0]")
    for do in ("save", "drop", "up", "down", "duplicate", "move", "delete", "add", "clear", "keep", "put_back", "restore"):  # fmt: skip
        answered(client, rows | {"do": f"{do}:{text}"})
    for name in ("place", "owner_key", "name", "index", "type"):
        form = {"do": "add:set", "place": "steps", "owner_key": "", "index": "0"}
        answered(client, form | {name: text})
    for name in ("path", "key", "to", "to_key", "index"):
        form = {"do": "drag", "path": "steps[0]", "key": "rows", "to": "steps[1].steps", "to_key": "each"}
        answered(client, form | {name: text})
    for name in ("place", "mine", "key", "path", "was"):
        for do in ("keep", "put_back"):
            form = {"do": do, "path": "steps[0]", "key": "rows", "place": "steps", "mine": '{"key": "x"}'}
            answered(client, form | {name: text})
    answered(client, {"do": "move", "path": "steps[0]", "key": "rows", "move_to": text})
    answered(client, {"do": "restore:1", "revision": text, "at": text})


@pytest.mark.parametrize("number", ["9" * 9, "9" * 10, "9" * 30, "-1", "1.0", "0x1", "٣"])
def test_a_revision_that_none_can_be_restores_nothing(client: Client, number: str) -> None:
    for form in (
        {"do": f"restore:{number}", "revision": "1"},
        {"do": "restore:1", "revision": number},
    ):
        assert answered(client, form).status_code in (404, 409, 422)
    stale = part(client, "step:rows", "step", "steps[0]") | {"do": "save", "was": "x", "revision": number}
    assert answered(client, stale).status_code == 302, "it says what the draft says"
    assert answered(client, stale | {"f.name": "Mine"}).status_code == 409
    answer = client.post(f"{URL}history/", {"restore": number, "revision": number})
    assert answer.status_code in (404, 409)
    assert client.get(f"{URL}history/", {"revision": number}).status_code == 200
    assert draft() == FLOW


def test_names_of_fields_that_no_form_has_are_not_read(client: Client) -> None:
    form = part(client, "step:one", "step", "steps[1].steps[0]")
    strange = {
        "f.values.999999.key": "far", "f.values.999999.value": "1", "f.values.-1.key": "x", "f.values.٣.key": "x",
        "f.values.key": "x", "f.values..key": "x", "f.values.0.0.key": "x", "f.__proto__": "x", "f.constructor.prototype": "x",
        "f.__class__": "x", "__proto__": "x", "f.type": '"code"', "f.steps": "[]", "f.": "x", "f": "x", ".": "x", "f~raw": "{}",
        "f.values~was": "x", "other.0": "key", "other.99999": "values", "f.when~join": "xor", "f.when~left.999": "x",
    }  # fmt: skip
    answered(client, form | strange | {"do": "save"})
    assert draft() == FLOW


def test_names_such_as_prototypes_have_are_names_like_others(client: Client) -> None:
    form = part(client, "step:one", "step", "steps[1].steps[0]")
    row = next(
        name.removesuffix(".key") for name, value in form.items() if name.endswith(".key") and not value
    )
    for name in ("__proto__", "constructor", "__class__"):
        answered(client, form | {f"{row}.key": name, f"{row}.value": "1", "do": "save"})
        form = part(client, "step:one", "step", "steps[1].steps[0]")
        row = next(
            name.removesuffix(".key") for name, value in form.items() if name.endswith(".key") and not value
        )
    values = draft()["steps"][1]["steps"][0]["values"]
    assert [values[name] for name in ("__proto__", "constructor", "__class__")] == ["1", "1", "1"]


def test_of_a_field_that_is_sent_twice_the_last_counts_and_no_value_is_lost(client: Client) -> None:
    form = part(client, "step:one", "step", "steps[1].steps[0]") | {"do": "save"}
    body = urlencode([*form.items(), ("f.name", "First"), ("f.name", "Second")])
    answered(client, body, content_type=FORM)
    assert draft()["steps"][1]["steps"][0] == {**FLOW["steps"][1]["steps"][0], "name": "Second"}
    keys = [name for name in form if name.endswith(".key") and form[name]]
    answered(
        client, part(client, "step:one", "step", "steps[1].steps[0]") | dict.fromkeys(keys, "same") | {"do": "save"}
    )  # fmt: skip
    assert len(draft()["steps"][1]["steps"][0]["values"]) == len(FLOW["steps"][1]["steps"][0]["values"])


def test_ten_thousand_rows_are_refused_as_a_whole(client: Client) -> None:
    form = part(client, "step:one", "step", "steps[1].steps[0]") | {"do": "save"}
    rows = {f"f.values.{number}.key": f"k{number}" for number in range(10_000)}
    assert answered(client, form | rows).status_code == 400
    assert draft() == FLOW


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=utf-16", f"{FORM}; charset=nonsense", "multipart/form-data; boundary=x", "multipart/form-data", "application/json", "text/plain", ";", ""])  # fmt: skip
def test_a_body_in_no_encoding_of_ours_changes_nothing(client: Client, kind: str) -> None:
    bodies = (b"do=save&path=steps[0]&key=rows&f.name=%ff%fe%ed%a0%80", b"do=\xff&path=\xed\xa0\x80", b"\xff\xfe" + "do=save".encode("utf-16"), b"--x\r\n\r\n", b"{}", b"&&==&;", b"%")  # fmt: skip
    for body in bodies:
        answered(client, body, content_type=kind)
        assert {**draft()["steps"][0], "name": "Read"} == FLOW["steps"][0]
        assert depth_of(draft()) == depth_of(FLOW)


def test_a_draft_grows_neither_beyond_a_mebibyte_nor_deeper_than_definitions_are(
    client: Client, flow: Workflow
) -> None:
    form = part(client, "step:one", "step", "steps[1].steps[0]")
    big = form | {"do": "save", "f.description": "x" * (MAX_BYTES // 2)}
    assert answered(client, big).status_code == 302
    answer = answered(client, part(client, "step:each", "step", "steps[1]") | {"do": "duplicate"})
    assert answer.status_code == 422
    assert "larger than 1 MiB" in text_of(answer)
    Workflow.objects.filter(pk=flow.pk).update(draft=flow.draft)
    deep: Any = {"key": "s0", "type": "set", "values": {}}
    for number in range(1, 46):
        deep = {"key": f"s{number}", "type": "try", "steps": [deep]}
    form = {"do": "put_back", "place": "steps", "owner_key": "", "mine": dumps(deep)}
    assert answered(client, form).status_code == 302
    answer = answered(client, form | {"place": "steps[0].steps", "owner_key": "s1"})
    assert answer.status_code == 422
    assert "deeper than a workflow can have them" in text_of(answer)
    assert depth_of(draft()) <= MAX_DEPTH
