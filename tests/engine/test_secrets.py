"""A secret input never reaches a row in clear, and one that cannot be read does not keep the job alive."""

from dataclasses import replace

import pytest

from common.canonical import dumps
from common.redaction import MASK
from integrations.registry import get_action
from jobs.models import Job, Payload
from jobs.storage import open_blob
from tests.engine.lab import Lab, error_of, value
from tests.engine.test_takeover import run_with_deaths

SECRET = "topsecretvalue"


def _start(lab: Lab, text: str) -> Job:
    lab.workflow(f"inputs: [{{key: t, type: text, secret: true}}]\n{text}")
    return lab.start(t=SECRET)


def test_a_job_whose_secret_cannot_be_read_fails(lab):
    job = _start(lab, "steps: [{key: a, type: set, values: {x: 1}}]")
    sealed = dumps({"t": {"$sealed": "v1:broken"}})
    Payload.objects.filter(job=job, kind="inputs").update(body=sealed)
    Job.objects.filter(pk=job.pk).update(deaths=5)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "failed"


SUB = "inputs: [{key: q, type: text}]\nsteps: [{key: a, type: set, values: {x: '{{ inputs.q }}'}}]"
GIVEN_AWAY = {
    "to a sub-job": "steps: [{key: call, type: workflow, workflow: sub, inputs: {q: '{{ inputs.t }}'}}]",
    "to an output": """
steps: [{key: a, type: set, values: {x: 1}}]
outputs: [{key: v, type: integer, value: "{'a': 1}[inputs.t]"}]
""",
}


@pytest.mark.parametrize("text", GIVEN_AWAY.values(), ids=GIVEN_AWAY)
def test_a_definition_that_gives_a_secret_away_cannot_be_activated(lab, text):
    lab.workflow(SUB, slug="sub")
    with pytest.raises(AssertionError, match="secret"):
        _start(lab, text)


PASSED_ON = """
steps:
  - {key: login, type: set, values: {name: me, header: "Bearer {{ inputs.t }}"}}
  - {key: made, type: code, source: "[inputs['t'].upper(), inputs['t'], 'x' * 70_000]", inputs: {t: "{{ inputs.t }}"}}
  - key: each
    type: for_each
    items: "steps.made.output[1:2]"
    steps: [{key: inner, type: set, values: {v: "{{ item }}"}}]
    collect: steps.inner.output.v
  - {key: nap, type: delay, duration: 1s}
  - {key: call, type: http.request, config: {url: "https://localhost/", headers: {a: "{{ steps.login.output.header }}"}}}
  - key: send
    type: text.render
    config: {text: "{{ steps.login.output.header }} {{ steps.made.output[1] }} {{ steps.each.output[0] }}"}
  - {key: echo, type: text.render, config: {text: "{{ steps.call.output.body }}"}}
  - {key: again, type: text.render, config: {text: "{{ steps.send.output.text }}"}}
"""
USED = ("http.request", "text.render")
SENT = [f"Bearer {SECRET}", f"Bearer {SECRET} {SECRET} {SECRET}", MASK, f"Bearer {SECRET} {SECRET} {SECRET}"]


@pytest.mark.parametrize("commit", [None, *range(1, 8)])
def test_later_steps_get_the_secret_itself_and_everything_that_is_kept_is_masked(lab, monkeypatch, commit):
    sent = []

    def act(config, context):
        sent.append(config["text"] if "text" in config else config["headers"]["a"])
        return {"text": config.get("text", ""), "file": None, "body": SECRET}

    acting = {name: replace(found, run=act) for name in USED if (found := get_action(name))}
    monkeypatch.setattr("jobs.engine.interpreter.leaves.get_action", acting.get)
    job = _start(lab, PASSED_ON)
    lab.drain()
    lab.pass_time(2)
    if commit is not None:
        run_with_deaths(lab, monkeypatch, commit=commit, after=True)
    lab.drain()
    job.refresh_from_db()
    assert job.status == "completed", error_of(job)
    assert list(dict.fromkeys(sent)) == list(dict.fromkeys(SENT))
    assert value(job, "login") == {"header": f"Bearer {MASK}", "name": "me"}
    for payload in Payload.objects.filter(job=job):
        assert SECRET not in _text(payload), (payload.path, payload.kind)


def _text(payload: Payload) -> str:
    if payload.blob_id is None:
        return payload.body or ""
    with open_blob(payload.blob_id) as stream:
        return stream.read().decode()
