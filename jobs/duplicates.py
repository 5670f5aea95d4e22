"""Whether a job that has not ended does the same already."""

import hashlib
import hmac

from django.conf import settings

from common.canonical import Json, dumps
from jobs.models import Job
from jobs.states import JobKind


def duplicate_key(job: Job, values: dict[str, Json]) -> bytes:
    """What two jobs of a workflow with the same inputs have in common; nobody can guess inputs from it."""
    text = dumps([job.workflow_id, values]).encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()


def running_duplicate(job: Job) -> Job | None:
    """The oldest job not ended of the same workflow with the same reference; without one, the same inputs."""
    alike = Job.objects.filter(workflow_id=job.workflow_id, kind=JobKind.JOB, finished_at__isnull=True)
    alike = alike.filter(reference=job.reference) if job.reference else alike.filter(dup_key=job.dup_key)
    return alike.order_by("pk").first()
