"""`/jobs/`: start, list, read, wait for, cancel, resume and run jobs again."""

from functools import partial
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import invalid
from common.canonical import Json
from common.errors import FieldError
from jobs import services
from jobs.api.described import JobSerializer, ListedJobSerializer
from jobs.api.requests import (
    CancelSerializer,
    NothingSerializer,
    RerunSerializer,
    StartSerializer,
    seconds_of,
)
from jobs.filters import JobFilter
from jobs.models import Job
from jobs.models.job import JobQuerySet
from jobs.selectors import job_row, job_view, jobs_for_lists
from jobs.services import OnDuplicate, RerunVersion, Started
from jobs.states import JobKind
from jobs.transitions import job_label
from jobs.waiting import LONGEST, Until, wait_for
from workspaces.api.base import ApiViewSet
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.permissions import Permission, can
from workspaces.reading import record_payload_reading

_WAIT = OpenApiParameter(
    "wait",
    int,
    description=(
        f"Answer once the job has ended, or after so many seconds (0 to {LONGEST}) with the job as it is then. When "
        "half of the server's threads wait already, it answers at once."
    ),
)
_TIMEOUT = OpenApiParameter("timeout", int, description=f"Seconds, 0 to {LONGEST}; 30 unless given.")
_UNTIL = OpenApiParameter(
    "until",
    str,
    enum=[each.value for each in Until],
    description="`waiting`: also once it waits for a person or an outside answer. `ended` unless given.",
)


class JobViewSet(ApiViewSet):
    """Jobs of the workspace. Lists have outermost jobs; sub-jobs are read by their id, and previews by
    whoever may preview.
    """

    queryset = Job.objects.all()
    filterset_class = JobFilter
    lookup_value_regex = "[0-9]{1,18}"
    lookup_url_kwarg = "id"
    permission_map: ClassVar = {
        "list": Permission.JOB_VIEW,
        "retrieve": Permission.JOB_VIEW,
        "wait": Permission.JOB_VIEW,
        "create": Permission.JOB_START,
        "cancel": Permission.JOB_CANCEL,
        "resume": Permission.JOB_RESUME,
        "rerun": Permission.JOB_RERUN,
    }
    query_params: ClassVar = {
        "create": frozenset({"wait"}),
        "wait": frozenset({"timeout", "until"}),
    }

    def get_queryset(self) -> QuerySet[Job]:
        """The jobs of the workspace, without definitions."""
        jobs = super().get_queryset()
        if self.action == "list":
            return jobs_for_lists(jobs.filter(kind=JobKind.JOB))
        if not self.is_described and not can(self.actor.role, Permission.WORKFLOW_PREVIEW):
            jobs = cast("JobQuerySet", jobs).without_previews()
        return jobs.select_related("workflow", "version", "created_by").defer(
            "workflow__draft", "workflow__description", "version__definition", "version__manifest"
        )

    @extend_schema(summary="The workspace's jobs", responses=ListedJobSerializer(many=True))
    def list(self, _request: Request) -> Response:
        """A page of outermost jobs, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([job_row(job) for job in page or ()])

    @extend_schema(
        summary="Start a job",
        request=StartSerializer,
        responses={
            201: JobSerializer,
            200: OpenApiResponse(
                JobSerializer, "`on_duplicate: return`: the job that does the same already."
            ),
        },
        parameters=[IDEMPOTENCY_KEY, _WAIT],
    )
    def create(self, request: Request) -> Response:
        """Checks all inputs, then queues the job: it exists with everything it needs, or not at all."""
        seconds = seconds_of(request, "wait", default=0)
        fields = StartSerializer.read(request.data)
        fields["on_duplicate"] = OnDuplicate(fields.get("on_duplicate", OnDuplicate.ALLOW))
        answer = once(request, actor=self.actor, create=partial(self._start, fields))
        if seconds:
            wait_for(answer.data["id"], until=Until.ENDED, seconds=seconds)
            answer.data = self._view(self.get_queryset().get(pk=answer.data["id"]))
        return answer

    @extend_schema(summary="One job", responses=JobSerializer)
    def retrieve(self, _request: Request, **_kwargs: Any) -> Response:
        """With its inputs, and its outputs once it has completed."""
        return Response(self._view(self.get_object()))

    @extend_schema(
        summary="Wait for a job", responses=JobSerializer, parameters=[_TIMEOUT, _UNTIL], filters=False
    )
    @action(detail=True, pagination_class=None, filter_backends=())
    def wait(self, request: Request, **_kwargs: Any) -> Response:
        """The job, as soon as it has ended; after `timeout` as it is. When half of the server's threads wait
        already, it answers at once.
        """
        seconds = seconds_of(request, "timeout", default=30)
        until = until_of(request)
        job = self.get_object()
        if not job.ended:
            wait_for(job.pk, until=until, seconds=seconds)
            job = self.get_object()
        return Response(self._view(job))

    @extend_schema(
        summary="Ask a job to stop", request=CancelSerializer, responses={202: JobSerializer}, filters=False
    )
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=())
    def cancel(self, request: Request, **_kwargs: Any) -> Response:
        """Running steps reach a safe point and `finally` steps run, then it is cancelled; one that never started is
        cancelled at once. Asking again changes nothing. 409 `job_ended`, `sub_job`.
        """
        job = self.get_object()
        fields = CancelSerializer.read(request.data)
        services.cancel_job(actor=self.actor, job=job, **fields)
        return Response(self._view(self.get_object()), status=202)

    @extend_schema(
        summary="Go on with a failed job", request=NothingSerializer, responses=JobSerializer, filters=False
    )
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=())
    def resume(self, request: Request, **_kwargs: Any) -> Response:
        """From its failed steps; finished steps keep their results. `can_resume` says whether. 409 `not_resumable`."""
        job = self.get_object()
        NothingSerializer.read(request.data)
        services.resume_job(actor=self.actor, job=job)
        return Response(self._view(self.get_object()))

    @extend_schema(
        summary="Run a job again",
        request=RerunSerializer,
        responses={201: JobSerializer},
        parameters=[IDEMPOTENCY_KEY],
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=())
    def rerun(self, request: Request, **_kwargs: Any) -> Response:
        """A new job with the same inputs, linked by `rerun_of`."""
        job = self.get_object()
        version = RerunVersion(RerunSerializer.read(request.data).get("version", RerunVersion.SAME))

        def create() -> Response:
            return self._started(services.rerun_job(actor=self.actor, job=job, version=version))

        return once(request, actor=self.actor, create=create)

    def _start(self, fields: dict[str, Any]) -> Response:
        return self._started(services.start_job(actor=self.actor, **{"inputs": {}, **fields}))

    def _started(self, started: Started) -> Response:
        if not started.created:
            return Response(self._view(self.get_queryset().get(pk=started.job.pk)))
        view = job_view(started.job, sees_payloads=self.actor.sees_payloads, inputs=started.inputs)
        return Response(view, status=201)

    def _view(self, job: Job) -> dict[str, Json]:
        """The whole job; that an auditor reads its values is recorded."""
        view = job_view(job, sees_payloads=self.actor.sees_payloads)
        if self.actor.sees_payloads:
            read = [name for name in ("inputs", "outputs") if view[name] is not None]
            target = ("job", str(job.pk), job_label(job.title, job.pk))
            record_payload_reading(actor=self.actor, target=target, paths=read)
        return view


def until_of(request: Request) -> Until:
    """The query parameter `until`. Raises `Problem` 422."""
    given = request.query_params.get("until", Until.ENDED)
    if given in list(Until):
        return Until(given)
    message = f"expected one of {', '.join(Until)}; got {given[:40]!r}"
    raise invalid([FieldError(path="until", code="not_a_choice", message=message)])
