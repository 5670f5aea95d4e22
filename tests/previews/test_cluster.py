"""A preview in a real cluster whose worker is killed in the middle of it."""

import os
import signal

import pytest

from jobs.models import Job, StepRun
from jobs.states import JobStatus
from tests.previews.support import Bench
from tests.queue.processes import ROOT, Running, until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
DRAFT = """
steps:
  - {key: first, type: set, values: {v: 1}}
  - {key: slow, type: code, idempotent: true, timeout: 30s, source: "x = 0\\nfor i in range(6000000):\\n    x += 1\\nx"}
  - {key: last, type: set, values: {v: "{{ steps.first.output.v + 1 }}"}}
outputs: [{key: v, type: integer, value: steps.last.output.v}]
"""


def test_a_preview_whose_worker_is_killed_is_taken_over_like_a_job(child_environment: dict[str, str]) -> None:
    bench = Bench()
    bench.worker.row.delete()
    job = bench.begin(DRAFT)
    environment = {**child_environment, "STOP_GRACE": "2", "PYTHONPATH": str(ROOT)}
    running = Running(environment, "manage.py", "cluster", "--workers=2")
    try:
        slow = StepRun.objects.filter(job=job, path="slow")
        until(slow.filter(status="in_progress").exists)
        owner = Job.objects.select_related("owner").get(pk=job.pk).owner
        assert owner is not None
        os.kill(owner.pid, signal.SIGKILL)
        until(Job.objects.filter(pk=job.pk, deaths=1, fence__gt=1).exists)
        until(Job.objects.filter(pk=job.pk).exclude(finished_at=None).exists, within=40)
    finally:
        running.kill()
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED, job.error
    assert slow.get().attempt == 2
    assert StepRun.objects.get(job=job, path="first").attempt == 1
