"""A draft to edit, and its forms as a browser without JavaScript sends them."""

from typing import Any

from common.canonical import loads
from tests.pages.html_forms import form_on
from workflows.models import Workflow

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


def draft():
    return loads(Workflow.objects.get(slug="flow").draft)


def form_at(client, at, id_):
    return form_on(client.get(URL, {"at": at}), id_)


def part(client, at, kind, path):
    """The form of a part."""
    return form_at(client, at, f"part-{kind}-{path}")


def save(client, form, **changed):
    return client.post(URL, form | {"do": "save"} | changed)
