"""Editing a draft with the forms of the Builder, as a browser without JavaScript sends them."""

from typing import Any

import pytest

from common.canonical import loads
from jobs.demo.samples import definition_text
from tests.engine.lab import Lab
from tests.pages.flows import client_of, text_of
from tests.pages.html_forms import buttons_on, form_on
from workflows import services
from workflows.builder.nodes import walk
from workflows.documents import documents_in
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

URL = "/workflows/flow/build/"
FLOW: dict[str, Any] = {
    "format": 1,
    "name": "Flow",
    "inputs": [
        {"key": "file", "type": "file", "accept": [".csv"]},
        {"key": "kind", "type": "choice", "choices": ["a", {"value": "b", "label": "Bee"}]},
        {"key": "lines", "type": "table", "columns": [{"key": "amount", "type": "number"}]},
    ],
    "steps": [
        {"key": "rows", "name": "Read", "type": "csv.read", "config": {"file": "{{ inputs.file }}"}},
        {
            "key": "each",
            "type": "for_each",
            "items": "steps.rows.output.rows",
            "steps": [
                {"key": "one", "type": "set", "values": {"x": "{{ item }}", "n": 1, "t": True, "o": None}}
            ],
        },
        {
            "key": "call",
            "type": "http.request",
            "config": {"url": "https://example.org", "json": {"a": [1]}, "accept_statuses": [404, "5xx"]},
            "retry": {"max_attempts": 2, "statuses": [409]},
        },
    ],
    "outputs": [{"key": "all", "type": "list", "value": "steps.each.output"}],
}


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab)


@pytest.fixture
def flow(lab):
    workspace = lab.actor.workspace
    return services.create_workflow(actor=lab.actor, workspace=workspace, slug="flow", definition=FLOW)


def draft():
    return loads(Workflow.objects.get(slug="flow").draft)


def form_at(client, at, id_):
    return form_on(client.get(URL, {"at": at}), id_)


def part(client, at, kind, path):
    """The form of a part."""
    return form_at(client, at, f"part-{kind}-{path}")


def save(client, form, **changed):
    return client.post(URL, form | {"do": "save"} | changed)


def test_the_outline_lists_every_part_and_the_form_shows_the_chosen_one(client, flow):
    page = client.get(URL, {"at": "step:each"})
    text = text_of(page)
    for words in ("Name and settings", "Inputs", "Read", "Inside each", "Add a step", "Add an output"):
        assert words in text
    assert form_on(page, "part-step-steps[1]")["f.items"] == "steps.rows.output.rows"


def test_saving_what_was_not_touched_changes_nothing(client, flow):
    for at, kind, path in (
        ("", "workflow", "workflow"),
        ("inputs[0]", "input", "inputs[0]"),
        ("inputs[1]", "input", "inputs[1]"),
        ("inputs[2].columns[0]", "column", "inputs[2].columns[0]"),
        ("step:rows", "step", "steps[0]"),
        ("step:each", "step", "steps[1]"),
        ("step:one", "step", "steps[1].steps[0]"),
        ("step:call", "step", "steps[2]"),
        ("outputs[0]", "output", "outputs[0]"),
    ):
        assert save(client, part(client, at, kind, path)).status_code == 302
        assert draft() == FLOW, at
    assert Workflow.objects.get(slug="flow").draft_revision == 1


@pytest.mark.parametrize("sample", ["expense-report", "classify-expense", "month-close"])
def test_saving_every_part_of_a_sample_untouched_changes_nothing(lab, client, sample):
    definition = documents_in(definition_text(sample))[0]
    workspace = lab.actor.workspace
    workflow = services.create_workflow(
        actor=lab.actor, workspace=workspace, slug="flow", definition=definition
    )
    before = workflow.draft
    for node in walk(loads(before)):
        form = part(client, node.path, node.kind.value, node.path or "workflow")
        assert save(client, form).status_code == 302, node.path
    workflow.refresh_from_db()
    assert (workflow.draft, workflow.draft_revision) == (before, 1)


def test_each_kind_of_field_is_read_as_what_it_is(client, flow):
    form = part(client, "step:one", "step", "steps[1].steps[0]")
    names = {value: name.removesuffix(".key") for name, value in form.items() if name.endswith(".key")}
    blank = names[""]
    save(
        client,
        form,
        **{
            f"{names['n']}.value": "2,5",
            f"{names['t']}.value": "no",
            f"{names['o']}.key": "renamed",
            f"{blank}.key": "fresh",
            f"{blank}.value~mode": "json",
            f"{blank}.value": '{"a": [1, "x"]}',
        },
    )
    values = draft()["steps"][1]["steps"][0]["values"]
    assert values == {"x": "{{ item }}", "n": 2.5, "t": False, "renamed": None, "fresh": {"a": [1, "x"]}}


def test_a_value_is_removed_by_its_button_and_never_by_an_empty_name(client, flow):
    form = part(client, "step:one", "step", "steps[1].steps[0]")
    row = next(
        name.removesuffix(".key") for name, value in form.items() if value == "n" and name.endswith(".key")
    )
    save(client, form, **{f"{row}.key": ""})
    assert draft()["steps"][1]["steps"][0]["values"]["n"] == 1
    client.post(URL, form | {"do": f"drop:{row}"})
    assert "n" not in draft()["steps"][1]["steps"][0]["values"]


def test_a_retry_is_a_word_or_numbers_of_its_own(client, flow):
    form = part(client, "step:call", "step", "steps[2]")
    save(client, form, **{"f.retry": "patient"})
    assert draft()["steps"][2]["retry"] == "patient"
    form = part(client, "step:call", "step", "steps[2]")
    save(client, form, **{"f.retry": "custom", "f.retry.max_attempts": "5", "f.retry.delay": "30s"})
    assert draft()["steps"][2]["retry"] == {"max_attempts": 5, "delay": "30s"}
    form = part(client, "step:call", "step", "steps[2]")
    save(client, form, **{"f.retry": ""})
    assert "retry" not in draft()["steps"][2]


def test_what_cannot_be_read_is_kept_as_it_was_typed_and_becomes_a_problem(client, flow):
    form = part(client, "step:each", "step", "steps[1]")
    assert save(client, form, **{"f.concurrency": "many"}).status_code == 302
    assert draft()["steps"][1]["concurrency"] == "many"
    page = client.get(URL, {"at": "step:each"})
    assert form_on(page, "part-step-steps[1]")["f.concurrency"] == "many"
    assert "Expected a whole number" in text_of(page)


def test_another_type_of_input_leaves_the_bounds_of_the_former_one_behind(client, flow):
    form = part(client, "inputs[0]", "input", "inputs[0]")
    save(client, form, **{"f.type": '"number"'})
    assert draft()["inputs"][0] == {"key": "file", "type": "number"}


def test_choices_are_lines_with_their_labels(client, flow):
    form = part(client, "inputs[1]", "input", "inputs[1]")
    assert form["f.choices"] == "a\r\nb | Bee"
    save(client, form, **{"f.choices": "a\r\nb | Bee\r\n\r\nc | Sea | side"})
    assert draft()["inputs"][1]["choices"] == [
        "a",
        {"value": "b", "label": "Bee"},
        {"value": "c", "label": "Sea | side"},
    ]


def test_a_step_with_another_key_is_still_found_by_what_reads_it(client, flow):
    save(client, part(client, "step:rows", "step", "steps[0]"), **{"f.key": "lines"})
    assert draft()["steps"][1]["items"] == "steps.lines.output.rows"
    save(client, part(client, "step:lines", "step", "steps[0]"), **{"f.key": "each"})
    assert draft()["steps"][1]["items"] == "steps.lines.output.rows", "a key that is taken renames nothing"


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


def test_parts_of_every_kind_can_be_added(client, flow):
    for path, do in (
        ("inputs", "add:date"),
        ("inputs[2].columns", "add:text"),
        ("outputs", "add:number"),
        ("steps", "add:branch"),
        ("steps[3].branches", "add:"),
        ("steps[3].else", "add:"),
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


def test_two_people_who_edit_different_steps_or_fields_lose_nothing(lab, client, flow):
    other = client_of(lab)
    mine, theirs = part(client, "step:rows", "step", "steps[0]"), part(other, "step:each", "step", "steps[1]")
    same = part(other, "step:rows", "step", "steps[0]")
    save(client, mine, **{"f.name": "Mine"})
    assert save(other, theirs, **{"f.as": "row"}).status_code == 302
    assert save(other, same, **{"f.config.delimiter": ";"}).status_code == 302
    assert draft()["steps"][0]["name"] == "Mine"
    assert draft()["steps"][0]["config"]["delimiter"] == ";"
    assert draft()["steps"][1]["as"] == "row"


def test_two_people_who_edit_the_same_field_see_both_and_choose(lab, client, flow):
    other = client_of(lab)
    mine, theirs = (part(each, "step:rows", "step", "steps[0]") for each in (client, other))
    save(other, theirs, **{"f.name": "Theirs"})
    page = save(client, mine, **{"f.name": "Mine"})
    assert page.status_code == 409
    text = text_of(page)
    assert "Mine" in text
    assert "Theirs" in text
    assert draft()["steps"][0]["name"] == "Theirs"
    client.post(URL, form_on(page, "builder-clash") | {"do": "keep"})
    assert draft()["steps"][0]["name"] == "Mine"


def test_what_was_deleted_meanwhile_can_be_put_back_with_what_was_typed(lab, client, flow):
    other = client_of(lab)
    mine = part(client, "step:call", "step", "steps[2]")
    other.post(URL, part(other, "step:call", "step", "steps[2]") | {"do": "delete"})
    page = save(client, mine, **{"f.name": "Typed for an hour"})
    assert page.status_code == 409
    assert "Typed for an hour" in text_of(page)
    client.post(URL, form_on(page, "builder-clash") | {"do": "put_back"})
    assert draft()["steps"][2] == {**FLOW["steps"][2], "name": "Typed for an hour"}


def test_a_step_that_others_moved_is_saved_where_it_is_now(lab, client, flow):
    mine = part(client, "step:call", "step", "steps[2]")
    client.post(URL, part(client, "step:call", "step", "steps[2]") | {"do": "up"})
    save(client, mine, **{"f.name": "Moved"})
    assert draft()["steps"][1]["name"] == "Moved"


def test_a_changed_step_is_not_deleted_by_whoever_saw_it_as_it_was(lab, client, flow):
    stale = part(client, "step:rows", "step", "steps[0]")
    save(client, stale, **{"f.name": "Changed"})
    page = client.post(URL, stale | {"do": "delete"})
    assert page.status_code == 409
    assert "nothing was done" in text_of(page)
    assert len(draft()["steps"]) == 3


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


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"steps": "none"},
        {"steps": [5, "x", None, [], {}]},
        {"steps": [{"key": "a"}, {"key": "a", "type": "set"}, {"key": "__proto__", "type": ["set"]}]},
        {"steps": [{"key": "a", "type": "branch", "branches": {"x": 1}, "else": 7}]},
        {"steps": [{"key": "a", "type": "csv.read", "config": "text", "constructor": {"x": 1}}]},
        {"inputs": [{"key": "a", "type": "table", "columns": "x"}, 7], "outputs": [{"value": 5}], "name": 12},
        {"format": 99, "name": None, "steps": [{"key": "d", "type": "delay", "duration": -1}]},
        {"steps": [{"key": "s", "type": "set", "values": {"a.b[0]": "{{ {{", "": 1, "x": {"y": None}}}]},
        {
            "steps": [
                {"key": "r", "type": "http.request", "retry": [1], "timeout": 1e12, "config": {"url": 5}}
            ]
        },
    ],
)
def test_a_hostile_draft_can_be_opened_and_saved_untouched_and_mended(lab, client, broken):
    workspace = lab.actor.workspace
    workflow = services.create_workflow(actor=lab.actor, workspace=workspace, slug="flow", definition=broken)
    before = loads(workflow.draft)
    for node in walk(before):
        form = part(client, node.path, node.kind.value, node.path or "workflow")
        assert save(client, form).status_code == 302, node.path
    assert draft() == before
    for text in ("steps", "inputs", "outputs"):
        client.post(URL, {"do": f"clear:{text}"})
    assert client.post(URL, {"do": "add:set", "place": "steps", "name": "Mended"}).status_code == 302
    assert draft()["steps"][-1]["name"] == "Mended"


def test_fields_that_do_not_belong_there_are_shown_and_can_be_taken_away(lab, client):
    definition = {
        **FLOW,
        "steps": [{"key": "a", "type": "set", "values": {}, "__proto__": {"x": 1}, "valuse": 2}],
    }
    services.create_workflow(
        actor=lab.actor, workspace=lab.actor.workspace, slug="flow", definition=definition
    )
    page = client.get(URL, {"at": "step:a"})
    assert "What does not belong here" in text_of(page)
    form = form_on(page, "part-step-steps[0]")
    save(client, form, **{"other.0": "__proto__"})
    assert draft()["steps"][0] == {"key": "a", "type": "set", "values": {}, "valuse": 2}


def test_the_history_keeps_the_last_fifty_saves_and_restores_any(lab, client, flow):
    for number in range(60):
        services.save_draft(
            actor=lab.actor,
            workflow=flow,
            expected_revision=None,
            definition={**FLOW, "name": f"Name {number}"},
        )
    saves = list(flow.saves.order_by("revision").values_list("revision", flat=True))
    assert saves == list(range(12, 62))
    page = client.get(f"{URL}history/", {"revision": "20"})
    assert "Name 18" in text_of(page)
    data = {"restore": "20", "revision": "61"}
    assert client.post(f"{URL}history/", data).status_code == 302
    assert draft()["name"] == "Name 18"
    assert client.post(f"{URL}history/", data).status_code == 409
    assert client.post(f"{URL}history/", {"restore": "1", "revision": "62"}).status_code == 404


def test_saves_of_the_same_step_that_follow_each_other_are_one_entry_of_the_history(client, flow):
    for name in ("R", "Re", "Rea"):
        save(client, part(client, "step:rows", "step", "steps[0]"), **{"f.config.delimiter": name})
    assert [save.what for save in flow.saves.order_by("revision")] == ["", "Edited Read"]
    flow.refresh_from_db()
    assert flow.draft_revision == 4
    assert flow.saves.order_by("-revision").first().revision == 4


def test_the_page_the_save_and_the_graph_cost_a_fixed_number_of_queries(
    client, flow, django_assert_num_queries
):
    client.get(URL)
    with django_assert_num_queries(5):
        client.get(URL, {"at": "step:each"})
    form = part(client, "step:rows", "step", "steps[0]")
    with django_assert_num_queries(17):
        client.post(URL, form | {"f.name": "Other"}, headers={"HX-Request": "true"})
    with django_assert_num_queries(4):
        client.get(f"{URL}graph/", headers={"HX-Request": "true"})


def test_the_script_gets_the_outline_and_the_form_alone_and_is_told_the_address(client, flow):
    form = part(client, "step:rows", "step", "steps[0]")
    answer = client.post(URL, form | {"f.key": "lines"}, headers={"HX-Request": "true"})
    assert answer.content.strip().startswith(b'<div class="builder"')
    assert answer["HX-Replace-Url"] == f"{URL}?at=step%3Alines"
    assert "draft-saved" in answer["HX-Trigger"]


def test_an_archived_workflow_is_not_edited(lab, client, flow):
    services.archive(actor=lab.actor, workflow=flow)
    assert client.get(URL).status_code == 409
    assert client.post(URL, {"do": "add:set", "place": "steps"}).status_code == 409


def test_an_empty_draft_says_how_a_workflow_is_built(lab, client):
    services.create_workflow(actor=lab.actor, workspace=lab.actor.workspace, slug="flow")
    assert "How a workflow is built" in text_of(client.get(URL))
