"""The job page: what it says in each state, what its regions cost, and that no loop makes it slow."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.canonical import dumps
from common.clock import now
from jobs.models import Job, StepRun
from jobs.selectors.lines import ITEMS_SHOWN
from jobs.states import JobKind, JobStatus, StepStatus
from tests.pages.job_page.support import FAILS, SLEEPS, WORKS, nested, page_of

pytestmark = pytest.mark.django_db
SESSION = 3


# ---------------------------------------------------------------- states
def test_a_failure_is_told_with_what_happened_how_to_fix_it_and_how_to_prevent_it(lab, client):
    page = page_of(client, lab.run(FAILS))
    assert "<title>Failed · flow #" in page
    for words in (
        "The ledger is closed",
        "step_failed",
        "What happened",
        "How to fix it",
        "How to prevent it",
    ):
        assert words in page
    assert "Failed at Close the month" in page
    assert "the job ended before it" in page
    assert "/docs/errors/#step-failed" in page


def test_a_failure_of_the_job_as_a_whole_has_no_step_to_blame(lab, client):
    text = f'{WORKS}\noutputs: [{{key: n, type: integer, value: "[1][steps.a.output.v]"}}]'
    job = lab.run(text)
    assert job.status == JobStatus.FAILED
    page = page_of(client, job)
    assert "no single step is to blame" in page
    assert "The job as a whole failed" in page


def test_a_failure_in_a_sub_job_in_a_loop_is_told_with_the_way_down_to_it(lab, client):
    page = page_of(client, nested(lab))
    child = Job.objects.get(kind=JobKind.SUBJOB, status=JobStatus.FAILED)
    assert 'id="failure-title">The ledger is closed<' in page
    assert f"sub-job #{child.pk} Book a row" in page
    assert f'id="step-{child.pk}-book"' in page  # unfolded, down to the step


def test_a_waiting_job_says_for_what_and_until_when(lab, client):
    page = page_of(client, lab.run(SLEEPS))
    assert "waits for a delay to pass" in page
    assert "in 2 h" in page
    assert "Step 1 of 1: Wait for the bank" in page


def test_a_queued_job_says_its_place_in_line(lab, client):
    lab.workflow(WORKS)
    first, second, third = lab.start(), lab.start(), lab.start()
    assert "Next in line" in page_of(client, first)
    assert "One job is before it in line" in page_of(client, second)
    assert "2 jobs are before it in line" in page_of(client, third)
    lab.worker.row.delete()
    assert "manage.py cluster" in page_of(client, first)


def test_a_loop_says_how_many_of_its_items_are_done(lab, client):
    lab.workflow(
        'steps: [{key: each, name: Check, type: for_each, items: "[0, 2, 3]", steps: [{key: d, type: delay, when: item > 1, duration: 1h}]}]'
    )
    job = lab.start()
    lab.drain()
    assert "Step 1 of 1: Check, 1 of 3" in page_of(client, job)


def test_it_says_how_long_it_usually_takes_once_five_have_completed(lab, client):
    lab.workflow(WORKS)
    jobs = [lab.start() for _ in range(6)]
    lab.drain()
    for minutes, job in enumerate(Job.objects.all(), start=1):
        began = now()
        Job.objects.filter(pk=job.pk).update(started_at=began, finished_at=began + timedelta(minutes=minutes))
    assert "usually 3 m 00 s, nine of ten within 5 m 00 s" in page_of(client, jobs[-1])
    long = lab.start()
    Job.objects.filter(pk=long.pk).update(started_at=now() - timedelta(hours=1))
    assert "longer than usual" in page_of(client, long)
    Job.objects.filter(pk__in=[job.pk for job in jobs[:2]]).update(status=JobStatus.CANCELLED)
    assert "usually" not in page_of(client, jobs[-1])


def test_reruns_and_neighbours_are_linked_both_ways(lab, client):
    job = lab.run(WORKS)
    again = lab.start()
    Job.objects.filter(pk=again.pk).update(rerun_of=job)
    page = page_of(client, job)
    assert f'rel="prev" href="/jobs/{again.pk}/"' in page
    assert "Run again as" in page
    page = page_of(client, again)
    assert f'rel="next" href="/jobs/{job.pk}/"' in page
    assert "Runs again" in page


# ---------------------------------------------------------------- steps
def test_only_problems_are_shown_where_they_began(lab, client):
    page = page_of(client, nested(lab), "?only=problems")
    assert page.count('<li id="step-') == 1
    assert "Item 2" in page
    assert "No step of this job has failed" in page_of(client, lab.run(WORKS), "?only=problems")


def test_items_and_their_steps_are_listed_at_their_address(lab, client):
    job = nested(lab)
    assert page_of(client, job, "inside/?at=each").count('<li id="step-') == 3
    assert "Classify it" in page_of(client, job, "inside/?at=each[1]")
    assert "Item 2" in page_of(client, job, "?at=each[1]")
    for nowhere in ("no", "each[", "each[1].no[2]", "each[1].go", "each.each", "each[-1]"):
        assert client.get(f"/jobs/{job.pk}/", {"at": nowhere}).status_code == 404


def test_a_branch_that_was_not_taken_says_so(lab, client):
    job = lab.run(
        'steps: [{key: c, type: branch, branches: [{key: big, name: above the limit, when: "1 > 2", steps: [{key: x, type: set, values: {v: 1}}]}]}, {key: d, type: set, when: "1 > 2", values: {v: 1}}]'
    )
    page = page_of(client, job)
    assert "another branch was taken" in page
    assert "above the limit" in page
    assert "its condition was false" in page


def test_a_large_loop_costs_no_more_than_a_small_one(lab, client):
    lab.workflow(
        'steps: [{key: each, type: for_each, items: "[1, 2, 3]", steps: [{key: a, type: set, values: {v: 1}}]}]'
    )
    job = lab.start()
    lab.drain()
    addresses = [
        f"/jobs/{job.pk}/{part}" for part in ("", "step-list/", "state/", "inside/?at=each", "?only=problems")
    ]

    whole_pages = (addresses[0], addresses[4])

    def costs():
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            assert answer.status_code == 200
            values = [each for each in queries if "jobs_payload" in each["sql"]]
            assert len(values) == (address in whole_pages)  # the job's own inputs and outputs
            counts.append(len(queries))
        return counts

    client.get(addresses[0])
    before = costs()
    make_many(job, 10_000)
    assert costs() == before
    assert client.get(addresses[3]).content.decode().count('<li id="step-') == ITEMS_SHOWN
    assert "10,000 items, 3 failed" in page_of(client, job)


def make_many(job, count):
    """Items and steps as if the loop had had so many."""
    sample = StepRun.objects.get(job=job, path="each[0]")
    fields = {"job": job, "fence": 1, "started_at": sample.started_at, "finished_at": sample.finished_at}
    rows = []
    for index in range(3, count):
        failed = index in (77, 4_000, 9_999)
        status = StepStatus.FAILED if failed else StepStatus.COMPLETED
        error = dumps({"code": "step_failed", "message": "No", "path": f"each[{index}].a"}) if failed else ""
        common = {**fields, "status": status, "error": error}
        rows += [
            StepRun(path=f"each[{index}]", key="each", type="item", ordinal=2 * index + 10, **common),
            StepRun(path=f"each[{index}].a", key="a", type="set", ordinal=2 * index + 11, **common),
        ]
    StepRun.objects.bulk_create(rows, batch_size=500)
    StepRun.objects.filter(job=job, path="each").update(decision=dumps({"count": count}))


# ---------------------------------------------------------------- live
def test_an_unchanged_region_costs_one_query_and_in_line_two_and_answers_nothing(
    lab, client, django_assert_num_queries
):
    lab.workflow(SLEEPS)
    lab.start()
    queued = lab.start()
    for status in ("queued", "waiting"):
        for region in ("state", "step-list"):
            revision = client.get(f"/jobs/{queued.pk}/{region}/").context["revision"]
            with django_assert_num_queries(SESSION + (2 if status == "queued" else 1)):
                answer = client.get(f"/jobs/{queued.pk}/{region}/", {"revision": revision})
            assert answer.status_code == 204
        lab.drain()
        assert client.get(f"/jobs/{queued.pk}/state/", {"revision": revision}).status_code == (
            200 if status == "queued" else 204
        )


def test_a_region_of_a_job_that_ended_asks_no_more_and_renews_the_title(lab, client):
    lab.workflow(WORKS)
    job = lab.start()
    before = client.get(f"/jobs/{job.pk}/state/")
    assert b"data-poll" in before.content
    lab.drain()
    after = client.get(f"/jobs/{job.pk}/state/", {"revision": before.context["revision"]})
    assert b"data-poll" not in after.content
    assert b"<title>Completed" in after.content
    assert after["HX-Trigger"] == "job-moved"
    assert b"data-poll" not in client.get(f"/jobs/{job.pk}/step-list/").content
    assert "data-poll" not in page_of(client, job)


def test_what_a_sub_job_does_moves_the_page_of_the_outermost_job(lab, client):
    lab.workflow(SLEEPS, slug="inner")
    lab.workflow("steps: [{key: go, type: workflow, workflow: inner}]")
    job = lab.start()
    assert lab.step()
    revision = client.get(f"/jobs/{job.pk}/state/").context["revision"]
    assert lab.step()  # the sub-job's own turn
    assert client.get(f"/jobs/{job.pk}/state/", {"revision": revision}).status_code == 200
    assert "0 of 1" in page_of(client, job)
