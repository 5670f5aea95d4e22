"""A wait: what a step needs before it can go on. Settled exactly once."""

from django.db import models
from django.db.models import Q

from jobs.models.job import Job
from jobs.models.payload import Payload
from jobs.states import WaitKind, WaitOutcome


class Wait(models.Model):
    """Opened by the job's owner with the commit that parks the job or goes on; settled by whoever answers
    (`settled_at IS NULL` is the guard); consumed by the owner, who moves the step run.
    """

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="waits", db_index=False)
    path = models.TextField()
    generation = models.SmallIntegerField(default=0)
    kind = models.CharField(max_length=12, choices=WaitKind)
    attempt = models.IntegerField(default=1)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=WaitOutcome, blank=True, default="")
    answer = models.ForeignKey(Payload, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "path", "generation", "kind"],
                condition=Q(kind__in=[WaitKind.APPROVAL, WaitKind.FORM, WaitKind.CALLBACK]),
                name="jobs_wait_answered_once",
                violation_error_message="This was asked already.",
            ),
            models.UniqueConstraint(
                fields=["job", "path", "generation", "attempt", "kind"],
                condition=Q(kind__in=[WaitKind.RETRY, WaitKind.DELAY, WaitKind.SUBJOB]),
                name="jobs_wait_attempt_once",
                violation_error_message="This attempt waits already.",
            ),
            models.UniqueConstraint(
                fields=["job", "path", "kind"],
                condition=Q(settled_at__isnull=True),
                name="jobs_wait_open_once",
                violation_error_message="A step has one open wait of a kind.",
            ),
        ]
        indexes = [
            models.Index("job", name="jobs_wait_open", condition=Q(settled_at__isnull=True)),
            # Whole: the removal of previews asks what refers to them.
            models.Index("job", name="jobs_wait_job"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.path}"
