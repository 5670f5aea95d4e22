"""A real cluster for tests, run as `python -m tests.queue.cluster_process WORKERS`. Its owner does as a job's title
says: `sleep SECONDS` works so long unless told to stop, `stubborn` works on whatever it is told, else it ends at once."""

import logging
import os
import sys
import time

import django

django.setup()

from django.db.models.functions import Now  # noqa: E402

from jobs.engine.claim import Claim  # noqa: E402
from jobs.engine.worker import WorkerHandle  # noqa: E402
from jobs.models import Job  # noqa: E402
from jobs.queue.cluster import HardenedCluster  # noqa: E402
from jobs.states import JobStatus  # noqa: E402


def run_job(claim: Claim, worker: WorkerHandle) -> None:
    mine = Job.objects.filter(pk=claim.id, fence=claim.fence, status=JobStatus.IN_PROGRESS)
    word, _, seconds = claim.title.partition(" ")
    if word == "sleep" and worker.stopping.wait(float(seconds)):
        mine.update(status=JobStatus.QUEUED, owner=None)
        return
    if word == "stubborn":
        time.sleep(60)
    if word == "raise":
        raise RuntimeError("a fault of the engine")
    mine.update(status=JobStatus.COMPLETED, owner=None, finished_at=Now(), reference=str(os.getpid()))


if __name__ == "__main__":
    logging.getLogger("django-q").setLevel(logging.WARNING)
    sys.exit(HardenedCluster(workers=int(sys.argv[1]), run=run_job).run())
