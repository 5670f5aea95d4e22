"""The audit log: hash-chained streams of entries that nothing can change."""

import uuid

from django.db import models

from audit import triggers
from audit.actions import Action
from audit.chain import TABLE

triggers.protect(TABLE)


class AuditStream(models.Model):
    """A row that has an audit stream of its own carries the stream's head: its length and its last hash.

    Whoever appends moves the head in the same transaction, so the head is the stream's lock as well.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    head_seq = models.IntegerField(default=0)
    head_hash = models.BinaryField(default=b"")

    class Meta:
        abstract = True

    @property
    def stream(self) -> str:
        """The name of its stream: `job:UID`, `workspace:UID`."""
        return f"{self._meta.model_name}:{self.uid}"


class AuditEntry(models.Model):
    """One thing that happened. `body` is the exact canonical text that was hashed; the other columns are copies
    of its fields, there to filter by. `hash` is SHA-256(prev ‖ body); `prev` is the entry before in the stream.
    """

    stream = models.CharField(max_length=80)
    """`job:UID` or `workspace:UID`."""
    seq = models.IntegerField()
    """From 1, without gaps."""
    at = models.DateTimeField()
    workspace = models.ForeignKey(
        "workspaces.Workspace", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    action = models.CharField(max_length=60)
    actor = models.CharField(max_length=200)
    target_type = models.CharField(max_length=40)
    target_id = models.CharField(max_length=80)
    label = models.CharField(max_length=200)
    request_id = models.CharField(max_length=80, blank=True)
    body = models.TextField()
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = TABLE
        verbose_name_plural = "audit entries"
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "seq"],
                name="audit_entry_stream_seq",
                violation_error_message="A stream has one entry of each number.",
            )
        ]
        indexes = [
            models.Index("workspace", models.F("id").desc(), name="audit_entry_workspace"),
            models.Index("target_type", "target_id", models.F("id").desc(), name="audit_entry_target"),
            models.Index(
                "workspace",
                models.F("id").desc(),
                name="audit_entry_checkpoint",
                condition=models.Q(action=Action.AUDIT_CHECKPOINT),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq}: {self.action}"
