"""The sample job: started, watched and fetched through the HTTP API, as a program of your own would."""

import time
from collections.abc import Mapping
from typing import TextIO

from common.canonical import Json
from common.clock import monotonic
from jobs.demo.client import DemoClient
from jobs.demo.progress import Progress
from jobs.demo.samples import Sample, path_of
from jobs.states import JOB_ENDED, JobStatus

ENDED_WITHIN = 120.0
"""Seconds that the sample job may take."""
_POLL = 0.2
_SHOWN_TEXT = 2_000


def run_sample(client: DemoClient, sample: Sample, *, out: TextIO) -> bool:
    """Run the job, show its steps and its outputs. Whether it completed."""
    files = {key: client.upload(path_of(name), media_type="text/csv") for key, name in sample.files.items()}
    number = client.start_job(workflow=sample.workflow, inputs={**sample.inputs, **files}, title=sample.title)
    out.write(f"Job {number}, {sample.workflow}: {sample.title}\n")
    job = _watched(client, number, out=out)
    took = f" after {ENDED_WITHIN:.0f} seconds" if job["status"] not in JOB_ENDED else ""
    out.write(f"Job {number} is {job['status']}{took}.\n")
    if job["status"] != JobStatus.COMPLETED:
        _write_error(job, out=out)
        return False
    _write_outputs(client, client.outputs(number), out=out)
    return True


def _watched(client: DemoClient, number: int, *, out: TextIO) -> dict[str, Json]:
    progress = Progress(out)
    deadline = monotonic() + ENDED_WITHIN
    while True:
        job = client.job(number)  # before the steps, so that an ended job is shown with all of them
        progress.show(job, client.steps(number))
        if job["status"] in JOB_ENDED or monotonic() > deadline:
            return job
        time.sleep(_POLL)


def _write_error(job: Mapping[str, Json], *, out: TextIO) -> None:
    error = job.get("error") or {}
    for name in ("message", "happened", "fix"):
        if error.get(name):
            out.write(f"  {name}: {error[name]}\n")


def _write_outputs(client: DemoClient, outputs: Mapping[str, Json], *, out: TextIO) -> None:
    out.write("Outputs:\n")
    for key, value in outputs.items():
        if not isinstance(value, dict) or "sha256" not in value:
            out.write(f"  {key}: {value}\n")
            continue
        out.write(f"  {key}: {value['name']} ({value['bytes']} bytes)\n")
        if value["media_type"].startswith("text/plain") and value["bytes"] <= _SHOWN_TEXT:
            out.writelines(f"    | {line}\n" for line in client.file_text(value["id"]).splitlines())
