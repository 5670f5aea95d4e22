"""Two people, or two tabs, that edit the same draft."""

import pytest

from tests.pages.builder.support import FLOW, URL, draft, part, save
from tests.pages.flows import client_of, text_of
from tests.pages.html_forms import form_on

pytestmark = pytest.mark.django_db


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


def test_whoever_keeps_theirs_leaves_the_order_of_the_fields_as_it_was(lab, client, flow):
    other = client_of(lab)
    mine, theirs = (part(each, "step:each", "step", "steps[1]") for each in (client, other))
    save(other, theirs, **{"f.items": "[1]"})
    page = save(client, mine, **{"f.items": "[2]"})
    client.post(URL, form_on(page, "builder-clash") | {"do": "keep"})
    assert draft()["steps"][1] == {**FLOW["steps"][1], "items": "[2]"}
    assert list(draft()["steps"][1]) == list(FLOW["steps"][1])
