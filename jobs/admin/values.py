"""Values of jobs and steps: only for those who may see them, and an auditor's look leaves an entry."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from common.canonical import loads
from common.redaction import MASK
from jobs.admin.links import is_list
from jobs.admin.parts import OfOneJob
from jobs.inputs import shown
from jobs.models import Payload
from jobs.states import PayloadKind
from jobs.storage import open_blob
from jobs.transitions import job_label
from workspaces.admin_site import actor_in, is_superuser, json_text, site
from workspaces.models import Membership, Role, User
from workspaces.reading import record_payload_reading

_SHOWN_BYTES = 256 << 10
"""Larger values are read through the API: a page of ten megabytes helps nobody."""


@admin.register(Payload, site=site)
class PayloadAdmin(OfOneJob):
    """Values of one job. The commitment is what the audit log holds of a value."""

    search_help_text = (
        f"{OfOneJob.search_help_text} Values are for admins, and for auditors who may read payloads; "
        "that an auditor opens one is recorded in the audit log."
    )
    list_display = ("kind", "path", "attempt", "bytes", "purged_at")
    list_display_links = ("kind", "path")
    list_filter = ("kind",)
    fields = ("of_job", "path", "kind", "attempt", "bytes", "purged_at", "commitment_text", "value")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; who may see no value is told so, for the list would look as if there were none."""
        if not is_superuser(request) and not _granted(request):
            words = "Values are hidden from you: your membership does not grant them. Ask an admin of the workspace."
            self.message_user(request, words, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payload]:
        """Those of workspaces where the person may see values; the list goes without them."""
        rows = super().get_queryset(request)
        if not is_superuser(request):
            rows = rows.filter(job__workspace__in=_granted(request))
        return rows.defer("body") if is_list(request) else rows.select_related("job__workspace")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Payload | None:
        """The value to be shown; for an auditor, that it is shown is recorded first."""
        payload: Payload | None = super().get_object(request, object_id, from_field)
        if payload is not None:
            job = payload.job
            record_payload_reading(
                actor=actor_in(request, job.workspace),
                target=("job", str(job.pk), job_label(job.title, job.pk)),
                paths=[f"{payload.path} {payload.kind}".strip()],
            )
        return payload

    @admin.display(description="commitment")
    def commitment_text(self, payload: Payload) -> str:
        """SHA-256 of salt and value, in hexadecimal."""
        return bytes(payload.commitment).hex()

    @admin.display(description="value")
    def value(self, payload: Payload) -> str:
        """The value itself, secrets masked."""
        if payload.purged_at is not None:
            return "removed"
        if payload.bytes > _SHOWN_BYTES:
            return f"{payload.bytes:,} bytes: read it at /api/v1/jobs/{payload.job_id}/"
        if payload.kind in (PayloadKind.SEALED_OUTPUT, PayloadKind.SEALED_ITEMS):
            return MASK
        stored: Any = loads(payload.body if payload.body is not None else _from_blob(payload))
        return json_text(shown(stored) if payload.kind == PayloadKind.INPUTS else stored)


def _granted(request: HttpRequest) -> list[int]:
    """The workspaces whose values this person may see."""
    assert isinstance(request.user, User)
    seeing = Q(role=Role.ADMIN) | Q(role=Role.AUDITOR, sees_payloads=True)
    return list(Membership.objects.filter(seeing, user=request.user).values_list("workspace_id", flat=True))


def _from_blob(payload: Payload) -> bytes:
    assert payload.blob_id is not None
    with open_blob(payload.blob_id) as stream:
        return stream.read()
