"""A step run: what became of one step, block, item or turn of a job."""

from django.db import models
from django.db.models import Q

from jobs.models.job import Job
from jobs.states import StepStatus


class StepRun(models.Model):
    """One row per path. Only the job's owner writes it.

    `decision` is what steers the walk (branch taken, number of items, end of a loop, error caught) as canonical
    text: stored before anything inside the block, and read, never evaluated again. `attempts` holds the earlier
    attempts: `[{started_at, finished_at, error}]`. `generation` is the resume in which it was last started.
    """

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="step_runs", db_index=False)
    path = models.TextField()
    key = models.CharField(max_length=63)
    type = models.CharField(max_length=80)
    status = models.CharField(max_length=12, choices=StepStatus)
    reason = models.CharField(max_length=20, blank=True, default="")
    """Why it was skipped: `when`, `branch`. In a preview also a `PreviewMark`."""
    ordinal = models.IntegerField()
    """The order of starts within the job."""
    attempt = models.IntegerField(default=1)
    generation = models.SmallIntegerField(default=0)
    key_generation = models.SmallIntegerField(default=0)
    """The generation in the idempotency key: that of the last resume that followed a known answer."""
    deaths = models.SmallIntegerField(default=0)
    fence = models.IntegerField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")
    attempts = models.TextField(blank=True, default="")
    child = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    action_version = models.SmallIntegerField(default=0)
    release = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "path"],
                name="jobs_steprun_path",
                violation_error_message="A path has one step run.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=StepStatus.values),
                name="jobs_steprun_status",
                violation_error_message="There is no such step status.",
            ),
        ]
        indexes = [
            models.Index("job", "ordinal", name="jobs_steprun_ordinal"),
            # The removal of previews asks which steps refer to their sub-jobs.
            models.Index("child", name="jobs_steprun_child", condition=Q(child__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.path}: {self.status}"
