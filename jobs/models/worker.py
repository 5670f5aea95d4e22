"""A worker process. Liveness is said once per worker, not once per job."""

import uuid

from django.db import models
from django.db.models import Q


class Worker(models.Model):
    """One process that runs jobs. It is gone when its lease has passed and it is not provably alive, or when it
    is provably dead: same host, boot and pid namespace, and no such pid with that start time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cluster = models.CharField(max_length=40)
    queues = models.CharField(max_length=200)
    host = models.CharField(max_length=200)
    boot_id = models.CharField(max_length=64)
    pid_ns = models.CharField(max_length=64)
    pid = models.IntegerField()
    pid_start = models.CharField(max_length=40)
    release = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    stopping_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index("lease_until", name="jobs_worker_lease", condition=Q(gone_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.cluster} {self.host}:{self.pid}"
