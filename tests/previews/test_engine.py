"""What a worker does differently in a preview."""

import pytest

from audit.models import AuditEntry
from jobs.models import Job, Payload
from jobs.states import JobKind, JobStatus, PayloadKind
from tests.engine.lab import error_of, outputs, value
from tests.previews.support import POST, reasons

pytestmark = pytest.mark.django_db
SUM = """
inputs: [{key: n, type: integer}]
steps:
  - {key: a, type: set, values: {v: "{{ inputs.n + 1 }}"}}
  - {key: b, type: set, values: {v: "{{ steps.a.output.v * 2 }}"}}
outputs: [{key: total, type: integer, value: steps.b.output.v}]
"""
LOOP = """
steps:
  - key: each
    type: for_each
    items: "[1, 2, 3]"
    steps:
      - {key: twice, type: set, values: {v: "{{ item * 2 }}"}}
      - {key: more, type: set, values: {v: "{{ steps.twice.output.v + 1 }}"}}
    collect: steps.more.output.v
  - {key: last, type: set, values: {v: "{{ sum(steps.each.output) }}"}}
outputs: [{key: total, type: integer, value: steps.last.output.v}]
"""


def test_a_preview_runs_the_draft_and_computes_its_outputs(bench):
    job = bench.preview(SUM, {"n": 4})
    assert (job.kind, job.status, job.version) == (JobKind.PREVIEW, JobStatus.COMPLETED, None)
    assert outputs(job) == {"total": 10}


def test_a_preview_runs_what_was_the_draft_when_it_was_started(bench):
    job = bench.begin(SUM, {"n": 4})
    bench.draft("steps: [{key: other, type: set, values: {v: 1}}]")
    bench.drain()
    assert outputs(job) == {"total": 10}


def test_it_leaves_no_audit_stream_though_its_sequence_moves(bench):
    job = bench.preview(SUM, {"n": 4})
    assert not AuditEntry.objects.filter(stream=job.stream).exists()
    assert job.head_seq > 0
    assert bytes(job.head_hash) == b""


def test_until_ends_it_completed_and_without_outputs(bench):
    job = bench.preview(SUM, {"n": 4}, until="a")
    assert (job.status, outputs(job)) == (JobStatus.COMPLETED, None)
    assert reasons(job) == {"a": "completed"}


def test_until_a_step_in_a_loop_ends_it_when_the_first_item_has_come_so_far(bench):
    job = bench.preview(LOOP, until="twice")
    assert job.status == JobStatus.COMPLETED
    assert reasons(job) == {
        "each": "cancelled stopped",
        "each[0]": "cancelled stopped",
        "each[0].twice": "completed",
    }


@pytest.mark.parametrize("broken", [False, True])
def test_who_takes_over_a_preview_that_has_come_so_far_ends_it_as_well(bench, broken):
    inner = (
        "{key: twice, type: fail, message: Closed}" if broken else "{key: twice, type: set, values: {v: 1}}"
    )
    text = f"steps: [{{key: each, type: for_each, items: '[1, 2]', steps: [{inner}]}}]"
    job = bench.preview(text, until="twice")
    before, ended = reasons(job), job.status
    Job.objects.filter(pk=job.pk).update(  # as if the worker had died between its last two commits
        status=JobStatus.QUEUED, finished_at=None, error_code="", error="", lost_fence=job.fence
    )
    bench.drain()
    job.refresh_from_db()
    assert (job.status, job.fence) == (ended, 2)
    assert reasons(job) == before


def test_until_a_loop_runs_all_its_items(bench):
    job = bench.preview(LOOP, until="each")
    assert value(job, "each") == [3, 5, 7]
    assert "last" not in reasons(job)


def test_until_a_step_that_fails_ends_it_failed_though_the_failure_would_be_caught(bench):
    text = """
steps:
  - key: guard
    type: try
    steps: [{key: bad, type: fail, message: Closed}]
    catch: [{steps: [{key: mend, type: set, values: {v: 1}}]}]
    finally: [{key: tidy, type: set, values: {v: 1}}]
"""
    job = bench.preview(text, until="bad")
    assert (job.status, error_of(job)["message"]) == (JobStatus.FAILED, "Closed")
    assert "mend" not in reasons(job)
    assert reasons(job)["tidy"] == "completed"


def test_until_a_step_that_is_not_reached_ends_with_the_step_that_holds_it(bench):
    text = """
steps:
  - key: way
    type: branch
    branches: [{key: left, when: "False", steps: [{key: inner, type: set, values: {v: 1}}]}]
    else: {steps: [{key: other, type: set, values: {v: 1}}]}
  - {key: behind, type: fail, message: No}
"""
    job = bench.preview(text, until="inner")
    assert job.status == JobStatus.COMPLETED
    assert "behind" not in reasons(job)


def test_a_pinned_step_is_not_run_and_has_the_pinned_output(bench):
    job = bench.preview(SUM, {"n": 4}, pins={"a": {"v": 100}})
    assert outputs(job) == {"total": 200}
    assert reasons(job)["a"] == "completed pinned"


def test_a_pin_counts_for_every_item_of_a_loop_and_for_blocks(bench):
    assert outputs(bench.preview(LOOP, pins={"twice": {"v": 10}})) == {"total": 33}
    job = bench.preview(LOOP, pins={"each": [5, 6]})
    assert outputs(job) == {"total": 11}
    assert set(reasons(job)) == {"each", "last"}


def test_an_effect_is_held_back_and_shows_what_it_would_have_sent(bench):
    job = bench.preview(f"steps:{POST}")
    assert job.status == JobStatus.COMPLETED
    assert reasons(job) == {"send": "completed held_back"}
    request = value(job, "send", PayloadKind.INPUT)
    assert value(job, "send") is None
    assert request["method"] == "POST"
    assert request["url"] == "https://bank.example/pay?dry=no"
    assert request["body"] == {"amount": 12}
    assert request["headers"] == {"Content-Type": "application/json", "Idempotency-Key": f"{job.uid}:send:0"}


def test_secrets_are_masked_in_what_would_have_been_sent(bench):
    text = """
inputs: [{key: token, type: text, secret: true, min_length: 8}]
steps:
  - key: send
    type: http.request
    config: {url: "https://bank.example/", headers: {Authorization: "Bearer {{ inputs.token }}"}}
"""
    job = bench.preview(text, {"token": "very-secret-token"})
    assert value(job, "send", PayloadKind.INPUT)["headers"]["Authorization"] == "Bearer •••"
    assert not Payload.objects.filter(body__contains="very-secret-token").exists()


def test_a_request_that_could_not_be_sent_fails_as_it_would(bench):
    job = bench.preview("steps: [{key: send, type: http.request, config: {url: 'ftp://bank.example/'}}]")
    assert (job.status, error_of(job)["step"]) == (JobStatus.FAILED, "send")


@pytest.mark.parametrize("read", ["{{ steps.send.output }}", "{{ steps.send.output.body.id + 1 }}"])
def test_reading_the_output_of_a_step_that_was_held_back_fails_and_says_what_to_do(bench, read):
    text = f"steps:{POST}\n  - {{key: after, type: set, values: {{v: '{read}'}}}}"
    error = error_of(bench.preview(text))
    assert (error["code"], error["step"]) == ("held_back", "after")
    assert "pin" in error["message"]
    assert "Pin an output" in error["fix"]
    job = bench.preview(text, pins={"send": {"status": 200, "body": {"id": 7}}})
    assert job.status == JobStatus.COMPLETED


def test_effects_that_are_let_through_really_reach_out(bench):
    job = bench.preview(
        "steps: [{key: send, type: http.request, retry: none, config: {url: 'http://127.0.0.1:9/'}}]",
        effects=True,
    )
    assert error_of(job)["code"] == "network_error"


def test_a_sub_workflow_runs_the_version_that_was_active_and_is_held_back_inside_too(bench):
    bench.workflow(f"steps:{POST}\noutputs: [{{key: x, type: integer, value: '1'}}]", slug="inner")
    job = bench.begin("""
steps: [{key: call, type: workflow, workflow: inner, inputs: {}}]
outputs: [{key: x, type: integer, value: steps.call.output.x}]
""")
    bench.workflow("steps: []\noutputs: [{key: x, type: integer, value: '2'}]", slug="inner")
    bench.drain()
    assert outputs(job) == {"x": 1}
    child = Job.objects.get(parent=job)
    assert reasons(child) == {"send": "completed held_back"}
    assert not AuditEntry.objects.filter(stream=child.stream).exists()


def test_no_wait_lasts_longer_than_a_second(bench):
    job = bench.begin(
        """
steps:
  - {key: night, type: delay, duration: 12h}
  - {key: short, type: delay, duration: 200ms}
  - key: poll
    type: repeat
    max_times: 2
    until: index == 1
    delay: 1h
    steps: [{key: look, type: set, values: {v: 1}}]
""".replace("200ms", "1s")
    )
    for _ in range(3):
        bench.drain()
        bench.pass_time(1)
    bench.drain()
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED
    assert reasons(job)["night"] == "completed shortened"
    assert reasons(job)["short"] == "completed"


def test_expressions_see_no_version_of_a_preview(bench):
    job = bench.preview(
        "steps: [{key: a, type: set, values: {v: '{{ job.version }}', w: '{{ job.workflow }}'}}]"
    )
    assert value(job, "a") == {"v": None, "w": "flow"}


def test_a_step_without_pins_runs_in_a_job_though_somebody_pinned_it(bench):
    bench.preview(SUM, {"n": 4}, pins={"a": {"v": 100}})
    assert outputs(bench.run(SUM, n=4)) == {"total": 10}
