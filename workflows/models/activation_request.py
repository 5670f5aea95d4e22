"""What one person asks to become active, where that takes two."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.looks import Look
from workflows.models.request_status import REQUEST_LOOKS, RequestStatus
from workflows.models.workflow import Workflow, WorkflowVersion
from workspaces.models import Workspace


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
    text, as activating freezes it, and never changes, whatever becomes of the workflow's draft; `digest` is its SHA-256, which the audit log has.

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
                condition=Q(status=RequestStatus.REQUESTED),
                name="workflows_request_one_open",
                violation_error_message="Of a workflow one request waits at a time.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RequestStatus.values),
                name="workflows_request_status",
                violation_error_message="There is no such status.",
            ),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.REQUESTED, decided_at=None)
                | (~Q(status=RequestStatus.REQUESTED) & Q(decided_at__isnull=False)),
                name="workflows_request_decision",
                violation_error_message="Of what is decided it is known when.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[RequestStatus.APPROVED, RequestStatus.REFUSED])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="workflows_request_two_people",
                violation_error_message="Nobody decides what they asked for themselves.",
            ),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.APPROVED, version__isnull=False)
                | (~Q(status=RequestStatus.APPROVED) & Q(version=None)),
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
