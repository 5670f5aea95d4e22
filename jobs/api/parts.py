"""What belongs to one job: its step runs, its outputs, its audit entries."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from audit.models import AuditEntry
from common.api.pagination import CursorPages
from common.api.serializers import invalid
from common.canonical import Json
from common.errors import FieldError, Problem
from jobs.api.described import OUTPUTS, StatusSerializer, StepsSerializer
from jobs.api.hiding import require_payloads
from jobs.models import Job, Payload
from jobs.selectors import STEPS_AT_MOST, shown_error, steps_view
from jobs.states import JobStatus, PayloadKind
from jobs.storage import open_blob
from jobs.transitions import job_label
from workspaces.api.audit import AuditEntrySerializer
from workspaces.api.base import ApiView
from workspaces.permissions import Permission, can
from workspaces.reading import record_payload_reading

_PATHS_TOLD = 100
"""So many paths stand in the entry about an auditor's reading; the others are counted."""
_JSON = "application/json"
_LARGEST_ORDINAL = 2**31 - 1


class JobPart(ApiView):
    """A view of something that belongs to the job whose id is in the address."""

    def job(self, *columns: str) -> Job:
        """The job with these columns, or 404: it does not exist, belongs to others, or is a preview of which the
        caller may start none.
        """
        jobs = Job.objects.filter(workspace=self.actor.workspace, pk=int(self.kwargs["id"]))
        if not can(self.actor.role, Permission.WORKFLOW_PREVIEW):
            jobs = jobs.without_previews()
        job = jobs.only(*columns).first() if columns else jobs.first()
        if job is None:
            raise Http404
        return job

    def note_reading(self, job: Job, paths: Sequence[str]) -> None:
        """Leave an entry where an auditor reads values."""
        told = list(paths[:_PATHS_TOLD])
        if len(paths) > _PATHS_TOLD:
            told.append(f"and {len(paths) - _PATHS_TOLD} more")
        if told:
            target = ("job", str(job.pk), job_label(job.title, job.pk))
            record_payload_reading(actor=self.actor, target=target, paths=told)


class StepsView(JobPart):
    """The step runs of a job."""

    permission_map: ClassVar = {"get": Permission.JOB_VIEW}
    query_params: ClassVar = {"get": frozenset({"cursor", "page_size"})}

    @extend_schema(
        operation_id="jobs_steps",
        summary="The step runs of a job",
        responses=StepsSerializer,
        parameters=[
            OpenApiParameter("cursor", str, description="From `next`."),
            OpenApiParameter(
                "page_size", int, description=f"1 to {STEPS_AT_MOST:,}, which it is unless given."
            ),
        ],
    )
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """With sub-jobs nested under their step, and steps that were not reached in their places.

        Up to 1,000 step runs come at once, in the order of the definition; read on at `next` while it is not null. Pages
        follow each other in the order of starts, each in the order of the definition; a page may be shorter than
        `page_size` where values are large. Steps of the job itself that were not reached are on the last page.
        """
        size = _number(request, "page_size", largest=STEPS_AT_MOST, default=STEPS_AT_MOST)
        after = _number(request, "cursor", largest=_LARGEST_ORDINAL, default=0)
        job = self.job()
        hidden = not self.actor.sees_payloads
        page = steps_view(job, sees_payloads=not hidden, after=after, size=size)
        self.note_reading(job, page.read)
        address = request.build_absolute_uri()
        following = None if page.next is None else replace_query_param(address, "cursor", page.next)
        body = {"next": following, "results": page.steps}
        return Response(body | {"payloads_hidden": True} if hidden else body)


class OutputsView(JobPart):
    """The bare outputs of a job."""

    permission_map: ClassVar = {"get": Permission.JOB_VIEW}

    @extend_schema(
        operation_id="jobs_outputs",
        summary="The outputs of a completed job",
        responses={
            200: OUTPUTS,
            202: OpenApiResponse(StatusSerializer, "It has not ended yet."),
        },
    )
    def get(self, _request: Request, **_kwargs: Any) -> HttpResponseBase:
        """Just the object. 409 `job_failed` or `job_cancelled` with its `error`; 410 once they were removed."""
        job = self.job("status", "error", "title")
        require_payloads(self.actor)
        if not job.ended:
            return Response({"status": job.status}, status=HTTPStatus.ACCEPTED)
        if job.status != JobStatus.COMPLETED:
            raise _without_outputs(job)
        stored = Payload.objects.filter(job=job, path="", kind=PayloadKind.OUTPUTS).order_by("-attempt")
        found = stored.values_list("body", "blob_id").first()
        body, blob = found or (None, None)
        if body is None and blob is None:
            raise Problem(410, "outputs_purged", f"The outputs of job #{job.pk} were removed.")
        self.note_reading(job, ["outputs"])
        if blob is not None:
            return FileResponse(open_blob(blob), content_type=_JSON)
        return HttpResponse(body, content_type=_JSON)  # canonical text is what was promised, digit for digit


class AuditView(JobPart):
    """The audit entries of a job."""

    permission_map: ClassVar = {"get": Permission.JOB_AUDIT}
    query_params: ClassVar = {"get": frozenset({"cursor", "page_size", "ordering"})}
    orderings: ClassVar = {"seq": ("seq",), "-seq": ("-seq",)}
    pagination_class = CursorPages

    @extend_schema(
        operation_id="jobs_audit",
        summary="The audit entries of a job",
        responses=AuditEntrySerializer(many=True),
    )
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """In order, from the first. Those of sub-jobs are under their own ids."""
        pages = CursorPages()
        entries = AuditEntry.objects.filter(stream=self.job("uid").stream)
        page = pages.paginate_queryset(entries, request, view=self)
        return pages.get_paginated_response(AuditEntrySerializer(page, many=True).data)


def _without_outputs(job: Job) -> Problem:
    error: Json = shown_error(job.error, whole=True)
    if job.status == JobStatus.CANCELLED:
        return Problem(
            409, "job_cancelled", f"Job #{job.pk} was cancelled and has no outputs.", extra={"error": error}
        )
    return Problem(409, "job_failed", f"Job #{job.pk} failed and has no outputs.", extra={"error": error})


def _number(request: Request, name: str, *, largest: int, default: int) -> int:
    given = request.query_params.get(name, "")
    if not given:
        return default
    if given.isascii() and given.isdigit() and len(given) <= 10 and 1 <= int(given) <= largest:
        return int(given)
    message = f"expected a whole number from 1 to {largest}, got {given[:20]!r}"
    raise invalid([FieldError(path=name, code="format", message=message)])
