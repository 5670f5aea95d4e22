"""What belongs to one job: step runs, waits, files. Their lists are empty until a job is named: all of them together
are of no use to anybody, and too many to count.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.text import capfirst

from common.canonical import loads
from jobs.admin.links import NOTHING, error_text, is_list, job_number, job_page
from jobs.models import File, StepRun, Wait
from workspaces.admin_site import ReadOnlyAdmin, json_text, site
from workspaces.pages.addresses import address_of


class OfOneJob(ReadOnlyAdmin):
    """Rows of the job whose number is searched for."""

    workspace_path = "job__workspace"
    search_fields = ("=job__id",)
    search_help_text = "The number of a job, such as 1042; the page of a job leads here, too."
    ordering = ("id",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Nothing in a list without a search."""
        rows = super().get_queryset(request)
        return rows.none() if is_list(request) and not request.GET.get("q", "").strip() else rows

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django names it
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """By the number of the job."""
        number = job_number(search_term)
        return (queryset.none() if number is None else queryset.filter(job=number)), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, titled with the job whose rows it has."""
        number = job_number(request.GET.get("q", ""))
        named = (
            {}
            if number is None
            else {"title": f"{capfirst(str(self.opts.verbose_name_plural))} of job #{number}"}
        )
        return super().changelist_view(request, {**named, **(extra_context or {})})

    @admin.display(description="job")
    def of_job(self, row: Any) -> str:
        """Linked."""
        return job_page(row.job_id)


@admin.register(StepRun, site=site)
class StepRunAdmin(OfOneJob):
    """Step runs of a job, in the order of their starts."""

    list_display = ("path", "type", "status", "reason", "attempt", "started_at", "finished_at", "error_code")
    list_filter = ("status",)
    ordering = ("ordinal",)
    fieldsets = (
        (None, {"fields": (
            "of_job", "path", "key", "type", "status", "reason", "failure", "started_at", "finished_at", "sub_job",
            "attempt", "earlier",
        )}),
        ("How it ran", {
            "fields": ("ordinal", "generation", "key_generation", "deaths", "fence", "action_version", "release"),
            "description": (
                "Ordinal: its place in the order of starts. Generation: the resume in which it was last started. Key "
                "generation: the generation in the idempotency key that services see. Deaths: workers lost with it in "
                "hand. Fence: the claim of the job that wrote it. Action version and release: the code that ran it."
            ),
        }),
    )  # fmt: skip

    def page_of_staff(self, row: StepRun) -> str:
        """The step on the job's page."""
        page = address_of("jobs:step", row.job_id)
        return f"{page}?{urlencode({'path': row.path})}" if page else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[StepRun]:
        """The list goes without what steers a walk, and without earlier attempts."""
        rows = super().get_queryset(request)
        return rows.defer("decision", "attempts") if is_list(request) else rows

    @admin.display(description="error")
    def error_code(self, run: StepRun) -> str:
        """Its code."""
        return str(loads(run.error)["code"]) if run.error else ""

    @admin.display(description="sub-job")
    def sub_job(self, run: StepRun) -> str:
        """The job that the step started."""
        return job_page(run.child_id)

    @admin.display(description="error")
    def failure(self, run: StepRun) -> str:
        """What happened, and how to mend it."""
        return error_text(run.error)

    @admin.display(description="earlier attempts")
    def earlier(self, run: StepRun) -> str:
        """When, and with which error."""
        attempts = loads(run.attempts) if run.attempts else []
        if not attempts:
            return NOTHING
        return json_text([{**each, "error": (each["error"] or {}).get("code")} for each in attempts])


@admin.register(Wait, site=site)
class WaitAdmin(OfOneJob):
    """What a job waits or waited for."""

    list_display = ("path", "kind", "attempt", "since", "due_at", "settled_at", "outcome", "by")
    list_filter = ("kind",)
    fields = (
        "of_job", "path", "generation", "kind", "attempt", "since", "due_at", "settled_at", "outcome", "by",
    )  # fmt: skip


@admin.register(File, site=site)
class FileAdmin(OfOneJob):
    """Files: what they are. Their bytes are read through the API and the pages, which know who may."""

    workspace_path = "workspace"
    list_display = ("id", "name", "media_type", "size", "created_at", "of_job")
    list_select_related = ("blob",)
    search_help_text = "The number of the job that made it, or the whole id (file_…)."
    fields = ("id", "name", "media_type", "size", "digest", "workspace", "of_job", "created_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[File], search_term: str
    ) -> tuple[QuerySet[File], bool]:
        """By job or by id."""
        if search_term.strip().startswith("file_"):
            return queryset.filter(Q(pk=search_term.strip())), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="bytes")
    def size(self, file: File) -> int:
        """How many."""
        return file.blob.bytes

    @admin.display(description="SHA-256")
    def digest(self, file: File) -> str:
        """In hexadecimal."""
        return file.blob_id
