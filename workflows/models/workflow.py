"""Workflows: a draft that people edit, and versions that never change."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit import triggers
from common.looks import Look, Tone
from workflows.models.request_status import RequestStatus
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
        """Those that somebody asked to activate, and nobody decided; one request of each at most."""
        return self.filter(requests__status=RequestStatus.REQUESTED)

    def for_lists(self) -> Self:
        """Without the definitions, with what a row of a list shows."""
        related = self.select_related("active_version", "created_by")
        return related.defer("draft", "active_version__definition", "active_version__manifest")

    def with_unactivated(self) -> Self:
        """Each with `unactivated`: its draft is not what its active version holds, null where none is active; and with
        `open_request`, the id of the request that waits for a second person.
        """
        same = Q(draft_digest=F("active_digest"))
        return self.annotate(
            unactivated=models.Case(
                models.When(active_version=None, then=None),
                models.When(same, then=False),
                default=True,
                output_field=models.BooleanField(null=True),
            ),
            waiting=models.FilteredRelation(
                "requests", condition=Q(requests__status=RequestStatus.REQUESTED)
            ),
            open_request=F("waiting__pk"),
        )


class Workflow(models.Model):
    """A workflow of a workspace. `active_version` is the one that new jobs run; none: it cannot be run.

    `name` and `description` are copies of the draft's, for lists. `draft` is the definition as JSON text in the order
    in which it was written; `draft_revision` counts its edits and guards them (the API's ETag). `draft_digest` is the
    digest of what it means, `active_digest` that of the definition activated last: by these two they are compared.
    `gallery` names the entry of the gallery that it was copied from; null: it was not. The gallery may have that entry
    no more.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="workflows")
    slug = models.CharField(max_length=63)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    draft = models.TextField()
    draft_digest = models.CharField(max_length=71, default="", db_default="")
    draft_revision = models.IntegerField(default=1)
    active_version = models.ForeignKey(
        "WorkflowVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    active_digest = models.CharField(max_length=71, default="", db_default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    gallery = models.CharField(max_length=63, null=True, blank=True)  # noqa: DJ001 - older releases leave it out

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
    def has_unactivated(self) -> bool:
        """Whether its draft means something else than its active version; False where none is active."""
        return self.active_version_id is not None and self.draft_digest != self.active_digest

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
