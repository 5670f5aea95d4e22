"""Inputs and outputs of a job: in which words, to whom, when, and what is recorded."""

import json

import pytest
from django.test import Client

from audit.models import AuditEntry
from jobs.models import Payload
from tests.engine.lab import Lab
from tests.factories import make_member
from workspaces.models import Role

pytestmark = pytest.mark.django_db
FLOW = """
inputs:
  - {key: zeta, label: Greeting, type: text, default: hello}
  - {key: code, label: The code, type: text, secret: true}
  - key: currency
    label: Currency
    type: choice
    choices: [{value: EUR, label: Euro}]
    default: EUR
  - {key: lines, label: Lines, type: table, required: false, columns: [{key: b, label: Amount, type: number}, {key: a, label: Who, type: text}]}
steps: [{key: a, type: set, values: {n: 7}}]
outputs: [{key: n, label: How many, type: integer, value: steps.a.output.n}]
"""


@pytest.fixture
def lab():
    return Lab()


def client_of(role, lab, **grant):
    client = Client()
    client.force_login(make_member(role, workspace=lab.actor.workspace, **grant).user)
    return client


def start(lab, **inputs):
    lab.workflow(FLOW)
    return lab.start(code="tango4711", **inputs)


def test_each_has_its_label_and_type_in_the_order_of_the_definition(lab):
    job = start(lab, lines=[{"a": "Ada", "b": 3}])
    page = client_of(Role.VIEWER, lab).get(f"/jobs/{job.pk}/values/").content.decode()
    places = [
        page.index(word) for word in ("Greeting", "The code", "Currency", "Lines", "How many") if word in page
    ]
    assert places == sorted(places)
    assert len(places) == 4
    assert "Outputs are there once the job has completed." in page
    assert "Euro" in page
    assert page.index("Amount") < page.index("Who")
    assert "•••" in page
    assert "tango4711" not in page
    lab.drain()
    page = client_of(Role.VIEWER, lab).get(f"/jobs/{job.pk}/values/").content.decode()
    assert "How many" in page
    assert "Whole number" in page


def test_the_file_is_the_whole_without_secrets(lab):
    job = start(lab)
    lab.drain()
    client = client_of(Role.VIEWER, lab)
    outputs = client.get(f"/jobs/{job.pk}/values/outputs.json")
    assert outputs["Content-Disposition"] == f'attachment; filename="job-{job.pk}-outputs.json"'
    assert outputs.content == b'{"n":7}'
    inputs = json.loads(client.get(f"/jobs/{job.pk}/values/inputs.json").content)
    assert inputs == {"zeta": "hello", "code": "•••", "currency": "EUR", "lines": None}
    assert client.get(f"/jobs/{job.pk}/values/others.json").status_code == 404


def test_a_large_value_comes_from_the_storage(lab):
    job = start(lab, zeta="z" * 100_000)
    client = client_of(Role.VIEWER, lab)
    assert json.loads(client.get(f"/jobs/{job.pk}/values/inputs.json").content)["zeta"] == "z" * 100_000
    assert "only its beginning is shown" in client.get(f"/jobs/{job.pk}/values/").content.decode()


def test_what_was_removed_is_said_to_be_removed(lab):
    job = start(lab)
    Payload.objects.filter(job=job).update(body=None, blob=None, salt=None, purged_at=job.created_at)
    client = client_of(Role.VIEWER, lab)
    assert "They were removed" in client.get(f"/jobs/{job.pk}/values/").content.decode()
    assert client.get(f"/jobs/{job.pk}/values/inputs.json").status_code == 410


def test_an_auditor_needs_the_grant_and_each_reading_is_recorded(lab):
    job = start(lab)
    lab.drain()
    page = client_of(Role.AUDITOR, lab).get(f"/jobs/{job.pk}/values/").content.decode()
    assert "Ask an admin" in page
    assert "hello" not in page
    entries = AuditEntry.objects.filter(action="payload.read", target_id=str(job.pk))
    assert entries.count() == 0
    seeing = client_of(Role.AUDITOR, lab, sees_payloads=True)
    first = seeing.get(f"/jobs/{job.pk}/values/")
    assert "hello" in first.content.decode()
    assert entries.count() == 1
    again = seeing.get(f"/jobs/{job.pk}/values/", {"revision": first.context["values_revision"]})
    assert again.status_code == 204  # nothing was shown, so nothing was read
    assert entries.count() == 1
    seeing.get(f"/jobs/{job.pk}/values/outputs.json")
    assert entries.count() == 2


def test_a_job_that_failed_has_no_outputs_and_says_so(lab):
    job = lab.run(
        "{steps: [{key: a, type: fail, message: Stop}], outputs: [{key: n, type: text, value: \"'x'\", required: false}]}"
    )
    page = client_of(Role.VIEWER, lab).get(f"/jobs/{job.pk}/values/").content.decode()
    assert "This job did not complete" in page
    assert "takes no inputs" in page
    assert client_of(Role.VIEWER, lab).get(f"/jobs/{job.pk}/values/outputs.json").status_code == 404


def test_it_asks_for_news_until_the_job_has_ended(lab):
    job = start(lab)
    client = client_of(Role.VIEWER, lab)
    assert (
        "data-poll" in client.get(f"/jobs/{job.pk}/values/", headers={"HX-Request": "true"}).content.decode()
    )
    lab.drain()
    region = client.get(f"/jobs/{job.pk}/values/", headers={"HX-Request": "true"}).content.decode()
    assert "data-poll" not in region
    assert "<html" not in region


def test_it_costs_one_query_for_the_values(lab, django_assert_num_queries):
    job = start(lab)
    lab.drain()
    client = client_of(Role.VIEWER, lab)
    client.get(f"/jobs/{job.pk}/values/")
    with django_assert_num_queries(3 + 2):  # the session; the job, its values
        client.get(f"/jobs/{job.pk}/values/")


def test_a_stranger_finds_nothing(lab):
    job = start(lab)
    client = Client()
    client.force_login(make_member().user)
    for part in ("values/", "values/inputs.json"):
        assert client.get(f"/jobs/{job.pk}/{part}").status_code == 404
