"""The history of a draft."""

from django.conf import settings
from django.db import models

from workflows.models.workflow import Workflow


class DraftSave(models.Model):
    """What a draft was after a save; the last `MOST_SAVES` of a workflow are kept, and each can be restored.

    `what` says in a few words what was changed. Saves of the same thing by the same person that follow each other
    quickly are one row, with the revision of the last of them.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="saves")
    revision = models.IntegerField()
    draft = models.TextField()
    what = models.CharField(max_length=200, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow", "revision"],
                name="workflows_draftsave_revision",
                violation_error_message="That revision is kept already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow.slug} revision {self.revision}"
