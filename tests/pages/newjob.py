"""Forms of new jobs for tests: one workflow with every type of input, and what a browser sends for it."""

import json
import re
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.models import Job
from jobs.states import PayloadKind
from tests.engine.lab import Lab, value
from tests.factories import make_member
from workspaces.models import Role

NEW = "/jobs/new/"
STEPS = "steps: [{key: done, type: set, values: {yes: true}}]"

EVERYTHING = (
    """
description: Takes one of everything.
inputs:
  - {key: name, label: Name, type: text, help: As on the invoice, min_length: 2, max_length: 10, pattern: "[A-Za-z ]+"}
  - {key: note, label: Note, type: text, multiline: true, required: false}
  - {key: password, label: Password, type: text, secret: true, min_length: 4}
  - {key: amount, label: Amount, type: number, minimum: 1, maximum: 100, section: Figures}
  - {key: copies, label: Copies, type: integer, default: 1, minimum: 1, section: Figures}
  - {key: urgent, label: Urgent, type: boolean, default: false, section: Figures}
  - {key: agreed, label: Agreed, type: boolean, section: Figures}
  - {key: due, label: Due, type: date, minimum: today, maximum: today+30d, section: Times}
  - {key: opens, label: Opens, type: time, minimum: "08:00", section: Times}
  - {key: moment, label: Moment, type: datetime, section: Times}
  - {key: wait, label: Wait, type: duration, maximum: 2h, section: Times}
  - {key: colour, label: Colour, type: choice, choices: [red, {value: blue, label: Deep blue}]}
  - {key: country, label: Country, type: choice, choices: [AT, BE, CH, DE, DK, FR]}
  - {key: tags, label: Tags, type: multiple_choice, choices: [a, b, c], min_items: 1, max_items: 2}
  - {key: mail, label: E-mail, type: email}
  - {key: site, label: Site, type: url}
  - {key: report, label: Report, type: file, accept: [.csv], max_bytes: 2048}
  - {key: extras, label: Extras, type: files, required: false, max_items: 2}
  - key: lines
    label: Lines
    type: table
    min_items: 1
    columns:
      - {key: item, label: Item, type: text}
      - {key: price, label: Price, type: number, minimum: 0}
      - {key: kind, label: Kind, type: choice, choices: [{value: g, label: Goods}, {value: s, label: Service}], required: false}
      - {key: since, label: Since, type: date, required: false}
  - {key: options, label: Options, type: object, required: false, schema: {properties: {depth: {type: integer}}}}
  - {key: codes, label: Codes, type: list, required: false, schema: {type: string}}
  - {key: reason, label: Reason, type: text, show_when: inputs.urgent}
"""
    + STEPS
)

FITS: dict[str, Any] = {
    "in-name": "Ada L",
    "in-note": "first\r\nsecond",
    "in-password": "hunter2!",
    "in-amount": "12.50",
    "in-copies": "3",
    "in-agreed": "false",
    "in-opens": "09:30",
    "in-moment": "2026-07-01T12:00",
    "in-wait": "15m",
    "in-colour": "blue",
    "in-country": "CH",
    "in-tags": ["a", "c"],
    "in-mail": "ada@example.com",
    "in-site": "https://example.com/",
    "in-lines": "Item,Price,Kind,Since\nPaper,4.5,Goods,2026-01-31\nHelp,10,s,\n",
    "in-options": '{"depth": 2}',
    "in-codes": '["x"]',
}
"""Without `in-due`, which depends on the day, and `in-report`, which is the id of a file."""


def small(lab: Lab, inputs: str, slug: str = "flow") -> str:
    """Activate a workflow with these inputs, a YAML list in flow style."""
    return lab.workflow(f"inputs: {inputs}\n{STEPS}", slug=slug)


def hidden_fields(page: str) -> dict[str, str]:
    """What the form sends by itself: its key, the version that it shows, and secrets that it keeps."""
    names = "form_key|form_version|kept-[a-z_]+"
    return {
        name: unescape(value)
        for name, value in re.findall(rf'<input type="hidden" name="({names})" value="([^"]*)">', page)
    }


def grid_of(page: str, key: str) -> Any:
    """What the script of a grid is given."""
    found = re.search(rf'<script id="in-{key}-grid" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


class Person(Client):
    """Somebody with a role in the lab's workspace, who lives in Berlin."""

    def __init__(self, lab: Lab, role: Role = Role.OPERATOR) -> None:
        super().__init__()
        self.user = make_member(role, workspace=lab.actor.workspace).user
        self.user.time_zone = "Europe/Berlin"
        self.user.save()
        self.force_login(self.user)

    def open(self, query: str = "workflow=flow", status: int = 200) -> str:
        """The page."""
        return page_of(self.get(f"{NEW}?{query}"), status)

    def send(self, fields: dict[str, Any], query: str = "workflow=flow") -> Any:
        """Open the form and send it, as a browser without a script does."""
        return self.post(f"{NEW}?{query}", {**hidden_fields(self.open(query)), **fields})


def page_of(answer: Any, status: int = 200) -> str:
    """What it says; it must have that status."""
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return str(answer.content.decode())


def inputs_of(job: Job) -> Any:
    """As they are stored."""
    return value(job, "", PayloadKind.INPUTS)


def csv_file(name: str = "rows.csv", content: bytes = b"a,b\n1,2\n") -> SimpleUploadedFile:
    """A file to upload."""
    return SimpleUploadedFile(name, content, "text/csv")


def uploaded(lab: Lab) -> str:
    """The id of a file for the input `a` of the workflow `flow`."""
    answer = Person(lab).post(f"{NEW}file/?workflow=flow&input=a", {"file": csv_file()})
    return str(answer.json()["id"])
