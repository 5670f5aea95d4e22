"""Workflows: a draft that people edit, and versions that never change."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit import triggers
from common.looks import Look, Tone
from workspaces.models import Workspace

VERSION_TABLE = "workflows_workflowversion"
triggers.protect(VERSION_TABLE)


class WorkflowStatus(models.TextChoices):
    """Whether a workflow can be run; it follows from its columns."""

    ACTIVE = "active", "Active"  # jobs can be started
    DRAFT = "draft", "Draft"  # no version is active
    ARCHIVED = "archived", "Archived"  # put away: no jobs, no edits


LOOKS: dict[str, Look] = {
    WorkflowStatus.ACTIVE: Look(word=_("Active"), icon="circle-check", tone=Tone.GOOD),
    WorkflowStatus.DRAFT: Look(word=_("Draft"), icon="pencil", tone=Tone.IDLE),
    WorkflowStatus.ARCHIVED: Look(word=_("Archived"), icon="archive", tone=Tone.STOPPED),
}
"""What people see of each status."""


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    """The reads of workflows."""

    def of(self, workspace: Workspace) -> Self:
        """The workflows of a workspace."""
        return self.filter(workspace=workspace)

    def with_status(self, status: str) -> Self:
        """Those with that status."""
        if status == WorkflowStatus.ARCHIVED:
            return self.filter(archived_at__isnull=False)
        return self.filter(archived_at=None, active_version__isnull=status == WorkflowStatus.DRAFT)

    def not_archived(self) -> Self:
        """Those that are in use: active ones and drafts."""
        return self.filter(archived_at=None)

    def with_open_request(self) -> Self:
        """Those that somebody asked to activate, and nobody decided."""
        return self.filter(models.Exists(open_requests()))

    def for_lists(self) -> Self:
        """Without the definitions, with what a row of a list shows."""
        related = self.select_related("active_version", "created_by")
        return related.defer("draft", "active_version__definition", "active_version__manifest")

    def with_unactivated(self) -> Self:
        """Each with `unactivated`: its draft is not what its active version holds, null where none is active; and with
        `open_request`, the id of the request that waits for a second person.
        """
        same = Q(draft=F("active_version__definition"))
        return self.annotate(
            unactivated=models.Case(
                models.When(active_version=None, then=None),
                models.When(same, then=False),
                default=True,
                output_field=models.BooleanField(null=True),
            ),
            open_request=models.Subquery(open_requests().values("pk")),
        )


class Workflow(models.Model):
    """A workflow of a workspace. `active_version` is the one that new jobs run; none: it cannot be run.

    `name` and `description` are copies of the draft's, for lists. `draft` is the definition as canonical text;
    `draft_revision` counts its edits and guards them (the API's ETag).
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="workflows")
    slug = models.CharField(max_length=63)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    draft = models.TextField()
    draft_revision = models.IntegerField(default=1)
    active_version = models.ForeignKey(
        "WorkflowVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "slug"],
                name="workflows_workflow_slug",
                violation_error_message="This workspace has a workflow with that slug already.",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(active_version=None),
                name="workflows_workflow_archived_inactive",
                violation_error_message="An archived workflow has no active version.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> WorkflowStatus:
        """Whether it can be run."""
        if self.archived_at is not None:
            return WorkflowStatus.ARCHIVED
        return WorkflowStatus.DRAFT if self.active_version_id is None else WorkflowStatus.ACTIVE

    @property
    def look(self) -> Look:
        """What people see of its status."""
        return LOOKS[self.status]


class WorkflowVersion(models.Model):
    """A frozen definition. `definition` and `manifest` are RFC 8785 texts, `digest` is the SHA-256 of the two
    together. The database refuses to change or delete a row.

    `needs` is the catalogue number of the newest action or expression version in the manifest: a worker whose
    own number is lower leaves the job to a newer one.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    definition = models.TextField()
    manifest = models.TextField()
    digest = models.CharField(max_length=71)
    needs = models.IntegerField()
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow", "number"],
                name="workflows_version_number",
                violation_error_message="That number is taken.",
            ),
            models.UniqueConstraint(
                fields=["workflow", "digest"],
                name="workflows_version_digest",
                violation_error_message="A version with this content exists already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow.slug} version {self.number}"


class RequestStatus(models.TextChoices):
    """Where a request to activate stands.

    requested → approved     a second person agreed: its snapshot is active
    requested → refused      a second person said no
    requested → withdrawn    who asked took it back
    requested → outdated     who asked asked anew, something else became active, or the workflow was archived
    """

    REQUESTED = "requested", "Requested"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    OUTDATED = "outdated", "Outdated"


REQUEST_MOVES: dict[RequestStatus, frozenset[RequestStatus]] = {
    **dict.fromkeys(RequestStatus, frozenset()),
    RequestStatus.REQUESTED: frozenset(RequestStatus) - {RequestStatus.REQUESTED},
}

REQUEST_LOOKS: dict[str, Look] = {
    RequestStatus.REQUESTED: Look(word=_("Waits for a second person"), icon="user-check", tone=Tone.WAIT),
    RequestStatus.APPROVED: Look(word=_("Approved"), icon="circle-check", tone=Tone.GOOD),
    RequestStatus.REFUSED: Look(word=_("Refused"), icon="circle-x", tone=Tone.BAD),
    RequestStatus.WITHDRAWN: Look(word=_("Withdrawn"), icon="undo-2", tone=Tone.STOPPED),
    RequestStatus.OUTDATED: Look(word=_("Outdated"), icon="ban", tone=Tone.STOPPED),
}
"""What people see of each status of a request."""


class ActivationRequestQuerySet(models.QuerySet["ActivationRequest"]):
    """The reads of requests to activate."""

    def of(self, workspace: Workspace) -> Self:
        """The requests of a workspace."""
        return self.filter(workflow__workspace=workspace)

    def open(self) -> Self:
        """Those that nobody has decided."""
        return self.filter(status=RequestStatus.REQUESTED)

    def for_lists(self) -> Self:
        """Without the definitions, with what a row of a list shows."""
        related = self.select_related("workflow", "asked_by", "decided_by", "version")
        return related.defer("draft", "workflow__draft", "version__definition", "version__manifest")


class ActivationRequest(models.Model):
    """What one person asks to become active, in a workspace where that takes two. `draft` is the snapshot as canonical
    text and never changes, whatever becomes of the workflow's draft; `digest` is its SHA-256, which the audit log has.

    `revision` is that of the draft it was; null: the active definition anew, with what it calls today. `version` is
    what approving made active. `preview` says as JSON what the last preview of it came to (`workflows.preview_shown`);
    empty: there was none.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="requests")
    draft = models.TextField()
    digest = models.CharField(max_length=71)
    revision = models.IntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    preview = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=RequestStatus, default=RequestStatus.REQUESTED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=500, blank=True)
    version = models.ForeignKey(WorkflowVersion, on_delete=models.PROTECT, null=True, related_name="requests")

    objects = ActivationRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow"],
                condition=Q(status="requested"),
                name="workflows_request_one_open",
                violation_error_message="Of a workflow one request waits at a time.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RequestStatus.values),
                name="workflows_request_status",
                violation_error_message="There is no such status.",
            ),
            models.CheckConstraint(
                condition=Q(status="requested", decided_at=None)
                | (~Q(status="requested") & Q(decided_at__isnull=False)),
                name="workflows_request_decision",
                violation_error_message="Of what is decided it is known when.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "refused"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="workflows_request_two_people",
                violation_error_message="Nobody decides what they asked for themselves.",
            ),
            models.CheckConstraint(
                condition=Q(status="approved", version__isnull=False)
                | (~Q(status="approved") & Q(version=None)),
                name="workflows_request_version",
                violation_error_message="An approved request names the version that it made active.",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} to activate {self.workflow.slug}"

    @property
    def look(self) -> Look:
        """What people see of its status."""
        return REQUEST_LOOKS[self.status]

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it."""
        return self.status == RequestStatus.REQUESTED


def open_requests() -> ActivationRequestQuerySet:
    """The open request of the workflow of an outer query; one at most."""
    return ActivationRequest.objects.open().filter(workflow=models.OuterRef("pk"))
