"""What tests of the pages of workflows share."""

from django.test import Client

from tests.factories import make_member
from workflows import services
from workspaces.models import Role

SET = "steps: [{key: a, type: set, values: {x: 1}}]"
GOOD = "{slug: sums, format: 1, name: Sums, steps: [{key: a, type: set, values: {x: 1}}]}\n"
BAD = "slug: sums\nformat: 1\nname: Sums\nsteps:\n  - key: a\n    type: nonsense\n"


def client_of(lab, role=Role.BUILDER):
    client = Client()
    client.force_login(make_member(role, workspace=lab.actor.workspace).user)
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


def edit(lab, workflow, **fields):
    """Change the draft, without activating it."""
    definition = {"format": 1, "name": "Sums", "steps": [{"key": "a", "type": "set", "values": {"x": 2}}]}
    services.save_draft(
        actor=lab.actor, workflow=workflow, expected_revision=None, definition=definition | fields
    )
    workflow.refresh_from_db()


def checked(client, text, path="/workflows/import/", **fields):
    """Check a text; the fields of the form that come back, to go on with."""
    answer = client.post(path, {"text": text, "action": "check", **fields})
    form = answer.context["form"]
    return answer, {"text": text, **{name: form[name].value() for name in ("checked", "seen")}}


def go_on(client, text, action, path="/workflows/import/", **fields):
    _answer, form = checked(client, text, path, **fields)
    return client.post(path, form | fields | {"action": action})
