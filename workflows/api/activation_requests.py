"""`/activation-requests/`: what one person asks to become active, and another one decides."""

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from workflows import services
from workflows.api.request_serializers import (
    ActivationRequestDetailSerializer,
    ActivationRequestSerializer,
    ApproveSerializer,
    RefuseSerializer,
)
from workflows.api.serializers import ActivationSerializer, NothingSerializer
from workflows.filters import ActivationRequestFilter
from workflows.models import ActivationRequest
from workflows.proposal import propose
from workspaces.api.base import ApiViewSet
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.permissions import Permission

_ID = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH)


@extend_schema_view(
    list=extend_schema(
        summary="What people ask to become active, newest first", responses=ActivationRequestSerializer
    )
)
class ActivationRequestViewSet(ListModelMixin, ApiViewSet):
    """Requests to activate, in a workspace where that takes two people."""

    permission_map = {
        "list": Permission.WORKFLOW_VIEW,
        "retrieve": Permission.WORKFLOW_VIEW,
        "approve": Permission.WORKFLOW_ACTIVATE,
        "refuse": Permission.WORKFLOW_ACTIVATE,
        "withdraw": Permission.WORKFLOW_ACTIVATE,
    }
    queryset = ActivationRequest.objects.none()
    serializer_class = ActivationRequestSerializer
    filterset_class = ActivationRequestFilter
    orderings = {"-id": ("-id",), "id": ("id",)}
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ActivationRequest]:
        """The requests of the caller's workspace."""
        if self.is_described:
            return ActivationRequest.objects.none()
        rows = ActivationRequest.objects.of(self.actor.workspace)
        if self.action == "list":
            return rows.for_lists()
        related = ("workflow__workspace", "workflow__active_version", "asked_by", "decided_by", "version")
        return rows.select_related(*related)

    @extend_schema(summary="One request", parameters=[_ID], responses=ActivationRequestDetailSerializer)
    def retrieve(self, _request: Request, id: str) -> Response:  # noqa: A002, ARG002 - `get_object` reads it
        """With the definition that is asked for, and what is wrong with it by now."""
        return self._detail(self.get_object())

    @extend_schema(
        summary="Approve: activate exactly what was asked for",
        request=ApproveSerializer,
        responses=ActivationSerializer,
        parameters=[_ID, IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - as above
        """403 `own_request` for who asked, whatever their role, also by a token; 409 `already_decided`."""
        asked = self.get_object()
        digest = ApproveSerializer.read(request.data).get("version_digest")

        def work() -> Response:
            done = services.approve(actor=self.actor, request=asked, expected_digest=digest)
            return Response(ActivationSerializer(done).data)

        return once(request, actor=self.actor, create=work)

    @extend_schema(
        summary="Refuse, and say why",
        request=RefuseSerializer,
        responses=ActivationRequestDetailSerializer,
        parameters=[_ID],
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - as above
        """403 `own_request` for who asked: they withdraw it."""
        asked = self.get_object()
        fields = RefuseSerializer.read(request.data)
        services.refuse(actor=self.actor, request=asked, **fields)
        return self._detail(self.get_object())

    @extend_schema(
        summary="Take back what one asked for",
        request=NothingSerializer,
        responses=ActivationRequestDetailSerializer,
        parameters=[_ID],
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - as above
        """403 for everybody but who asked."""
        asked = self.get_object()
        NothingSerializer.read(request.data)
        services.withdraw(actor=self.actor, request=asked)
        return self._detail(self.get_object())

    def _detail(self, asked: ActivationRequest) -> Response:
        proposal = propose(asked.workflow, asked.draft) if asked.is_open else None
        return Response(ActivationRequestDetailSerializer(asked, context={"proposal": proposal}).data)
