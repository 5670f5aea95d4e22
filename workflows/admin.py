"""Workflows and their versions in the admin site."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.canonical import loads
from workflows.definition.yaml_text import dump
from workflows.manifest import digest_holds
from workflows.models import ActivationRequest, Workflow, WorkflowVersion
from workspaces.admin_site import ReadOnlyAdmin, site
from workspaces.pages.addresses import address_of

_NEWEST = 50
"""How many versions the page of a workflow links; the others are found in the list of versions."""


@admin.register(Workflow, site=site)
class WorkflowAdmin(ReadOnlyAdmin):
    """Workflows, with their draft and their versions."""

    list_display = ("slug", "name", "workspace", "status", "active", "updated_at", "archived_at")
    list_select_related = ("workspace", "active_version")
    list_filter = (
        ("archived_at", admin.EmptyFieldListFilter),
        ("active_version", admin.EmptyFieldListFilter),
    )
    search_fields = ("=slug", "=pk")
    search_help_text = "The whole slug, or the number that the audit log names."
    ordering = ("-id",)
    fields = (
        "slug",
        "name",
        "description",
        "workspace",
        "status",
        "active",
        "newest_versions",
        "created_at",
        "created_by",
        "updated_at",
        "archived_at",
        "gallery",
        "draft_revision",
        "draft_text",
    )

    def page_of_staff(self, row: Workflow) -> str:
        """The workflow's page."""
        return address_of("workflows:detail", row.slug)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        """The list goes without the definitions."""
        rows = super().get_queryset(request).select_related("workspace", "active_version", "created_by")
        definitions = ("draft", "active_version__definition", "active_version__manifest")
        return rows.defer(*definitions) if _is_list(request) else rows

    @admin.display(description="active version")
    def active(self, workflow: Workflow) -> str:
        """The version that new jobs run, linked."""
        return _link(workflow.active_version) if workflow.active_version else "none"

    @admin.display(description="versions")
    def newest_versions(self, workflow: Workflow) -> SafeString:
        """The newest versions, linked."""
        versions = workflow.versions.defer("definition", "manifest").order_by("-number")[:_NEWEST]
        return format_html_join(", ", "{}", ((_link(version),) for version in versions)) or SafeString(
            "none: activate the draft"
        )

    @admin.display(description="draft")
    def draft_text(self, workflow: Workflow) -> SafeString:
        """The draft as people write it."""
        return _definition(workflow.draft, workflow.slug)


@admin.register(WorkflowVersion, site=site)
class WorkflowVersionAdmin(ReadOnlyAdmin):
    """Frozen versions; the page of one computes its digest again."""

    workspace_path = "workflow__workspace"
    list_display = ("__str__", "workspace", "digest", "note", "created_at", "created_by")
    list_select_related = ("workflow__workspace", "created_by")
    search_fields = ("=digest", "=workflow__slug")
    search_help_text = "The whole digest, or the whole slug of the workflow."
    ordering = ("-id",)
    sortable_by = ()
    fields = (
        "workflow",
        "workspace",
        "number",
        "digest",
        "verified",
        "needed",
        "note",
        "created_at",
        "created_by",
        "manifest_text",
        "definition_text",
    )

    def page_of_staff(self, row: WorkflowVersion) -> str:
        """The version's page."""
        return address_of("workflows:version", row.workflow.slug, row.number)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowVersion]:
        """The list goes without the definitions."""
        rows = super().get_queryset(request).select_related("workflow__workspace", "created_by")
        return rows.defer("definition", "manifest", "workflow__draft") if _is_list(request) else rows

    @admin.display(description="workspace")
    def workspace(self, version: WorkflowVersion) -> str:
        """Where it belongs."""
        return str(version.workflow.workspace)

    @admin.display(description="digest verified")
    def verified(self, version: WorkflowVersion) -> str:
        """What computing the digest anew came to."""
        if digest_holds(version):
            return "Yes: it is the SHA-256 of the definition and manifest below."
        return "NO: definition and manifest below are not what this digest was made of."

    @admin.display(description="needs")
    def needed(self, version: WorkflowVersion) -> str:
        """Which workers can run it."""
        return f"workers that know number {version.needs} of the catalogue of actions, or a newer one"

    @admin.display(description="manifest")
    def manifest_text(self, version: WorkflowVersion) -> SafeString:
        """What it pins."""
        return _definition(version.manifest, "")

    @admin.display(description="definition")
    def definition_text(self, version: WorkflowVersion) -> SafeString:
        """The definition as people write it."""
        return _definition(version.definition, version.workflow.slug)


@admin.register(ActivationRequest, site=site)
class ActivationRequestAdmin(ReadOnlyAdmin):
    """Who asked what to become active, and who decided."""

    workspace_path = "workflow__workspace"
    list_display = ("id", "workflow", "status", "asked_by", "asked_at", "decided_by", "decided_at")
    list_select_related = ("workflow", "asked_by", "decided_by")
    list_filter = ("status",)
    search_fields = ("=pk", "=workflow__slug")
    search_help_text = "The number that the audit log names, or the whole slug of the workflow."
    ordering = ("-id",)
    fields = (
        "workflow",
        "status",
        "asked_by",
        "asked_at",
        "revision",
        "note",
        "preview",
        "digest",
        "decided_by",
        "decided_at",
        "comment",
        "version",
        "definition_text",
    )

    def page_of_staff(self, row: ActivationRequest) -> str:
        """The request's page."""
        return address_of("workflows:request", row.workflow.slug, row.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ActivationRequest]:
        """The list goes without the definitions."""
        related = ("workflow__workspace", "asked_by", "decided_by", "version")
        rows = super().get_queryset(request).select_related(*related)
        definitions = ("draft", "workflow__draft", "version__definition", "version__manifest")
        return rows.defer(*definitions) if _is_list(request) else rows

    @admin.display(description="definition")
    def definition_text(self, row: ActivationRequest) -> SafeString:
        """The snapshot as people write it."""
        return _definition(row.draft, row.workflow.slug)


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and str(match.url_name).endswith("_changelist")


def _link(version: WorkflowVersion) -> SafeString:
    address = reverse("admin:workflows_workflowversion_change", args=[version.pk])
    return format_html('<a href="{}">{}</a>', address, version.number)


def _definition(text: str, slug: str) -> SafeString:
    """Canonical text as YAML, in a form that no content can break out of."""
    return format_html("<pre>{}</pre>", dump(loads(text), slug=slug))
