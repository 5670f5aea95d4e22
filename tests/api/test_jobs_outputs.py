"""`GET /jobs/{id}/outputs/`: the bare object, or why there is none."""

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from jobs.models import Payload
from jobs.states import PayloadKind
from jobs.storage import put_bytes
from jobs.transitions import store_blobs
from tests.api.jobs_support import Desk

pytestmark = pytest.mark.django_db

SUM = """
inputs: [{key: n, type: integer, default: 1}]
steps: [{key: a, type: code, source: "10 / inputs['n']", inputs: {n: "{{ inputs.n }}"}}]
outputs: [{key: total, type: number, value: steps.a.output}]
"""


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_outputs_are_bare_once_the_job_has_completed(desk):
    desk.workflow(SUM)
    job = desk.start()
    answer = desk.api().get(f"/jobs/{job.pk}/outputs/")
    assert (answer.status_code, answer.json()) == (202, {"status": "queued"})
    desk.drain()
    answer = desk.api("viewer").get(f"/jobs/{job.pk}/outputs/")
    assert (answer.status_code, answer.content) == (200, b'{"total":10.0}')
    assert answer["Content-Type"] == "application/json"


def test_a_failed_job_has_no_outputs_but_an_error(desk):
    answer = desk.api().get(f"/jobs/{desk.run(SUM, n=0).pk}/outputs/")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_failed")
    assert answer.json()["error"]["code"] == "code_error"


def test_a_cancelled_job_has_none_either(desk):
    desk.workflow(SUM)
    job = desk.start()
    assert desk.api().post(f"/jobs/{job.pk}/cancel/", {}).json()["status"] == "cancelled"
    answer = desk.api().get(f"/jobs/{job.pk}/outputs/")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_cancelled")


def test_large_outputs_come_from_storage_and_purged_ones_are_gone(desk):
    job = desk.run(SUM)
    stored = Payload.objects.filter(job=job, path="", kind=PayloadKind.OUTPUTS)
    sha256 = put_bytes(b'{"total":11}')
    store_blobs({sha256: 12})
    stored.update(body=None, blob=sha256)
    answer = desk.api().get(f"/jobs/{job.pk}/outputs/")
    assert b"".join(answer.streaming_content) == b'{"total":11}'
    assert desk.api().get(f"/jobs/{job.pk}/").json()["outputs"] == {"total": 11}
    stored.update(blob=None, salt=None, purged_at=timezone.now())
    answer = desk.api().get(f"/jobs/{job.pk}/outputs/")
    assert (answer.status_code, answer.json()["code"]) == (410, "outputs_purged")
    assert desk.api().get(f"/jobs/{job.pk}/").json()["outputs"] is None


def test_outputs_are_hidden_from_auditors_without_the_grant(desk):
    job = desk.run(SUM)
    answer = desk.api("auditor").get(f"/jobs/{job.pk}/outputs/")
    assert (answer.status_code, answer.json()["code"]) == (403, "payloads_hidden")
    assert desk.api("auditor").get(f"/jobs/{job.pk + 999}/outputs/").status_code == 404
    assert desk.api("auditor+").get(f"/jobs/{job.pk}/outputs/").status_code == 200
    assert '"paths":["outputs"]' in AuditEntry.objects.get(action="payload.read").body
