"""The job page: its controls, who sees what of it, and its audit log."""

import pytest

from audit.actions import Action
from audit.models import AuditEntry
from jobs.models import Job
from jobs.states import JobKind, JobStatus
from tests.engine.lab import Lab
from tests.pages.job_page.support import FAILS, SLEEPS, WORKS, nested, page_of
from workspaces.models import Role

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- controls
def test_resume_puts_a_failed_job_back_in_line_and_a_second_one_is_told_why_not(lab, client):
    job = lab.run(FAILS)
    answer = client.post(f"/jobs/{job.pk}/resume/", follow=True)
    assert "it goes on from its failed steps" in answer.content.decode()
    assert Job.objects.get(pk=job.pk).status == JobStatus.QUEUED
    again = client.post(f"/jobs/{job.pk}/resume/", follow=True).content.decode()
    assert "Only a failed job can be resumed" in again


def test_cancel_keeps_the_reason_and_shows_it(lab, client):
    job = lab.run(SLEEPS)
    assert "are not undone" in page_of(client, job, "cancel/")
    client.post(f"/jobs/{job.pk}/cancel/", {"reason": "The wrong month"})
    assert "The wrong month" in page_of(client, job)
    lab.drain()
    page = page_of(client, job)
    assert "Cancelled by" in page
    assert "The wrong month" in page
    refused = client.post(f"/jobs/{job.pk}/cancel/", follow=True).content.decode()
    assert "has ended already" in refused
    assert client.post(f"/jobs/{job.pk}/cancel/", {"reason": "a\nb"}).status_code == 422


def test_who_may_not_use_a_control_sees_it_disabled_with_the_reason(lab, client_of):
    job = lab.run(FAILS)
    page = page_of(client_of(Role.VIEWER), job)
    assert page.count("This takes the role operator or higher") == 3
    assert f"/jobs/{job.pk}/resume/" not in page


def test_a_sub_job_is_controlled_through_its_outermost_job_only(lab, client):
    nested(lab)
    child = Job.objects.get(kind=JobKind.SUBJOB, status=JobStatus.FAILED)
    page = page_of(client, child)
    assert "only through its outermost job" in page
    assert "/resume/" not in page
    assert f'<a href="/jobs/{child.root_id}/">flow #{child.root_id}</a>' in page
    assert "is a sub-job" in client.post(f"/jobs/{child.pk}/resume/", follow=True).content.decode()


# ---------------------------------------------------------------- who sees what
def test_previews_and_their_sub_jobs_have_no_page(lab, client):
    job = nested(lab)
    Job.objects.filter(pk=job.pk).update(kind=JobKind.PREVIEW, version=None, draft="{}")
    for each in Job.objects.all():
        assert client.get(f"/jobs/{each.pk}/").status_code == 404
    for number in (10**18, 10**30):
        for part in ("", "state/", "step-list/"):
            assert client.get(f"/jobs/{number}/{part}").status_code == 404


def test_the_axis_of_another_workspaces_job_is_not_lent(lab, client):
    job, foreign = lab.run(WORKS), Lab().run(WORKS)
    assert client.get(f"/jobs/{job.pk}/inside/", {"within": foreign.pk}).status_code == 404


def test_an_auditor_without_the_grant_sees_everything_but_values(lab, client_of):
    lab.workflow(
        "inputs: [{key: who, type: text}]\nsteps: [{key: a, type: fail, message: Stop, details: {secret: hidden words}}]"
    )
    job = lab.start(who="Grace Hopper")
    lab.drain()
    blind, granted = (
        page_of(client_of(Role.AUDITOR), job),
        page_of(client_of(Role.AUDITOR, sees_payloads=True), job),
    )
    for words in ("Grace Hopper", "hidden words"):
        assert words not in blind
        assert words in granted
    assert "only if your membership grants it" in blind
    [entry] = AuditEntry.objects.filter(action=Action.PAYLOAD_READ)
    assert '"inputs"' in entry.body


# ---------------------------------------------------------------- the audit log
def test_the_log_is_in_order_and_in_words_and_each_entry_opens(lab, client):
    job = lab.run(FAILS)
    page = page_of(client, job, "audit/")
    for words in ("Job created", "by API", "Job failed", "step_failed: The ledger is closed"):
        assert words in page
    assert page.index("Job created") < page.index("Job failed")
    assert "&quot;generation&quot;: 0" in page
    assert client.get(f"/jobs/{job.pk}/audit/99/").status_code == 404


def test_a_large_entry_has_a_page_of_its_own(lab, client):
    many = ", ".join(f"{{key: a{number}, type: set, values: {{v: 1}}}}" for number in range(60))
    job = lab.run(f"steps: [{many}]")
    page = page_of(client, job, "audit/")
    assert "Content of entry 3" in page
    assert "&quot;a59&quot;" not in page
    assert "&quot;a59&quot;" in page_of(client, job, "audit/3/")


def test_the_chain_is_verified_now_and_what_is_wrong_is_told(lab, client_of):
    auditor, job = client_of(Role.AUDITOR), lab.run(FAILS)
    page = auditor.post(f"/jobs/{job.pk}/audit/verify/", follow=True).content.decode()
    assert "and nothing is wrong" in page
    assert AuditEntry.objects.filter(action=Action.AUDIT_VERIFIED).count() == 1
    Job.objects.filter(pk=job.pk).update(head_seq=99)
    page = auditor.post(f"/jobs/{job.pk}/audit/verify/", follow=True).content.decode()
    assert "something is wrong" in page
