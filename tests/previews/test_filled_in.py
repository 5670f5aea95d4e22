"""The form of a preview goes along to another part of the draft as it was filled in."""

import pytest
from django.test import Client

from jobs.models import Job, SampleInputs

pytestmark = pytest.mark.django_db
DRAFT = """
inputs: [{key: n, type: integer, label: How many}]
steps: [{key: a, name: Count up, type: set, values: {v: "{{ inputs.n + 1 }}"}}]
"""


def test_it_is_filled_in_anew_without_starting_keeping_or_blaming_anything(bench):
    bench.draft(DRAFT)
    client = Client()
    client.force_login(bench.actor.user)
    sent = {"do": "fill", "in-n": "many", "until": "a", "in-gone": "1"}
    answer = client.post("/workflows/flow/preview/?panel=1", sent)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="many"' in text
    assert '<option value="a" selected>' in text
    assert "data-touched" in text
    assert "is-invalid" not in text
    assert not Job.objects.exists()
    assert not SampleInputs.objects.exists()
