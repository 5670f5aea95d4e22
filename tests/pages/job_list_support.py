"""What the tests of the list of jobs share."""

from typing import Any

from django.test import Client

from jobs.models import Job
from jobs.services import start_job
from tests.engine.lab import Lab
from tests.factories import make_member
from workspaces.models import Role

FLOW = """
inputs: [{key: n, type: integer, default: 1}, {key: token, type: text, secret: true, required: false}]
steps: [{key: divide, type: code, source: "1 / inputs['n']", inputs: {n: "{{ inputs.n }}"}}]
"""


def client_of(role: Role, lab: Lab, **more: Any) -> Client:
    client = Client()
    client.force_login(make_member(role, workspace=lab.actor.workspace, **more).user)
    return client


def make(lab: Lab, n: int = 1, **fields: Any) -> Job:
    return start_job(actor=lab.actor, workflow="flow", inputs={"n": n}, **fields).job


def numbers(answer: Any) -> list[int]:
    assert answer.status_code == 200
    return [row.job.pk for row in answer.context["rows"]]


def text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode())
