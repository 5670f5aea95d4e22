"""What is done to many jobs at once: what is said before, what became of each, and whose jobs they may be."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from jobs.bulk import AT_MOST
from jobs.models import Job
from jobs.services import start_job
from tests.engine.lab import Lab
from tests.factories import make_member
from workspaces.models import Role

pytestmark = pytest.mark.django_db
FLOW = """
inputs: [{key: n, type: integer, default: 1}]
steps: [{key: divide, type: code, source: "1 / inputs['n']", inputs: {n: "{{ inputs.n }}"}}]
"""


@pytest.fixture
def lab():
    lab = Lab()
    lab.workflow(FLOW)
    return lab


@pytest.fixture
def client(lab):
    client = Client()
    client.force_login(make_member(Role.OPERATOR, workspace=lab.actor.workspace).user)
    return client


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def confirmed(client, path, jobs, **more):
    """The page asks; its form is sent as it stands; gives where that leads."""
    page = client.get(path, {"job": [job.pk for job in jobs]})
    assert page.status_code == 200
    once = page.context["once"]
    return client.post(path, {"once": once, "job": [job.pk for job in jobs], **more})["Location"], once


def test_it_is_asked_first_and_the_page_says_what_will_happen_to_each(lab, client):
    ended = lab.start()
    lab.drain()
    queued = start_job(actor=lab.actor, workflow="flow", inputs={}, title="Close May").job
    page = text(client.get("/jobs/cancel/", {"job": [ended.pk, queued.pk]}))
    for words in (
        "Cancel 2 jobs?",
        "Close May",
        f"#{ended.pk}",
        "Nothing: it has ended already.",
        "It stops at once.",
    ):
        assert words in page
    assert Job.objects.get(pk=queued.pk).status == "queued"
    again = text(client.get("/jobs/run-again/", {"job": [ended.pk, queued.pk]}))
    assert "Run 2 jobs again?" in again
    assert "this one ran version 1" in again
    assert "It has not ended yet: both would run." in again


def test_cancelling_says_what_became_of_each_and_each_has_its_entry(lab, client):
    ended = lab.start()
    lab.drain()
    queued = lab.start()
    address, _ = confirmed(client, "/jobs/cancel/", [ended, queued])
    page = text(client.get(address))
    assert "Done for 1 job." in page
    assert "Not done for 1 job;" in page
    assert f"Job #{ended.pk} has ended already (completed)." in page
    assert Job.objects.get(pk=queued.pk).status == "cancelled"
    entries = AuditEntry.objects.filter(action="job.cancelled").values_list("stream", flat=True)
    assert list(entries) == [queued.stream]


def test_running_again_starts_one_new_job_for_each_however_often_the_form_is_sent(lab, client):
    first, second = lab.start(n=2), lab.start(n=3)
    lab.drain()
    address, once = confirmed(client, "/jobs/run-again/", [first, second])
    twice = client.post("/jobs/run-again/", {"once": once, "job": [first.pk, second.pk]})
    assert twice["Location"] == address
    made = Job.objects.filter(rerun_of__in=[first, second])
    assert sorted(made.values_list("rerun_of", "source")) == [(first.pk, "ui"), (second.pk, "ui")]
    page = text(client.get(address))
    assert "Done for 2 jobs." in page
    for job in made:
        assert f"#{job.pk}" in page


def test_jobs_run_again_on_the_version_that_was_asked_for(lab, client):
    job = lab.start()
    lab.drain()
    lab.workflow(FLOW.replace("divide", "share"))
    for version, number in (("same", 1), ("active", 2)):
        confirmed(client, "/jobs/run-again/", [job], version=version)
        assert Job.objects.filter(rerun_of=job, version__number=number).count() == 1


def test_why_a_job_cannot_run_again_stands_beside_it(lab, client):
    job = lab.start()
    lab.drain()
    lab.actor.workspace.workflows.update(active_version=None)
    address, _ = confirmed(client, "/jobs/run-again/", [job])
    assert "is not active, so it cannot run jobs. Activate it first." in text(client.get(address))


def test_nothing_chosen_leads_back_and_says_how_to_choose(client):
    for path in ("/jobs/cancel/", "/jobs/run-again/"):
        assert client.post(path)["Location"] == "/jobs/"
        assert "Choose the jobs first" in text(client.get(path, follow=True))


@pytest.mark.parametrize("path", ["/jobs/cancel/", "/jobs/run-again/"])
def test_jobs_of_strangers_and_sub_jobs_are_not_found_and_nothing_happens_to_the_others(lab, client, path):
    mine, foreign = lab.start(), Lab()
    foreign.workflow(FLOW)
    other = foreign.start()
    for numbers in ([mine.pk, other.pk], [mine.pk, 10**15], [mine.pk, "x"]):
        assert client.get(path, {"job": numbers}).status_code == 404
        assert client.post(path, {"job": numbers, "once": "a"}).status_code == 404
    assert set(Job.objects.values_list("status", flat=True)) == {"queued"}
    assert Job.objects.count() == 2


def test_too_many_at_once_are_refused(client):
    page = client.get("/jobs/cancel/", {"job": list(range(1, AT_MOST + 2))})
    assert page.status_code == 422
    assert f"at most {AT_MOST} jobs at once" in text(page)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_may_not_is_told_the_role_it_takes(lab, role):
    job = lab.start()
    client = Client()
    client.force_login(make_member(role, workspace=lab.actor.workspace).user)
    for path in ("/jobs/cancel/", "/jobs/run-again/"):
        for answer in (client.get(path, {"job": job.pk}), client.post(path, {"job": job.pk, "once": "a"})):
            assert answer.status_code == 403
            assert "takes the role operator or higher" in text(answer)
    assert Job.objects.get().status == "queued"


def test_what_came_of_it_is_shown_to_nobody_else(lab, client):
    address, once = confirmed(client, "/jobs/cancel/", [lab.start()])
    colleague, stranger = Client(), Client()
    colleague.force_login(make_member(Role.OPERATOR, workspace=lab.actor.workspace).user)
    stranger.force_login(make_member(Role.ADMIN).user)
    for other in (colleague, stranger):
        assert other.get(address).status_code == 404
    assert client.get(f"/jobs/run-again/?done={once}").status_code == 404


def test_asking_and_telling_cost_the_same_for_one_job_as_for_many(lab, client):
    jobs = [lab.start() for _ in range(12)]
    costs = []
    for some in (jobs[:1], jobs[1:]):
        with CaptureQueriesContext(connection) as asked:
            client.get("/jobs/cancel/", {"job": [job.pk for job in some]})
        statements = [each["sql"] for each in asked]
        address, _ = confirmed(client, "/jobs/cancel/", some)
        with CaptureQueriesContext(connection) as told:
            client.get(address)
        assert not any("jobs_payload" in sql for sql in [*statements, *(each["sql"] for each in told)])
        costs.append((len(statements), len(told)))
    assert costs == [(3 + 1, 3 + 2)] * 2
