"""The last fifty saves of a draft, and going back to one."""

import pytest

from tests.pages.builder.support import FLOW, URL, draft, part, save
from tests.pages.flows import text_of
from workflows import services

pytestmark = pytest.mark.django_db


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
