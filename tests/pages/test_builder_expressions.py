"""Conditions and the picker in the forms of the Builder, as a browser without JavaScript sends and shows them."""

import re
import time
from html import unescape

import pytest

from common.canonical import loads
from tests.engine.lab import Lab
from tests.pages.flows import client_of, text_of
from tests.pages.html_forms import form_on
from workflows import services
from workflows.models import Workflow

pytestmark = pytest.mark.django_db
URL = "/workflows/flow/build/"
FORM = "part-step-steps[1]"
FLOW = {
    "format": 1,
    "name": "Flow",
    "inputs": [{"key": "limit", "label": "Approval limit", "type": "number"}],
    "steps": [
        {"key": "total", "name": "Add it up", "type": "set", "values": {"amount": 5}},
        {"key": "tell", "type": "set", "when": "steps.total.output.amount>inputs.limit", "values": {"x": 1}},
    ],
}


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab)


def make(lab, definition):
    workspace = lab.actor.workspace
    return services.create_workflow(actor=lab.actor, workspace=workspace, slug="flow", definition=definition)


def draft():
    return loads(Workflow.objects.get(slug="flow").draft)


def save(client, **changed):
    form = form_on(client.get(URL, {"at": "step:tell"}), FORM)
    assert form["f.when~mode"] == "rows"
    return client.post(URL, form | {"do": "save"} | changed)


def test_rows_that_were_not_touched_leave_the_expression_as_it_was_written(lab, client):
    make(lab, FLOW)
    assert save(client).status_code == 302
    assert draft() == FLOW


def test_rows_become_the_condition_and_all_blank_ones_take_it_away(lab, client):
    make(lab, FLOW)
    save(client, **{"f.when~left.1": "inputs.limit", "f.when~is.1": "not_empty"})
    said = 'steps.total.output.amount > inputs.limit and inputs.limit not in [null, "", []]'
    assert draft()["steps"][1]["when"] == said
    save(client, **{f"f.when~{side}.{row}": "" for side in ("left", "right") for row in (0, 1)})
    assert "when" not in draft()["steps"][1]


def test_a_text_that_was_changed_counts_although_the_rows_are_sent_too(lab, client):
    make(lab, FLOW)
    save(client, **{"f.when": "inputs.limit > 9"})
    assert draft()["steps"][1]["when"] == "inputs.limit > 9"


def test_a_side_that_is_not_filled_in_is_kept_and_told(lab, client):
    make(lab, FLOW)
    save(client, **{"f.when~kind.0": "number", "f.when~right.0": ""})
    assert draft()["steps"][1]["when"] == "steps.total.output.amount > _"
    page = client.get(URL, {"at": "step:tell"})
    assert "A part of this is not filled in yet" in text_of(page)
    assert form_on(page, FORM)["f.when~left.0"] == "steps.total.output.amount"
    assert form_on(page, FORM)["f.when~right.0"] == ""


def test_the_picker_lists_what_the_part_sees(lab, client):
    make(lab, FLOW)
    page = client.get(URL, {"at": "step:tell"}).content.decode()
    address = unescape(re.findall(r'hx-get="([^"]*scope/[^"]*)"', page)[0])
    listed = text_of(client.get(address))
    for text in ("Approval limit", "<code>inputs.limit</code>", "<code>steps.total.output.amount</code>"):
        assert text in listed
    assert "steps.total.output" not in text_of(client.get(address.replace("tell", "total")))


def test_the_form_of_a_draft_with_three_hundred_steps_stays_small_and_quick(lab, client):
    steps = [
        {"key": f"s{n}", "type": "set", "when": "inputs.limit > 1", "values": {"v": n}} for n in range(300)
    ]
    make(lab, FLOW | {"steps": steps})
    client.get(URL, {"at": "step:s299"})
    started = time.perf_counter()
    page = client.get(URL, {"at": "step:s298"})
    assert time.perf_counter() - started < 2  # generous: other tests run beside it
    assert len(page.content) < 300_000
