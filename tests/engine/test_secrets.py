"""A secret input never reaches a row in clear, and one that cannot be read does not keep the job alive."""

import pytest

from common.canonical import dumps
from jobs.models import Job, Payload
from tests.engine.lab import Lab

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
