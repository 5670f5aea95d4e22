"""The Overview: what it shows of whose jobs, what it costs, and when its region says that nothing changed."""

from datetime import timedelta

import pytest
from django.test import Client

from common.clock import now
from jobs.models import Job
from jobs.selectors.overview import SHOWN, overview_of
from jobs.states import LOOKS, JobStatus, StepStatus
from tests.engine.lab import Lab
from tests.factories import make_member, make_workspace
from workspaces.models import Role, User

pytestmark = pytest.mark.django_db
FAILS = "steps: [{key: a, type: fail, message: The ledger is closed}]"
SLEEPS = "steps: [{key: a, type: delay, duration: 2h}]"


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    client = Client()
    client.force_login(make_member(Role.VIEWER, workspace=lab.actor.workspace).user)
    return client


def test_every_status_has_icon_word_and_colour():
    assert set(LOOKS) == {*JobStatus, *StepStatus, "pending"}
    assert len({look.icon for look in LOOKS.values()}) == len(LOOKS)


def test_it_shows_what_failed_waits_and_runs(lab, client):
    lab.workflow(SLEEPS, slug="sleeper")
    lab.workflow(FAILS)
    lab.start()
    lab.start("sleeper")
    lab.drain()
    lab.start("sleeper")
    page = client.get("/").content.decode()
    assert "The ledger is closed" in page
    assert "a delay to pass" in page
    for word in ("Failed", "Waiting", "Queued"):
        assert f"<span>{word}</span></span>" in page
    assert "No worker is running" not in page  # the lab's own beats


def test_a_queued_job_without_a_worker_says_what_to_do(lab, client):
    lab.workflow(SLEEPS)
    lab.start()
    lab.worker.row.delete()
    assert "manage.py cluster" in client.get("/").content.decode()


def test_jobs_of_others_and_failures_of_long_ago_are_not_shown(lab, client):
    lab.run(FAILS)
    Job.objects.update(finished_at=now() - timedelta(hours=25))
    page = client.get("/").content.decode()
    assert "The ledger is closed" not in page
    assert "Nothing has run here yet" not in page
    other = overview_of(make_workspace())
    assert (other.failed, other.running, other.waiting, other.any_job) == ([], [], [], False)


def test_times_are_in_the_zone_of_the_person(lab, client):
    lab.run(FAILS)
    Job.objects.update(finished_at=now() - timedelta(hours=1))
    User.objects.update(time_zone="Asia/Kolkata")
    assert ' IST" data-moment>1 h ago<' in client.get("/").content.decode()


def test_an_empty_workspace_is_told_what_a_job_is_and_what_can_be_run(lab, client):
    lab.workflow(f"description: Adds up what was spent.\n{FAILS}", slug="expenses")
    page = client.get("/").content.decode()
    assert "is one run of it" in page
    assert "Adds up what was spent." in page


def test_it_costs_the_same_with_many_jobs(lab, client, django_assert_num_queries):
    lab.workflow(SLEEPS, slug="sleeper")
    lab.workflow(FAILS)
    for _ in range(SHOWN + 3):
        lab.start()
        lab.start("sleeper")
    lab.drain()
    with django_assert_num_queries(3 + 5):  # the session; three lists and their waits; requests
        page = client.get("/").content.decode()
    assert page.count('id="failed-') == SHOWN + 1  # with its heading
    with django_assert_num_queries(3 + 5):
        client.get("/jobs/now/")


def test_its_region_answers_only_when_something_changed(lab, client):
    lab.workflow(FAILS)
    lab.start()
    first = client.get("/jobs/now/")
    revision = first.context["revision"]
    assert client.get("/jobs/now/", {"revision": revision}).status_code == 204
    lab.drain()
    assert client.get("/jobs/now/", {"revision": revision}).status_code == 200
