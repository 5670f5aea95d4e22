"""`GET /jobs/{id}/evidence/`: who gets it, and how it is answered. What is in a pack: tests/evidence/."""

import io
import zipfile

import pytest

from audit.actions import Action
from audit.models import AuditEntry
from tests.api.jobs_support import Desk

SUM = "steps: [{key: s, type: set, values: {x: 1}}]"


@pytest.fixture
def desk(db):
    return Desk()


@pytest.mark.parametrize("role", ["viewer", "operator", "builder", "admin", "auditor", "auditor+"])
def test_every_member_takes_the_evidence_of_a_job(desk, role):
    job = desk.run(SUM)
    answer = desk.api(role).get(f"/jobs/{job.pk}/evidence/")
    assert answer.status_code == 200
    assert answer.streaming
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith(
        f'attachment; filename="evidence-{desk.actor.workspace.slug}-job-'
    )
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as pack:
        assert pack.testzip() is None
        assert ("inputs.json" in pack.namelist()) == (role != "auditor")
    assert AuditEntry.objects.get(action=Action.EVIDENCE_TAKEN).request_id == answer["X-Request-ID"]


def test_strangers_and_visitors_get_nothing(desk):
    job = desk.run(SUM)
    assert desk.stranger().get(f"/jobs/{job.pk}/evidence/").status_code == 404
    assert desk.anonymous().get(f"/jobs/{job.pk}/evidence/").status_code == 401
    assert desk.api().get("/jobs/999999/evidence/").status_code == 404
    assert not AuditEntry.objects.filter(action=Action.EVIDENCE_TAKEN).exists()


def test_it_takes_no_parameters_and_no_other_method(desk):
    job = desk.run(SUM)
    assert desk.api().get(f"/jobs/{job.pk}/evidence/?format=zip").status_code == 422
    assert desk.api().post(f"/jobs/{job.pk}/evidence/", {}).status_code == 405
