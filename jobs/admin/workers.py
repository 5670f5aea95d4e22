"""Workers: who is alive. They belong to no workspace, so only superusers see them."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from jobs.models import Worker
from workspaces.admin_site import ReadOnlyAdmin, is_superuser, site


@admin.register(Worker, site=site)
class WorkerAdmin(ReadOnlyAdmin):
    """Worker processes, the newest first."""

    list_display = (
        "__str__", "queues", "release", "started_at", "beat_at", "lease_until", "stopping_at", "gone_at",
    )  # fmt: skip
    list_filter = (("gone_at", admin.EmptyFieldListFilter),)
    search_fields = ("=id", "=host")
    search_help_text = "The whole id or host name."
    ordering = ("-started_at",)
    sortable_by = ()
    fields = (
        "id", "cluster", "queues", "host", "boot_id", "pid_ns", "pid", "pid_start", "release", "started_at", "beat_at",
        "lease_until", "stopping_at", "gone_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        """All of them, for superusers."""
        return Worker.objects.all() if is_superuser(request) else Worker.objects.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Superusers."""
        return is_superuser(request)
