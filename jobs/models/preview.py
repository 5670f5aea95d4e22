"""Previews: a draft tried out. And what a person keeps for the next ones: sample inputs, pinned outputs."""

from django.conf import settings
from django.db import models

from jobs.models.job import Job
from workflows.models import Workflow


class Preview(models.Model):
    """What a preview was asked, beside its row among the jobs, whose `draft` is what it runs. It goes with that row,
    a day after it was made.
    """

    job = models.OneToOneField(Job, on_delete=models.PROTECT, primary_key=True, related_name="preview")
    effects = models.BooleanField(default=False)
    """Whether actions that reach outside are run; else they are held back."""
    until = models.CharField(max_length=63, blank=True, default="")
    """The key of the step that it ends at; empty: the whole draft."""
    pins = models.TextField(default="{}")
    """Outputs by the key of the step that is not run: canonical JSON."""
    draft_digest = models.CharField(max_length=71, default="", db_default="")
    """Of what the whole draft meant then; the job's own is what was run of it."""
    manifest = models.TextField()
    """What a version would pin, of the moment in which it was started."""

    def __str__(self) -> str:
        return f"preview {self.job_id}"


class SampleInputs(models.Model):
    """The inputs that a person last tried a workflow with, for their next preview. Secrets are not among them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="+")
    inputs = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workflow"],
                name="jobs_sampleinputs_once",
                violation_error_message="A person keeps one set of sample inputs for a workflow.",
            )
        ]
        verbose_name_plural = "sample inputs"

    def __str__(self) -> str:
        return f"of {self.user_id} for {self.workflow_id}"


class Pin(models.Model):
    """An output that a person has pinned: in their previews the step is not run and has this output."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=63)
    output = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workflow", "key"],
                name="jobs_pin_once",
                violation_error_message="A person pins one output for a step.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.workflow_id}"
