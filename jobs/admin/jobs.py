"""Jobs, with links to everything that belongs to them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from jobs.admin.links import NOTHING, error_text, is_list, job_number, job_page, list_of, page_of
from jobs.filters import search_jobs
from jobs.models import Job
from jobs.selectors import JOB_FIELDS
from jobs.states import JobKind
from workflows.models import Workflow
from workspaces.admin_site import ReadOnlyAdmin, audited_workspaces, is_superuser, site
from workspaces.pages.addresses import address_of

_CHOICES = 200
"""How many workflows the filter offers."""
_NARROWED_BY = ("q", "parent__id__exact", "rerun_of__id__exact")
"""What leads from one job to others, of whatever kind."""


class WorkflowFilter(admin.SimpleListFilter):
    """The workflows that the person may see; asking the jobs which ones occur would read them all."""

    title = "workflow"
    parameter_name = "workflow"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Ids and slugs."""
        workflows = Workflow.objects.order_by("slug").values_list("pk", "slug")
        if not is_superuser(request):
            workflows = workflows.filter(workspace__in=audited_workspaces(request))
        return [(str(pk), slug) for pk, slug in workflows[:_CHOICES]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:  # noqa: ARG002
        """The jobs of the chosen one."""
        value = job_number(self.value() or "")
        return queryset if value is None else queryset.filter(workflow=value)


@admin.register(Job, site=site)
class JobAdmin(ReadOnlyAdmin):
    """Jobs. The list has outermost ones; sub-jobs and previews are found by number and from the page of another."""

    list_display = (
        "number", "name", "standing", "ran", "created_at", "finished_at", "workspace",
    )  # fmt: skip
    list_display_links = ("number", "name")
    list_filter = ("status", "source", WorkflowFilter)
    search_fields = ("=pk",)
    search_help_text = "The number, or how title or reference begin (case counts)."
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (
            "number", "title", "reference", "status", "failure", "progress", "links", "workspace", "of_workflow",
            "of_version", "digest", "source", "created_by", "created_at", "started_at", "finished_at",
        )}),
        ("Related jobs", {"fields": ("parent_job", "outermost_job", "rerun_of_job")}),
        ("How it ran", {
            "fields": (
                "kind", "priority", "queue", "worker", "due_at", "deadline_at", "cancel_at", "generation", "fence", "deaths",
            ),
            "description": (
                "Due: when a wait ends by itself. Deadline: when the job fails if it has not ended. Cancel: when somebody "
                "asked it to stop. Generation: how often it was resumed. Fence: how often a worker took it. Deaths: "
                "workers lost with it in hand since its last finished step."
            ),
        }),
        ("Proof", {
            "fields": ("uid", "head_seq", "head"),
            "description": (
                "The audit stream of the job is named after its UID. Head seq: how many entries it has. Head hash: the "
                "hash of the last one, which covers all before it."
            ),
        }),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """The list goes without errors and definitions."""
        rows = super().get_queryset(request)
        related = rows.select_related("workspace", "workflow", "version", "created_by", "owner")
        if not is_list(request):
            return related.defer("draft", "workflow__draft", "version__definition", "version__manifest")
        listed = rows.select_related("workspace", "workflow", "version", "created_by")
        listed = listed.only(*JOB_FIELDS, "workflow__name", "workspace__name")
        if any(request.GET.get(name) for name in _NARROWED_BY):
            return listed
        return listed.filter(kind=JobKind.JOB)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django names it
        queryset: QuerySet[Job],
        search_term: str,
    ) -> tuple[QuerySet[Job], bool]:
        """By number, title and reference, each with an index; a number alone is the primary key."""
        number = job_number(search_term)
        if number is not None and queryset.filter(pk=number).exists():
            return queryset.filter(pk=number), False
        return (search_jobs(queryset, search_term) if search_term.strip() else queryset), False

    def page_of_staff(self, row: Job) -> str:
        """The job's page."""
        return address_of("jobs:detail", row.pk)

    @admin.display(description="number", ordering="pk")
    def number(self, job: Job) -> str:
        """As people say it."""
        return f"#{job.pk}"

    @admin.display(description="title", empty_value="-")
    def name(self, job: Job) -> str:
        """The title, or the reference, or nothing."""
        return job.title or job.reference

    @admin.display(description="status")
    def standing(self, job: Job) -> str:
        """The status, and why it failed."""
        return f"{job.get_status_display()}: {job.error_code}" if job.error_code else job.get_status_display()

    @admin.display(description="workflow and version")
    def ran(self, job: Job) -> str:
        """What it runs; a preview has no version."""
        return f"{job.workflow.slug} {job.version.number if job.version else 'preview'}"

    @admin.display(description="workflow")
    def of_workflow(self, job: Job) -> str:
        """Linked."""
        return page_of(job.workflow, job.workflow.slug)

    @admin.display(description="version")
    def of_version(self, job: Job) -> str:
        """Linked: the page computes the digest again."""
        return page_of(job.version, str(job.version.number)) if job.version else "preview"

    @admin.display(description="digest")
    def digest(self, job: Job) -> str:
        """Of the version."""
        return job.version.digest if job.version else NOTHING

    @admin.display(description="steps")
    def progress(self, job: Job) -> str:
        """Done, of those known."""
        return f"{job.done} of {job.total}"

    @admin.display(description="owner")
    def worker(self, job: Job) -> str:
        """The worker that has it in hand."""
        return str(job.owner or "none")

    @admin.display(description="error")
    def failure(self, job: Job) -> str:
        """What happened, and how to mend it."""
        return error_text(job.error)

    @admin.display(description="see")
    def links(self, job: Job) -> SafeString:
        """What belongs to it."""
        found = (
            list_of("jobs_steprun", "step runs", q=job.pk),
            list_of("jobs_payload", "values (payloads)", q=job.pk),
            list_of("jobs_wait", "waits", q=job.pk),
            list_of("jobs_file", "files", q=job.pk),
            list_of("jobs_job", "sub-jobs", parent__id__exact=job.pk),
            list_of("jobs_job", "run again as", rerun_of__id__exact=job.pk),
            list_of("audit_auditentry", "audit entries", q=job.stream),
        )
        return format_html_join(" · ", "{}", ((link,) for link in found))

    @admin.display(description="parent")
    def parent_job(self, job: Job) -> str:
        """The job whose step started it, and the path of that step."""
        if job.parent_id is None:
            return NOTHING
        return format_html_join(" ", "{}", ((part,) for part in (job_page(job.parent_id), job.parent_path)))

    @admin.display(description="outermost job")
    def outermost_job(self, job: Job) -> str:
        """Linked; nothing for an outermost job."""
        return job_page(job.root_id)

    @admin.display(description="runs again")
    def rerun_of_job(self, job: Job) -> str:
        """The job that it repeats."""
        return job_page(job.rerun_of_id)

    @admin.display(description="head hash")
    def head(self, job: Job) -> str:
        """Of its audit stream, in hexadecimal."""
        return bytes(job.head_hash).hex()
