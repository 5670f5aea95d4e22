"""`/workflows/`: workflows and their drafts."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from workflows import services
from workflows.api.request_serializers import RequestedSerializer
from workflows.api.requests import etag, revision_to_match
from workflows.api.serializers import (
    ActivateSerializer,
    ActivationSerializer,
    CreateSerializer,
    EditSerializer,
    NothingSerializer,
    WorkflowDetailSerializer,
    WorkflowSerializer,
)
from workflows.checking import check_draft
from workflows.filters import WorkflowFilter
from workflows.models import ActivationRequest, Workflow
from workflows.selectors import callers_of
from workspaces.api.base import LARGE_BODY, ApiViewSet
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.permissions import Permission

SLUG = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `ETag` of the draft that was edited. Missing: 428; the draft moved on: 409 `draft_changed`.",
)


@extend_schema_view(list=extend_schema(summary="The workspace's workflows", responses=WorkflowSerializer))
class WorkflowViewSet(ListModelMixin, ApiViewSet):
    """Workflows: a draft that people edit, and versions that never change."""

    permission_map = {
        "list": Permission.WORKFLOW_VIEW,
        "retrieve": Permission.WORKFLOW_VIEW,
        "create": Permission.WORKFLOW_EDIT,
        "partial_update": Permission.WORKFLOW_EDIT,
        "destroy": Permission.WORKFLOW_ARCHIVE,
        "activate": Permission.WORKFLOW_ACTIVATE,
        "reactivate": Permission.WORKFLOW_ACTIVATE,
        "deactivate": Permission.WORKFLOW_ACTIVATE,
        "archive": Permission.WORKFLOW_ARCHIVE,
        "restore": Permission.WORKFLOW_ARCHIVE,
    }
    max_body_bytes = LARGE_BODY
    queryset = Workflow.objects.none()
    serializer_class = WorkflowSerializer
    filterset_class = WorkflowFilter
    orderings = {
        "slug": ("slug",),
        "-slug": ("-slug",),
        "-updated_at": ("-updated_at", "-id"),
        "updated_at": ("updated_at", "id"),
        "-created_at": ("-created_at", "-id"),
        "created_at": ("created_at", "id"),
    }
    lookup_field = "slug"
    lookup_value_regex = SLUG

    def get_queryset(self) -> QuerySet[Workflow]:
        """The workflows of the caller's workspace."""
        rows = Workflow.objects.of(self.actor.workspace)
        if self.action == "list":
            return rows.for_lists()
        return rows.select_related("workspace", "active_version", "created_by")

    @extend_schema(
        summary="Create a workflow",
        request=CreateSerializer,
        responses={201: WorkflowDetailSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """An unfinished definition is fine; `problems` says what is missing."""
        fields = CreateSerializer.read(request.data)
        return once(request, actor=self.actor, create=partial(self._create, fields))

    @extend_schema(summary="One workflow with its draft", responses=WorkflowDetailSerializer)
    def retrieve(self, _request: Request, slug: str) -> Response:  # noqa: ARG002 - `get_object` reads it
        """With the problems of the draft, the active version and the workflows that call it. `ETag` is the draft's."""
        return self._detail(self.get_object())

    @extend_schema(
        summary="Edit the draft",
        request=EditSerializer,
        responses=WorkflowDetailSerializer,
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - as above
        """Never fails on an unfinished definition; `problems` says what is wrong with it."""
        workflow = self.get_object()
        revision = revision_to_match(request, needed=True)
        fields = EditSerializer.read(request.data)
        edited = services.save_draft(
            actor=self.actor, workflow=workflow, expected_revision=revision, **fields
        )
        return self._detail(edited)

    @extend_schema(summary="Archive a workflow", responses={204: None})
    def destroy(self, _request: Request, slug: str) -> Response:  # noqa: ARG002 - as above
        """The same as `archive/`: nothing is deleted."""
        services.archive(actor=self.actor, workflow=self.get_object())
        return Response(status=204)

    @extend_schema(
        summary="Freeze the draft as a version and make it active",
        request=ActivateSerializer,
        responses={200: ActivationSerializer, 202: RequestedSerializer},
        parameters=[IDEMPOTENCY_KEY, IF_MATCH],
    )
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - as above
        """409 `has_problems` while errors stand. `If-Match` is optional here. Where activating takes two people, 202 with
        the request that a second person decides at `/activation-requests/{id}/`.
        """
        workflow = self.get_object()
        fields = ActivateSerializer.read(request.data)
        revision = revision_to_match(request, needed=False)
        work = partial(
            services.activate_or_ask,
            actor=self.actor,
            workflow=workflow,
            expected_revision=revision,
            **fields,
        )
        return once(request, actor=self.actor, create=lambda: _activated(work()))

    @extend_schema(
        summary="Freeze the active definition anew, with what it calls today",
        request=ActivateSerializer,
        responses={200: ActivationSerializer, 202: RequestedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - as above
        """The draft plays no part. 409 `has_problems` where the definition no longer fits what it calls; 202 with a
        request where activating takes two people.
        """
        workflow = self.get_object()
        fields = ActivateSerializer.read(request.data)
        work = partial(services.reactivate, actor=self.actor, workflow=workflow, **fields)
        return once(request, actor=self.actor, create=lambda: _activated(work()))

    @extend_schema(
        summary="Let no new job start", request=NothingSerializer, responses=WorkflowDetailSerializer
    )
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - as above
        """Running jobs finish."""
        workflow = self.get_object()
        NothingSerializer.read(request.data)
        return self._detail(services.deactivate(actor=self.actor, workflow=workflow))

    @extend_schema(
        summary="Put a workflow into the archive",
        request=NothingSerializer,
        responses=WorkflowDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - as above
        """No new jobs, no more edits; running jobs finish, versions and history stay."""
        workflow = self.get_object()
        NothingSerializer.read(request.data)
        return self._detail(services.archive(actor=self.actor, workflow=workflow))

    @extend_schema(
        summary="Take a workflow out of the archive",
        request=NothingSerializer,
        responses=WorkflowDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - as above
        """It is a draft then; activating makes it run again."""
        workflow = self.get_object()
        NothingSerializer.read(request.data)
        return self._detail(services.restore(actor=self.actor, workflow=workflow))

    def _create(self, fields: dict[str, Any]) -> Response:
        workflow = services.create_workflow(actor=self.actor, workspace=self.actor.workspace, **fields)
        return self._detail(workflow, status=201)

    def _detail(self, workflow: Workflow, status: int = 200) -> Response:
        context = {"problems": check_draft(workflow).problems, "callers": callers_of(workflow)}
        body = WorkflowDetailSerializer(workflow, context=context).data
        return Response(body, status=status, headers={"ETag": etag(workflow.draft_revision)})


def _activated(done: services.Activation | ActivationRequest) -> Response:
    if isinstance(done, ActivationRequest):
        return Response(RequestedSerializer({"request": done}).data, status=202)
    return Response(ActivationSerializer(done).data)
