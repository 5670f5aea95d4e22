"""What the buttons of the Builder do to the outline."""

import pytest

from tests.pages.builder.support import FLOW, URL, draft, part
from tests.pages.flows import text_of
from tests.pages.html_forms import buttons_on, form_on

pytestmark = pytest.mark.django_db


def test_every_button_saves_what_was_typed_before_it_does_its_own(client, flow):
    form = part(client, "step:rows", "step", "steps[0]")
    answer = client.post(URL, form | {"f.name": "Typed", "do": "down"})
    assert answer.url == f"{URL}?at=step%3Arows"
    assert [step["key"] for step in draft()["steps"]] == ["each", "rows", "call"]
    assert draft()["steps"][1]["name"] == "Typed"


def test_a_step_is_added_after_another_one_and_duplicated_and_moved_and_deleted_and_that_is_undone(
    client, flow
):
    form = form_on(client.get(URL, {"add": "steps", "index": "1"}), "builder-add")
    answer = client.post(URL, form | {"name": "Add up", "do": "add:set"})
    assert answer.url == f"{URL}?at=step%3Aadd_up"
    assert draft()["steps"][1] == {"key": "add_up", "name": "Add up", "type": "set", "values": {}}
    client.post(URL, part(client, "step:add_up", "step", "steps[1]") | {"do": "duplicate"})
    assert draft()["steps"][2]["key"] == "add_up_2"
    form = part(client, "step:add_up_2", "step", "steps[2]")
    client.post(URL, form | {"do": "move", "move_to": "steps[3].steps"})
    assert draft()["steps"][2]["steps"][1]["key"] == "add_up_2"
    client.post(URL, part(client, "step:each", "step", "steps[2]") | {"do": "delete"})
    assert [step["key"] for step in draft()["steps"]] == ["rows", "add_up", "call"]
    page = client.get(URL)
    assert "Deleted each" in text_of(page)
    undo = form_on(page, "builder-undo")
    client.post(URL, undo | {"do": buttons_on(page, "builder-undo")[0]})
    assert [step["key"] for step in draft()["steps"]] == ["rows", "add_up", "each", "call"]


def test_a_copy_has_its_fields_in_the_order_of_the_original(client, flow):
    client.post(URL, part(client, "step:call", "step", "steps[2]") | {"do": "duplicate"})
    original, copy = draft()["steps"][2:]
    assert list(copy) == list(original)
    assert list(copy["config"]) == list(original["config"])


def test_parts_of_every_kind_can_be_added(client, flow):
    for path, do in (
        ("inputs", "add:date"),
        ("inputs[2].columns", "add:text"),
        ("outputs", "add:number"),
        ("steps", "add:branch"),
        ("steps[3].branches", "add:"),
        ("steps", "add:try"),
        ("steps[4].catch", "add:"),
        ("steps[4].finally", "add:set"),
        ("steps", "add:parallel"),
        ("steps[5].branches[1].steps", "add:delay"),
    ):
        page = client.get(URL, {"add": path})
        assert do in buttons_on(page, "builder-add"), path
        assert client.post(URL, form_on(page, "builder-add") | {"name": "", "do": do}).status_code == 302, (
            path
        )
    found = draft()
    assert [len(step.get("branches", ())) for step in found["steps"][3:]] == [2, 0, 2]
    assert found["steps"][3]["else"] == {"steps": []}
    assert found["steps"][4]["finally"][0]["type"] == "set"


def test_dragging_names_the_list_and_the_place_in_it(client, flow):
    drag = {
        "do": "drag",
        "path": "steps[0]",
        "key": "rows",
        "to": "steps[1].steps",
        "to_key": "each",
        "index": "0",
    }
    assert client.post(URL, drag).status_code == 302
    assert [step["key"] for step in draft()["steps"][0]["steps"]] == ["rows", "one"]
    assert client.post(URL, drag | {"to": "steps[7].steps"}).status_code == 302, "found by its owner's key"
    assert client.post(URL, drag | {"to_key": "nobody"}).status_code == 409
    assert client.post(URL, drag | {"to": "inputs", "to_key": ""}).status_code == 422


@pytest.mark.parametrize(
    "form",
    [
        {"do": "nonsense"},
        {"do": "save"},
        {"do": "save", "path": "steps[999]"},
        {"do": "save", "path": "[[["},
        {"do": "delete", "path": ""},
        {"do": "delete", "path": "steps"},
        {"do": "move", "path": "steps[0]", "key": "rows", "move_to": "x"},
        {"do": "add:nonsense", "place": "inputs"},
        {"do": "add:set", "place": "steps[0].steps"},
        {"do": "add:", "place": ""},
        {"do": "clear:"},
        {"do": "clear:steps[0]"},
        {"do": "keep", "path": "steps[0]", "key": "rows", "mine": "{"},
        {"do": "keep", "path": "steps[0]", "key": "rows", "mine": "[1]"},
        {"do": "put_back", "place": "steps", "mine": "NaN"},
        {"do": "restore:1"},
        {"do": "restore:1", "revision": "99999999999999999999"},
        {"do": "restore:-1", "revision": "1"},
    ],
)
def test_a_form_that_no_page_of_ours_sends_changes_nothing_and_is_answered(client, flow, form):
    page = client.post(URL, form)
    assert page.status_code in (302, 404, 409, 422)
    assert draft() == FLOW


@pytest.mark.parametrize(
    "query", [{"at": "step:nobody"}, {"at": "steps[99]"}, {"at": "%00"}, {"add": "steps[0].steps"}]
)
def test_an_address_that_names_nothing_shows_the_draft_and_says_so(client, flow, query):
    page = client.get(URL, query)
    assert page.status_code == 200
    assert "is not in this draft" in text_of(page)


def test_what_the_steps_give_is_ticked_and_becomes_outputs(client, flow):
    form = form_on(client.get(URL, {"add": "steps"}), "builder-add")
    client.post(URL, form | {"name": "Totals", "do": "add:set"})
    form = part(client, "step:totals", "step", f"steps[{len(draft()['steps']) - 1}]")
    client.post(URL, form | {"f.values.0.key": "sum", "f.values.0.value": "{{ sum([1, 2]) }}", "do": "save"})
    page = client.get(URL, {"add": "outputs"})
    assert 'name="take" value="steps.totals.output.sum"' in page.content.decode()
    before = len(draft().get("outputs", []))
    ticked = form_on(page, "builder-add") | {"take": ["steps.totals.output.sum", "steps.gone.output"]}
    client.post(URL, ticked | {"do": "take"})
    assert draft()["outputs"][before:] == [
        {"key": "sum", "label": "Sum", "type": "number", "value": "steps.totals.output.sum"}
    ]
    assert "steps.totals.output.sum" not in client.get(URL, {"add": "outputs"}).content.decode()


def test_nothing_is_added_where_nothing_was_ticked(client, flow):
    form = form_on(client.get(URL, {"add": "outputs"}), "builder-add")
    was = draft()
    answer = client.post(URL, form | {"take": ["no such thing"], "do": "take"})
    assert answer.status_code == 422
    assert "Nothing was ticked" in text_of(answer)
    assert draft() == was
