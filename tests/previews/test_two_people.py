"""Where activating takes two people, nothing of a preview reaches outside, for one person alone started it."""

import uuid

import pytest
from django.test import Client

from jobs.models import Job
from tests.api.jobs_support import Desk
from tests.previews.support import POST
from tests.workflows.four_eyes import switch
from workflows.services.drafts import create_workflow

pytestmark = pytest.mark.django_db
FORM = "/workflows/flow/preview/"


def test_in_the_form_effects_can_be_neither_ticked_nor_smuggled_in(bench):
    workflow = bench.draft(f"steps:{POST}")
    client = Client()
    client.force_login(bench.actor.user)
    earlier = bench.begin(f"steps:{POST}", effects=True)
    switch(bench.actor, on=True)
    text = client.get(FORM).content.decode()
    assert 'name="effects"' not in text
    assert "two people agreed" in text
    for fields in ({"effects": "yes"}, {"again": str(earlier.pk)}):
        answer = client.post(FORM, {"form_key": uuid.uuid4().hex, **fields})
        assert answer.status_code == 409, fields
        assert "two people agreed on" in answer.content.decode()
    assert Job.objects.filter(workflow=workflow).count() == 1


def test_the_api_refuses_them_and_says_what_it_takes():
    desk = Desk()
    create_workflow(actor=desk.actor, workspace=desk.actor.workspace, slug="flow")

    def start(effects):
        return desk.api("builder").post("/workflows/flow/preview/", {"effects": effects})

    switch(desk.actor, on=True)
    answer = start(True)
    assert (answer.status_code, answer.json()["code"]) == (409, "second_person_needed")
    assert not Job.objects.exists()
    assert start(False).status_code == 201
    switch(desk.actor, on=False)
    assert start(True).status_code == 201
