"""The panel of a step: every kind and state of step in words, its values, who sees them, and what is recorded."""

import json

import pytest
from django.test import Client

from audit.models import AuditEntry
from jobs.models import Payload, StepRun
from tests.engine.lab import Lab
from tests.factories import make_member
from workspaces.models import Role

pytestmark = pytest.mark.django_db
SUB = """
inputs: [{key: n, type: integer}]
steps:
  - {key: inner, name: Look at it, type: fail, when: inputs.n == 2, message: Two is not allowed, reason: two}
outputs: []
"""
FLOW = """
steps:
  - {key: start, name: Begin, type: set, values: {names: [a, b]}}
  - key: check
    name: Check every row
    type: for_each
    items: "[1, 2]"
    as: row
    steps:
      - {key: call, name: Ask, type: workflow, workflow: sub, inputs: {n: "{{ row }}"}}
      - {key: later, type: set, values: {n: "{{ row }}"}}
  - {key: never, name: Never, type: set, values: {n: 1}}
"""
CODE = """
steps:
  - key: a
    type: code
    source: |
      for n in range(3):
          print("line", n)
      {"n": 1}
"""


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(Role.VIEWER, lab)


def client_of(role, lab, **grant):
    client = Client()
    client.force_login(make_member(role, workspace=lab.actor.workspace, **grant).user)
    return client


def failing(lab):
    lab.workflow(SUB, slug="sub")
    return lab.run(FLOW)


def ask(client, job, path, tab="summary", **more):
    return client.get(f"/jobs/{job.pk}/steps/", {"path": path, "tab": tab, **more})


def text(client, job, path, tab="summary", **more):
    answer = ask(client, job, path, tab, **more)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_completed_step_shows_what_when_and_how_long(lab, client):
    job = failing(lab)
    page = text(client, job, "start")
    for words in ("Begin", "Completed", "Set values", "Took"):
        assert words in page
    output = text(client, job, "start", "output")
    assert 'data-path="steps.start.output.names' in output
    assert "records no input of its own" in text(client, job, "start", "input")
    assert "It wrote no log" in text(client, job, "start", "log")


def test_a_failure_is_found_from_the_loop_down_to_the_step_of_the_sub_job(lab, client):
    job = failing(lab)
    page = text(client, job, "check")
    assert "check%5B1%5D.call/inner" in page or "check%5B1%5D.call%2Finner" in page  # where it began
    assert "2 items." in page
    assert "What failed" in page
    item = text(client, job, "check[1]")
    assert "Item 2" in item
    assert "Steps inside" in item
    call = text(client, job, "check[1].call")
    assert "Sub-job" in call
    inner = text(client, job, "check[1].call/inner")
    for words in (
        "Two is not allowed",
        "step_failed",
        "What happened",
        "How to fix it",
        "How to prevent it",
        "Ask",
    ):
        assert words in inner


def test_an_item_shows_what_it_was_given(lab, client):
    job = failing(lab)
    page = text(client, job, "check[1]", "input")
    assert "data-text>2</span>" in page
    assert "[" in text(client, job, "check", "input")
    answer = client.get(f"/jobs/{job.pk}/steps/value/", {"path": "check[1]", "kind": "input"})
    assert json.loads(answer.content) == 2


def test_steps_that_did_not_run_say_why(lab, client):
    job = failing(lab)
    assert "the job ended before it was reached" in text(client, job, "never")
    assert "the job ended before it was reached" in text(client, job, "check[1].later")
    lab.workflow(
        """
steps:
  - {key: cond, type: set, when: "False", values: {n: 1}}
  - key: way
    type: branch
    branches: [{key: left, name: to the left, when: "True", steps: [{key: l, type: delay, duration: 1h}]}]
    else: {steps: [{key: r, type: set, values: {n: 1}}]}
  - {key: last, type: set, values: {n: 1}}
""",
        slug="other",
    )
    job = lab.start("other")
    assert "the job is queued" in text(client, job, "last")
    lab.drain()
    page = text(client, job, "cond")
    assert "its condition was not true" in page
    assert '<code class="step-code">False</code>' in page
    assert "in a branch that was not taken" in text(client, job, "r")
    assert "what stands before it has not ended" in text(client, job, "last")
    assert "The branch “to the left” was taken." in text(client, job, "way")
    assert "It waits for a delay to pass." in text(client, job, "l")


def test_attempts_are_listed_with_times_and_errors(lab, client):
    job = failing(lab)
    run = StepRun.objects.get(job=job, path="start")
    earlier = [
        {
            "started_at": "2026-01-01T00:00:00+00:00",
            "finished_at": "2026-01-01T00:00:03+00:00",
            "error": {
                "code": "http_error",
                "message": "The service answered 500.",
                "detail": {"body": "secret"},
            },
            "generation": 0,
        }
    ]
    run.attempts, run.attempt = json.dumps(earlier), 2
    run.save(update_fields=["attempts", "attempt"])
    page = text(client, job, "start", "attempts")
    for words in ("The service answered 500.", "http_error", "3.0 s", "Completed"):
        assert words in page
    assert '<span class="tab-count">2</span>' in page


def test_a_log_has_numbered_lines_and_comes_as_a_file(lab, client):
    job = lab.run(CODE)
    page = text(client, job, "a", "log")
    assert page.count("<li><bdi>line ") == 3
    log = client.get(f"/jobs/{job.pk}/steps/value/", {"path": "a", "kind": "log"})
    assert log["Content-Type"].startswith("text/plain")
    assert log.content == b"line 0\nline 1\nline 2\n"


def test_a_large_log_shows_its_end(lab, client):
    job = lab.run(CODE)
    stored = Payload.objects.get(job=job, kind="log")
    stored.body = json.dumps("\n".join(f"line {number}" for number in range(50_000)))
    Payload.objects.filter(pk=stored.pk).update(body=stored.body)
    page = text(client, job, "a", "log")
    assert "line 49999" in page
    assert "line 1</" not in page
    assert "Only the end is shown." in page
    assert 'start="49001"' in page


@pytest.mark.parametrize(
    "path", ["", "nothing", "start[0]", "check[7]", "check[7].call", "check[0].start", "start/x", "check[0].call/zzz",
             "check[0]..call", "x" * 5000, "/" * 200, "check[0].call/inner/", "[0]", "check[99999999999999999999].later"]
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_not_found(lab, client, path):
    assert ask(client, failing(lab), path).status_code == 404


def test_a_stranger_finds_no_step(lab):
    job = failing(lab)
    client = Client()
    client.force_login(make_member().user)
    assert ask(client, job, "start").status_code == 404
    assert client.get(f"/jobs/{job.pk}/steps/value/", {"path": "start", "kind": "output"}).status_code == 404


def test_an_auditor_without_the_grant_sees_no_values(lab):
    job = failing(lab)
    auditor = client_of(Role.AUDITOR, lab)
    assert "Ask an admin" in text(auditor, job, "start", "output")
    assert "names" not in text(auditor, job, "start", "output")
    assert client_of(Role.AUDITOR, lab).get(
        f"/jobs/{job.pk}/steps/value/", {"path": "start", "kind": "output"}
    ).status_code == 403  # fmt: skip
    run = StepRun.objects.get(job=job, path="start")
    run.status, run.error = (
        "failed",
        json.dumps(
            {"code": "http_error", "message": "It said no.", "path": "start", "detail": {"body": "private"}}
        ),
    )
    run.save(update_fields=["status", "error"])
    assert "It said no." in text(auditor, job, "start")
    assert "private" not in text(auditor, job, "start")
    assert "private" in text(client_of(Role.VIEWER, lab), job, "start")


def test_what_an_auditor_reads_is_recorded_once_for_each_showing(lab):
    job = failing(lab)
    auditor = client_of(Role.AUDITOR, lab, sees_payloads=True)
    entries = AuditEntry.objects.filter(action="payload.read", target_id=str(job.pk))
    text(auditor, job, "start")
    assert entries.count() == 0
    first = ask(auditor, job, "start", "output")
    assert entries.count() == 1
    again = ask(auditor, job, "start", "output", revision=first.context["step_revision"])
    assert again.status_code == 204
    assert entries.count() == 1
    auditor.get(f"/jobs/{job.pk}/steps/value/", {"path": "start", "kind": "output"})
    assert entries.count() == 2


def test_it_asks_for_news_only_while_it_can_change(lab, client):
    lab.workflow("steps: [{key: a, type: set, values: {n: 1}}, {key: b, type: delay, duration: 1h}]")
    job = lab.start()
    assert "data-poll" in text(client, job, "a")
    waiting = ask(client, job, "b")
    assert ask(client, job, "b", revision=waiting.context["step_revision"]).status_code == 204
    lab.drain()
    assert ask(client, job, "b", revision=waiting.context["step_revision"]).status_code == 200
    assert "data-poll" not in text(client, job, "a")
    assert "data-poll" in text(client, job, "b")
    lab.pass_time(3600)
    lab.drain()
    assert "data-poll" not in text(client, job, "b")


def test_for_htmx_it_is_a_fragment_whose_links_replace_it(lab, client):
    job = failing(lab)
    panel = client.get(
        f"/jobs/{job.pk}/steps/", {"path": "start"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in panel
    assert 'hx-target="#step-panel"' in panel
    assert 'hx-target="#step-panel"' not in text(client, job, "start")


def test_values_that_were_removed_are_said_to_be_removed(lab, client):
    job = failing(lab)
    Payload.objects.filter(job=job, path="start").update(
        body=None, blob=None, salt=None, purged_at=job.created_at
    )
    assert "It was removed" in text(client, job, "start", "output")
    answer = client.get(f"/jobs/{job.pk}/steps/value/", {"path": "start", "kind": "output"})
    assert answer.status_code == 410


@pytest.mark.parametrize(
    ("path", "tab", "queries"),
    [
        ("start", "summary", 3),  # the job, the step, which values there are
        ("start", "output", 4),
        ("check", "summary", 5),  # its items by status, those that failed
        ("check[1]", "input", 5),
        ("check[1].call/inner", "summary", 4),
        ("never", "summary", 3),
    ],
)
def test_it_costs_the_same_every_time(lab, client, django_assert_num_queries, path, tab, queries):
    job = failing(lab)
    text(client, job, path, tab)
    with django_assert_num_queries(3 + queries):  # the session
        text(client, job, path, tab)
