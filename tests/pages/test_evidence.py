"""The page of a job's evidence. What a pack has: tests/evidence/."""

import io
import zipfile

import pytest
from django.test import Client

from audit.actions import Action
from audit.models import AuditEntry
from tests.engine.lab import Lab
from tests.factories import make_member
from workspaces.models import Role

pytestmark = pytest.mark.django_db
SLEEPS = "steps: [{key: a, type: delay, duration: 2h}]"


@pytest.fixture
def lab():
    return Lab()


def signed_in(lab, role, **fields):
    client = Client()
    client.force_login(make_member(role, workspace=lab.actor.workspace, **fields).user)
    return client


def test_it_says_what_a_pack_is_and_looking_takes_none(lab, django_assert_num_queries):
    job = lab.run("steps: [{key: a, type: set, values: {}}]")
    client = signed_in(lab, Role.VIEWER)
    with django_assert_num_queries(3 + 2):  # the session; the job, its sub-jobs
        page = client.get(f"/jobs/{job.pk}/evidence/").content.decode()
    assert "Download evidence" in page
    assert "python3 evidence-" in page
    assert "has not ended" not in page
    assert not AuditEntry.objects.filter(action=Action.EVIDENCE_TAKEN).exists()


def test_a_job_that_has_not_ended_and_a_reader_without_the_grant_are_told(lab):
    job = lab.run(SLEEPS)
    page = signed_in(lab, Role.AUDITOR).get(f"/jobs/{job.pk}/evidence/").content.decode()
    assert "The job has not ended." in page
    assert "only if your membership grants it" in page


def test_the_button_gives_the_zip_and_asks_for_its_token(lab):
    job = lab.run(SLEEPS)
    answer = signed_in(lab, Role.VIEWER).post(f"/jobs/{job.pk}/evidence/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as pack:
        assert pack.testzip() is None
    assert AuditEntry.objects.filter(action=Action.EVIDENCE_TAKEN).count() == 1
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_member(Role.VIEWER, workspace=lab.actor.workspace).user)
    assert strict.post(f"/jobs/{job.pk}/evidence/").status_code == 403
