"""A job: one run of a frozen version. Its row is also its place in the queue and the head of its audit stream."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import AuditStream
from jobs.models.worker import Worker
from jobs.states import JOB_ENDED, JobKind, JobStatus
from workflows.models import Workflow, WorkflowVersion
from workspaces.models import Workspace


class Priority(models.TextChoices):
    """How soon a queued job is claimed: high counts as ten minutes older, low as ten minutes younger."""

    HIGH = "high", "High"
    NORMAL = "normal", "Normal"
    LOW = "low", "Low"


class Source(models.TextChoices):
    """Who or what started a job."""

    UI = "ui", "Web UI"
    API = "api", "API"
    SCHEDULE = "schedule", "Schedule"
    WEBHOOK = "webhook", "Webhook"
    BATCH = "batch", "Batch"
    SUBJOB = "subjob", "Sub-job"
    COMMAND = "command", "Command"


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs and previews share a table; whoever shows the one leaves out the other."""

    def without_previews(self) -> Self:
        """Jobs with their sub-jobs."""
        return self.exclude(kind=JobKind.PREVIEW).filter(
            Q(root__isnull=True) | ~Q(root__kind=JobKind.PREVIEW)
        )

    def of_previews(self) -> Self:
        """Previews with their sub-jobs."""
        return self.filter(Q(kind=JobKind.PREVIEW) | Q(root__kind=JobKind.PREVIEW))


class Job(AuditStream):
    """One run. `head_seq` is both the length of its audit stream and its version: every change moves it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    version = models.ForeignKey(WorkflowVersion, on_delete=models.PROTECT, null=True, related_name="jobs")
    kind = models.CharField(max_length=10, choices=JobKind, default=JobKind.JOB)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="children", db_index=False
    )
    parent_path = models.TextField(blank=True, default="")
    parent_attempt = models.IntegerField(default=1)
    """Which attempt of the parent's step made it: one that a resume walks anew gets a new sub-job."""
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    """The outermost job; null for an outermost job itself."""
    slice_from = models.IntegerField(default=-1)
    slice_to = models.IntegerField(default=-1)
    draft = models.TextField(null=True, blank=True)  # noqa: DJ001 - null says "not a preview"
    status = models.CharField(max_length=12, choices=JobStatus, default=JobStatus.QUEUED)
    queue = models.CharField(max_length=40, default="default")
    needs = models.IntegerField(default=0)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)
    run_at = models.DateTimeField()
    claim_at = models.DateTimeField()
    """The order of claims: `run_at` less ten minutes for high, plus ten for low."""
    due_at = models.DateTimeField(null=True, blank=True)
    """While waiting: the earliest time at which a wait of it ends by itself."""
    fence = models.IntegerField(default=0)
    """How often it was claimed. Every write of an owner names the fence of its own claim."""
    lost_fence = models.IntegerField(default=0, db_default=0)
    """The fence whose owner was lost last; its next owner takes the job over."""
    owner = models.ForeignKey(
        Worker, on_delete=models.PROTECT, null=True, related_name="jobs", db_index=False
    )
    deaths = models.SmallIntegerField(default=0)
    """Workers that died with it in hand since a step of it last finished."""
    generation = models.SmallIntegerField(default=0)
    """How often it was resumed."""
    cancel_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.API)
    title = models.CharField(max_length=200, blank=True, default="")
    reference = models.CharField(max_length=200, blank=True, default="")
    dup_key = models.BinaryField(default=b"")
    """HMAC of the canonical inputs, to find a job that is doing the same already."""
    input_summary = models.CharField(max_length=200, blank=True, default="", db_default="")
    """The first inputs in a few words, for lists, which never read payloads: what is masked there is masked here. The
    database's default is for workers of a release before it."""
    rerun_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reruns")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_summary = models.CharField(max_length=500, blank=True, default="")
    error = models.TextField(blank=True, default="")
    """The whole `error` object as canonical text; lists read the two columns above."""

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status=JobStatus.IN_PROGRESS, owner__isnull=False)
                | (~Q(status=JobStatus.IN_PROGRESS) & Q(owner__isnull=True)),
                name="jobs_job_owner",
                violation_error_message="A job in progress has an owner, and no other job has one.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=JOB_ENDED, finished_at__isnull=False)
                | (~Q(status__in=JOB_ENDED) & Q(finished_at__isnull=True)),
                name="jobs_job_finished",
                violation_error_message="A job that has ended says when.",
            ),
            models.CheckConstraint(
                condition=Q(kind=JobKind.PREVIEW, version__isnull=True, draft__isnull=False)
                | (~Q(kind=JobKind.PREVIEW) & Q(version__isnull=False, draft__isnull=True)),
                name="jobs_job_definition",
                violation_error_message="A preview runs a draft, every other job a frozen version.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[JobKind.SUBJOB, JobKind.SLICE], parent__isnull=False)
                | (~Q(kind__in=[JobKind.SUBJOB, JobKind.SLICE]) & Q(parent__isnull=True)),
                name="jobs_job_parent",
                violation_error_message="Sub-jobs and slices have a parent, and no other job has one.",
            ),
            models.CheckConstraint(
                condition=Q(kind=JobKind.SLICE, slice_from__gte=0, slice_from__lt=F("slice_to"))
                | (~Q(kind=JobKind.SLICE) & Q(slice_from=-1, slice_to=-1)),
                name="jobs_job_slice",
                violation_error_message="A slice covers at least one item.",
            ),
            models.CheckConstraint(
                condition=Q(fence__gte=0, head_seq__gte=0),
                name="jobs_job_counters",
                violation_error_message="Counters never go below zero.",
            ),
            models.UniqueConstraint(
                fields=["parent", "parent_path", "slice_from", "parent_attempt"],
                name="jobs_job_child",
                violation_error_message="An attempt of a step has one sub-job.",
            ),
        ]
        indexes = [
            models.Index(
                "queue", "claim_at", "id", name="jobs_job_claim", condition=Q(status=JobStatus.QUEUED)
            ),
            models.Index(
                "due_at", name="jobs_job_due", condition=Q(status=JobStatus.WAITING, due_at__isnull=False)
            ),
            models.Index("owner", name="jobs_job_owned", condition=Q(owner__isnull=False)),
            models.Index("parent", name="jobs_job_children"),
            models.Index("workspace", F("id").desc(), name="jobs_job_list", condition=Q(kind="job")),
            models.Index(
                "workspace", "status", F("id").desc(), name="jobs_job_status", condition=Q(kind="job")
            ),
            models.Index("workflow", F("id").desc(), name="jobs_job_workflow", condition=Q(kind="job")),
            models.Index(
                "workspace",
                "workflow",
                "status",
                F("id").desc(),
                name="jobs_job_workflow_status",
                condition=Q(kind="job"),
            ),
            models.Index(
                "workspace", "source", F("id").desc(), name="jobs_job_source", condition=Q(kind="job")
            ),
            # Whole, for it also serves the foreign key.
            models.Index("created_by", "workspace", "kind", F("id").desc(), name="jobs_job_creator"),
            models.Index("workspace", "created_at", name="jobs_job_moment", condition=Q(kind="job")),
            models.Index(
                "workspace",
                F("finished_at").desc(),
                F("id").desc(),
                name="jobs_job_failed",
                condition=Q(kind="job", status=JobStatus.FAILED),
            ),
            models.Index("created_at", name="jobs_job_preview", condition=Q(kind=JobKind.PREVIEW)),
            # With pattern operators, so that PostgreSQL finds beginnings with them in any collation.
            models.Index(
                fields=["workspace", "reference"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="jobs_job_reference",
                condition=~Q(reference=""),
            ),
            models.Index(
                fields=["workspace", "title"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="jobs_job_title",
                condition=~Q(title=""),
            ),
            models.Index(
                "workflow", "dup_key", name="jobs_job_dup", condition=Q(finished_at__isnull=True, kind="job")
            ),
        ]

    def __str__(self) -> str:
        return f"Job #{self.pk}"

    @property
    def ended(self) -> bool:
        """Whether nothing will happen in it any more, unless a person resumes it."""
        return self.status in JOB_ENDED

    @property
    def stream(self) -> str:
        """The name of its audit stream."""
        return f"job:{self.uid}"
