"""Jobs in the admin site: for those who may, read-only, by index, and values only with the grant."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEntry
from jobs.models import File, Job, Payload, StepRun, Wait, Worker
from jobs.states import PayloadKind
from jobs.storage import put_bytes, register
from tests.engine.lab import Lab
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db

FLOW = """
inputs:
  - {key: n, type: integer, default: 1}
  - {key: note, type: text, required: false}
  - {key: password, type: text, secret: true, required: false}
steps:
  - {key: a, type: code, source: "10 / inputs['n']", inputs: {n: "{{ inputs.n }}"}}
outputs: [{key: total, type: number, value: steps.a.output}]
"""
MODELS = [Job, StepRun, Payload, Wait, File]


@pytest.fixture
def lab() -> Lab:
    lab = Lab()
    lab.workflow(FLOW)
    return lab


def visitor(lab: Lab | None, role: str, *, sees_payloads: bool = False) -> Client:
    client = Client()
    workspace = lab.actor.workspace if lab else None
    client.force_login(make_member(role, workspace=workspace, sees_payloads=sees_payloads).user)
    return client


def superuser() -> Client:
    client = Client()
    client.force_login(make_user(is_superuser=True, is_staff=True))
    return client


def listed(model: Any, query: str = "") -> str:
    return reverse(f"admin:jobs_{model._meta.model_name}_changelist") + query


def page(row: Any) -> str:
    return reverse(f"admin:jobs_{row._meta.model_name}_change", args=[quote(row.pk)])


def rows(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer
    return list(answer.context["cl"].result_list)


def done(lab: Lab, **inputs: Any) -> Job:
    job = lab.start(**inputs)
    lab.drain()
    job.refresh_from_db()
    return job


def test_an_auditor_lists_jobs_of_their_workspaces_only(lab: Lab) -> None:
    job = done(lab, n=0)
    Lab().run("steps: [{key: a, type: set, values: {x: 1}}]")
    answer = visitor(lab, "auditor").get(listed(Job))
    assert rows(answer) == [job]
    text = answer.content.decode()
    for shown in (f"#{job.pk}", "flow", "failed", "code_error"):
        assert shown in text.lower()
    assert visitor(None, "auditor").get(page(job)).status_code == 302
    assert len(rows(superuser().get(listed(Job)))) == 2


@pytest.mark.parametrize("role", ["viewer", "operator", "reviewer", "builder"])
def test_others_do_not_enter(lab: Lab, role: str) -> None:
    assert visitor(lab, role).get(listed(Job)).status_code == 302
    assert visitor(lab, role).get(page(lab.start())).status_code == 302


def test_filters_and_search_narrow_the_list(lab: Lab) -> None:
    client = visitor(lab, "admin")
    failed, completed = done(lab, n=0), done(lab)
    Job.objects.filter(pk=completed.pk).update(title="May closing", reference="INV-7")
    workflow = completed.workflow_id
    for query, found in (
        ("?status__exact=failed", [failed]),
        ("?source__exact=ui", []),
        (f"?workflow={workflow}", [completed, failed]),
        ("?workflow=0", []),
        (f"?q={failed.pk}", [failed]),
        (f"?q=%23{failed.pk}", [failed]),
        ("?q=May", [completed]),
        ("?q=INV", [completed]),
        ("?q=closing", []),
        ("?q=" + "9" * 30, []),
    ):
        assert rows(client.get(listed(Job, query))) == found, query


def test_sub_jobs_are_found_by_number_and_from_their_parent(lab: Lab) -> None:
    lab.workflow("steps: [{key: go, type: workflow, workflow: flow}]", slug="outer")
    job = lab.start("outer")
    lab.drain()
    child = Job.objects.get(parent=job)
    client = visitor(lab, "auditor")
    assert rows(client.get(listed(Job))) == [job]
    assert rows(client.get(listed(Job, f"?q={child.pk}"))) == [child]
    assert rows(client.get(listed(Job, f"?parent__id__exact={job.pk}"))) == [child]
    assert page(job) in client.get(page(child)).content.decode()


def test_the_page_of_a_job_leads_to_everything_that_belongs_to_it(lab: Lab) -> None:
    job = done(lab, n=0)
    client = visitor(lab, "auditor")
    answer = client.get(page(job))
    text = answer.content.decode()
    for model in (StepRun, Payload, Wait, File):
        assert listed(model, f"?q={job.pk}") in text
    assert reverse("admin:audit_auditentry_changelist") + f"?q=job%3A{job.uid}" in text
    assert job.version is not None
    assert job.version.digest in text
    assert "code_error" in text
    [step] = rows(client.get(listed(StepRun, f"?q={job.pk}")))
    assert "code_error" in client.get(page(step)).content.decode()


@pytest.mark.parametrize("model", [StepRun, Payload, Wait, File])
def test_a_list_of_parts_needs_a_job(lab: Lab, model: Any) -> None:
    done(lab)
    client = superuser()
    for query in ("", "?q=", "?q=abc", "?q=-1"):
        assert rows(client.get(listed(model, query))) == []


def test_values_are_for_those_with_the_grant_and_a_look_leaves_an_entry(lab: Lab) -> None:
    job = done(lab, note="<script>alert(1)</script>", password="hunter2hunter2")
    payload = Payload.objects.get(job=job, kind=PayloadKind.INPUTS)
    without = visitor(lab, "auditor")
    hidden = without.get(listed(Payload, f"?q={job.pk}"))
    assert rows(hidden) == []
    assert "Values are hidden from you" in hidden.content.decode()
    assert without.get(page(payload)).status_code == 302
    assert not AuditEntry.objects.filter(action="payload.read").exists()
    granted = visitor(lab, "auditor", sees_payloads=True)
    seen = granted.get(listed(Payload, f"?q={job.pk}"))
    assert payload in rows(seen)
    assert "Values are hidden" not in seen.content.decode()
    text = granted.get(page(payload)).content.decode()
    assert "•••" in text
    assert "$sealed" not in text
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
    entry = AuditEntry.objects.get(action="payload.read")
    assert entry.target_id == str(job.pk)
    assert '"paths":["inputs"]' in entry.body
    assert visitor(lab, "admin").get(page(payload)).status_code == 200
    assert AuditEntry.objects.filter(action="payload.read").count() == 1
    assert superuser().get(page(payload)).status_code == 200
    assert AuditEntry.objects.filter(action="payload.read").count() == 2


def test_large_and_removed_values_are_told_not_shown(lab: Lab) -> None:
    job = done(lab)
    payload = Payload.objects.get(job=job, kind=PayloadKind.OUTPUTS)
    Payload.objects.filter(pk=payload.pk).update(bytes=1 << 20)
    client = visitor(lab, "admin")
    assert "read it at /api/v1/jobs/" in client.get(page(payload)).content.decode()
    Payload.objects.filter(pk=payload.pk).update(body=None, salt=None, purged_at=job.created_at)
    assert "removed" in client.get(page(payload)).content.decode()


def test_files_are_found_by_job_and_by_id(lab: Lab) -> None:
    job = done(lab)
    digest = put_bytes(b"abc")
    made = register(
        workspace_id=job.workspace_id,
        name="a.txt",
        media_type="text/plain",
        sha256=digest,
        size=3,
        job_id=job.pk,
    )
    client = visitor(lab, "auditor")
    assert rows(client.get(listed(File, f"?q={job.pk}"))) == [made]
    assert rows(client.get(listed(File, f"?q={made.pk}"))) == [made]
    assert digest in client.get(page(made)).content.decode()
    assert rows(visitor(None, "auditor").get(listed(File, f"?q={made.pk}"))) == []


def test_workers_are_for_superusers(lab: Lab) -> None:
    worker = Worker.objects.get()
    assert visitor(lab, "admin").get(listed(Worker)).status_code == 403
    assert rows(superuser().get(listed(Worker))) == [worker]
    assert superuser().get(page(worker)).status_code == 200
    assert rows(superuser().get(listed(Worker, "?q=nothing"))) == []


@pytest.mark.parametrize("model", [*MODELS, Worker])
def test_nothing_can_be_changed(lab: Lab, model: Any) -> None:
    done(lab)
    client = superuser()
    row = model.objects.first()
    assert client.get(listed(model).replace("?", "") + "add/").status_code == 403
    if row is not None:
        assert client.post(page(row), {}).status_code == 403
        assert client.post(page(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists() if row else True


def test_the_list_costs_the_same_queries_whatever_its_length(lab: Lab) -> None:
    client, counts = visitor(lab, "auditor"), []
    for _ in range(2):
        for _ in range(4):
            done(lab)
        client.get(listed(Job))
        with CaptureQueriesContext(connection) as asked:
            client.get(listed(Job))
        counts.append(len(asked))
        assert not any('"jobs_job"."error",' in each["sql"] for each in asked)
    assert counts[0] == counts[1] <= 7
