"""What went in and what came out. Kept apart from the rows that lists read."""

from django.db import models
from django.db.models import Q

from jobs.models.files import Blob
from jobs.models.job import Job
from jobs.states import PayloadKind


class Payload(models.Model):
    """One value, as canonical text in `body`, or in a blob when it is over 64 KiB.

    The audit log carries `commitment` = SHA-256(salt ‖ stored bytes), never the value: a purge takes value and
    salt, and the proof stays without anything to guess from. `path` is empty for the job's own values.
    """

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="payloads", db_index=False)
    path = models.TextField(blank=True, default="")
    kind = models.CharField(max_length=8, choices=PayloadKind)
    attempt = models.IntegerField(default=1)
    body = models.TextField(null=True, blank=True)  # noqa: DJ001 - null says where the value is
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="payloads")
    bytes = models.BigIntegerField()
    salt = models.BinaryField(null=True)
    commitment = models.BinaryField()
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "path", "kind", "attempt"],
                name="jobs_payload_once",
                violation_error_message="A step has one value of each kind per attempt.",
            ),
            models.CheckConstraint(
                condition=Q(body__isnull=False, blob__isnull=True, purged_at__isnull=True)
                | Q(body__isnull=True, blob__isnull=False, purged_at__isnull=True)
                | Q(body__isnull=True, blob__isnull=True, purged_at__isnull=False, salt__isnull=True),
                name="jobs_payload_place",
                violation_error_message="A value is in its row, in a blob, or purged.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.path or 'the job'}"
