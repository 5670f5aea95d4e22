"""The form of each part of a draft: what it reads, what it leaves as it is, what it shows."""

import pytest

from common.canonical import loads
from jobs.demo.samples import definition_text
from tests.pages.builder.support import FLOW, URL, draft, part, save
from tests.pages.flows import text_of
from tests.pages.html_forms import form_on
from workflows import services
from workflows.builder.nodes import walk
from workflows.documents import documents_in
from workflows.models import Workflow

pytestmark = pytest.mark.django_db


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
