"""The list of jobs: what it shows to whom, how it is filtered, what it counts, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.clock import now
from jobs.models import Job
from jobs.selectors import listing
from jobs.selectors.listing import Tally, tallies
from jobs.services import start_job
from tests.engine.lab import Lab
from tests.factories import make_member
from tests.pages.job_list_support import FLOW, client_of, make, numbers, text
from workspaces.models import Role, User

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SLEEPS = "steps: [{key: nap, type: delay, duration: 2h}]"


@pytest.fixture
def lab():
    lab = Lab()
    lab.workflow(FLOW)
    return lab


@pytest.fixture
def client(lab):
    return client_of(Role.OPERATOR, lab)


def test_a_row_says_what_a_job_is_about_where_it_stands_and_who_started_it(lab, client):
    lab.workflow(SLEEPS, slug="sleeper")
    failed = make(lab, n=0, title="Close May", reference="INV-7")
    asleep = lab.start("sleeper")
    lab.drain()
    page = client.get("/jobs/")
    assert numbers(page) == [asleep.pk, failed.pk]
    words = " ".join(text(page).split())
    for part in (
        f'<span class="quiet">#{failed.pk}</span> <a href="/jobs/{failed.pk}/">Close May</a>',
        "INV-7",
        "n: 0",
        '<span class="step-failed">divide</span>',
        "division by zero",
        "nap",
        "v1",
        lab.actor.user.username,
    ):
        assert part in words


def test_inputs_are_shown_without_secrets_and_not_to_auditors(lab):
    start_job(actor=lab.actor, workflow="flow", inputs={"n": 77, "token": "s3cret"})
    assert "n: 77 · token: •••" in text(client_of(Role.VIEWER, lab).get("/jobs/"))
    for granted in (False, True):
        auditor = client_of(Role.AUDITOR, lab, sees_payloads=granted)
        for path in ("/jobs/", "/jobs/export.csv"):
            answer = auditor.get(path)
            shown = text(answer)
            assert "n: 77" not in shown
            assert "nputs" not in shown.replace("Your inputs", "")
    assert "s3cret" not in text(client_of(Role.VIEWER, lab).get("/jobs/"))


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ("status=failed", [1]),
        ("status=failed&status=queued", [2, 1]),
        ("workflow=flow", [2, 1, 0]),
        ("workflow=flow&status=completed", [0]),
        ("source=api", [2, 1, 0]),
        ("source=ui", []),
        ("reference=INV-1", [0]),
        ("search=May", [2]),
        ("search=INV-", [1, 0]),
        ("created_by=nobody", []),
        ("created_before=2020-01-01", []),
        ("created_after=2020-01-01", [2, 1, 0]),
    ],
)
def test_filters_are_those_of_the_api(lab, client, query, which):
    jobs = [make(lab, reference="INV-1"), make(lab, n=0, reference="INV-2")]
    lab.drain()
    jobs.append(make(lab, title="May"))
    assert numbers(client.get(f"/jobs/?{query}")) == [jobs[each].pk for each in which]


def test_each_filter_is_a_chip_that_takes_only_itself_away(lab, client):
    make(lab)
    page = client.get("/jobs/?status=queued&status=failed&workflow=flow&created_after=2026-01-02")
    chips = {(chip.label, chip.value): chip.without for chip in page.context["chips"]}
    assert chips == {
        ("Workflow", "flow"): "/jobs/?created_after=2026-01-02&status=queued&status=failed",
        ("Created from", "2 Jan 2026"): "/jobs/?status=queued&status=failed&workflow=flow",
        ("Status", "Queued"): "/jobs/?created_after=2026-01-02&status=failed&workflow=flow",
        ("Status", "Failed"): "/jobs/?created_after=2026-01-02&status=queued&workflow=flow",
    }
    assert "Clear all" in text(page)
    assert client.get("/jobs/").context["chips"] == []


def test_tabs_count_what_the_other_filters_leave_and_keep_them(lab, client):
    make(lab)
    make(lab, n=0)
    lab.drain()
    make(lab, reference="R")
    page = client.get("/jobs/?status=failed&reference=R")
    tabs = {tab.key: (tab.count, tab.chosen, tab.address) for tab in page.context["tabs"]}
    assert tabs["all"] == ("1", False, "/jobs/?reference=R")
    assert tabs["queued"] == ("1", False, "/jobs/?reference=R&status=queued")
    assert tabs["failed"] == ("0", True, "/jobs/?reference=R&status=failed")
    plain = {tab.key: tab.count for tab in client.get("/jobs/").context["tabs"]}
    assert plain == {
        "all": "3", "queued": "1", "in_progress": "0", "waiting": "0", "completed": "1", "failed": "1", "cancelled": "0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "more", "words"),
    [(0, False, "0"), (7, False, "7"), (7, True, "7+"), (0, True, ""), (1000, False, "999+")],
)
def test_a_count_says_how_sure_it_is(number, more, words):
    assert Tally(number=number, more=more).text == words


def test_no_count_looks_at_more_jobs_than_its_bound(lab, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 3)
    for _ in range(5):
        make(lab)
    jobs = Job.objects.filter(workspace=lab.actor.workspace, kind="job")
    assert tallies(jobs, by_index=True)["queued"].text == "2+"
    among = tallies(jobs, by_index=False)
    assert (among["queued"].text, among["failed"].text) == ("2+", "")


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("created_after=yesterday", "created_after", "Expected a day like"),
        ("source=mail", "source", "Select a valid choice"),
        ("search=%00", "search", "Null characters"),
        (f"reference={'x' * 201}", "reference", "at most 200"),
    ],
)
def test_a_value_that_a_filter_does_not_take_is_told_at_its_field_and_nothing_is_listed(
    lab, client, query, field, words
):
    make(lab)
    page = client.get(f"/jobs/?{query}")
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in text(page)
    assert words in text(page)
    assert page.context["rows"] == []
    assert "Nothing is listed yet" in text(page)
    assert client.get(f"/jobs/export.csv?{query}").status_code == 422


def test_a_status_that_there_is_not_is_told_too(lab, client):
    make(lab)
    page = client.get("/jobs/?status=done")
    assert page.status_code == 422
    assert "done is not one of the available choices" in text(page)


def test_a_parameter_that_nobody_reads_is_refused_rather_than_showing_everything(client):
    page = client.get("/jobs/?stauts=failed")
    assert page.status_code == 422
    assert "stauts" in text(page)


def test_empty_filters_leave_the_address(client):
    assert client.get("/jobs/?workflow=&status=failed&search=+")["Location"] == "/jobs/?status=failed"


def test_a_number_jumps_to_its_job_but_never_to_one_of_others(lab, client):
    job = make(lab)
    for given in (job.pk, f"%23{job.pk}"):
        assert client.get(f"/jobs/?search={given}")["Location"] == f"/jobs/{job.pk}/"
    assert client.get(f"/jobs/?search={job.pk}", headers=HTMX)["HX-Redirect"] == f"/jobs/{job.pk}/"
    assert numbers(client.get(f"/jobs/?search={job.pk}&status=queued")) == [job.pk]
    foreign = Client()
    foreign.force_login(make_member(Role.ADMIN).user)
    answer = foreign.get(f"/jobs/?search={job.pk}")
    assert numbers(answer) == []
    assert "No job matches" in text(answer)


def test_a_day_begins_where_the_person_is(lab, client):
    job = make(lab)
    moment = now().replace(hour=20, minute=0)
    Job.objects.filter(pk=job.pk).update(created_at=moment)
    User.objects.update(time_zone="Asia/Tokyo")  # where that is the next morning
    tomorrow = (moment + timedelta(days=1)).date().isoformat()
    assert numbers(client.get(f"/jobs/?created_after={tomorrow}")) == [job.pk]


def test_presets_are_days_in_the_address_and_are_taken_away_again(lab, client):
    make(lab)
    presets = {each.key: each for each in client.get("/jobs/?status=queued").context["filters"].presets()}
    page = client.get(presets["days-6"].address)
    assert "status=queued" in presets["days-6"].address
    assert numbers(page) != []
    on = {each.key: each for each in page.context["filters"].presets()}["days-6"]
    assert (on.chosen, on.address) == (True, "/jobs/?status=queued")
    name = User.objects.get(pk=client.session["_auth_user_id"]).username
    assert presets["mine"].address == f"/jobs/?created_by={name}&status=queued"


def test_three_kinds_of_empty_lists_say_what_to_do(lab, client):
    assert "A job is one run of a workflow" in text(client.get("/jobs/"))
    viewer = text(client_of(Role.VIEWER, lab).get("/jobs/"))
    assert "ask an admin of the workspace" in viewer
    matches = text(client.get("/jobs/?status=failed"))
    assert "No job matches" in matches
    assert 'id="empty-chip-1"' in matches
    assert "A job is one run" not in matches


def test_who_may_neither_cancel_nor_run_again_chooses_no_rows(lab, client):
    make(lab)
    assert 'name="job"' in text(client.get("/jobs/"))
    viewer = text(client_of(Role.VIEWER, lab).get("/jobs/"))
    assert 'name="job"' not in viewer
    assert "Run again" not in viewer


def test_strangers_see_none_of_it(lab):
    job = make(lab, title="Ours")
    stranger = Client()
    stranger.force_login(make_member(Role.ADMIN).user)
    for path in ("/jobs/", f"/jobs/rows/?row={job.pk}&after=0"):
        assert "Ours" not in text(stranger.get(path))
    assert len(text(stranger.get("/jobs/export.csv")).splitlines()) == 1  # the names of the columns


@pytest.mark.parametrize("query", ["", "?status=failed", "?workflow=flow&status=failed", "?source=api"])
def test_it_costs_the_same_with_one_job_as_with_fifty_and_reads_no_payload(lab, client, query):
    make(lab, n=0)
    lab.drain()
    costs = []
    for many in (0, 49):
        for _ in range(many):
            make(lab, n=0)
        lab.drain()
        with CaptureQueriesContext(connection) as asked:
            page = client.get(f"/jobs/{query}")
        assert len(numbers(page)) == many + 1
        assert not any("jobs_payload" in each["sql"] for each in asked)
        costs.append(len(asked))
    # The session, workspaces; jobs, steps, counts; workflows and people to choose; and the workflow's id.
    assert costs == [8 + ("workflow" in query)] * 2
