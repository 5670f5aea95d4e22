"""Running a job again by a form that is filled in."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.models import Job
from tests.engine.lab import Lab
from tests.pages.newjob import EVERYTHING, FITS, NEW, Person, csv_file, inputs_of, page_of, small
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Person(lab)


def test_running_again_fills_in_the_former_inputs_and_links_the_new_job(lab, client):
    lab.workflow(EVERYTHING)
    due = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    client.send(
        {
            **FITS,
            "in-due": due,
            "up-report": csv_file(),
            "title": "June",
            "in-urgent": "true",
            "in-reason": "Now",
        },
    )
    former = Job.objects.get()
    page = page_of(client.get(f"{NEW}?from={former.pk}"))
    assert "Run again" in page
    assert "type <strong>Password</strong> anew" in page
    assert "hunter2" not in page
    for shown in (
        'value="Ada L"',
        "\nfirst\nsecond</textarea>",
        'value="12.5"',
        'value="2026-07-01T12:00"',
        'value="15m"',
        "Paper,4.5,g,2026-01-31",
        "rows.csv",
        'value="June"',
        "&quot;depth&quot;: 2",
    ):
        assert shown in page, shown
    fields = {
        **FITS,
        "in-due": due,
        "in-report": inputs_of(former)["report"]["id"],
        "in-name": "Eve",
        "in-urgent": "true",
        "in-reason": "Again",
    }
    answer = client.send(fields, f"from={former.pk}")
    assert answer.status_code == 302, answer.content.decode()
    again = Job.objects.latest("pk")
    assert (again.rerun_of, again.source) == (former, "ui")
    assert inputs_of(again)["name"] == "Eve"


def test_running_again_says_which_version_and_what_differs(lab, client):
    small(lab, "[{key: n, label: Number, type: number}, {key: gone, label: Gone, type: text, default: x}]")
    former = lab.start(n=5)
    small(lab, "[{key: n, label: Number, type: number, minimum: 6}, {key: extra, label: Extra, type: text}]")
    page = page_of(client.get(f"{NEW}?from={former.pk}"))
    for words in (
        "Version 2 will run, the active one; that job ran version 1.",
        "Number has changed: minimum is now 6.",
        "Extra is new, and required.",
        "Gone is gone; its value is left out.",
        "Run version 1 instead",
    ):
        assert words in page
    same = page_of(client.get(f"{NEW}?from={former.pk}&version=same"))
    assert "Version 1 will run, the same as in that job" in same
    assert client.send({"in-n": "5"}, f"from={former.pk}&version=same").status_code == 302
    assert Job.objects.latest("pk").version_id == former.version_id


def test_purged_inputs_are_told(lab, client):
    small(lab, "[{key: n, type: number}]")
    former = lab.start(n=5)
    former.payloads.update(body=None, salt=None, purged_at=datetime.now(UTC))
    assert "Its inputs were removed" in page_of(client.get(f"{NEW}?from={former.pk}"))


def test_a_sub_job_is_run_again_only_through_its_outermost_job(lab, client):
    small(lab, "[]", "inner")
    lab.run("steps: [{key: a, type: workflow, workflow: inner, inputs: {}}]")
    sub = Job.objects.get(parent__isnull=False)
    assert "only through its outermost job" in page_of(client.get(f"{NEW}?from={sub.pk}"))


def test_what_was_secret_is_not_filled_in_where_it_is_secret_no_longer(lab, client):
    small(lab, "[{key: word, label: Word, type: text, secret: true}]")
    former = lab.start(word="open sesame")
    small(lab, "[{key: word, label: Word, type: text}]")
    page = page_of(client.get(f"{NEW}?from={former.pk}"))
    assert "•••" not in page
    assert "sesame" not in page


def test_a_viewer_and_an_auditor_start_nothing(lab):
    small(lab, "[]")
    for role in (Role.VIEWER, Role.AUDITOR):
        client = Person(lab, role)
        assert client.get(f"{NEW}?workflow=flow").status_code == 403
        assert client.post(f"{NEW}?workflow=flow").status_code == 403
