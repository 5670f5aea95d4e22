"""Drafts that no form of ours makes: each can be opened, shown and mended."""

import pytest

from common.canonical import loads
from tests.pages.builder.support import URL, draft, part, save
from workflows import services
from workflows.builder.nodes import walk

pytestmark = pytest.mark.django_db


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
