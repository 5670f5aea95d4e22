"""`/workflows/{slug}/versions/`: frozen versions, and what changed between two of them."""

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.api.serializers import DiffSerializer, VersionDetailSerializer, VersionSerializer
from workflows.api.workflows import SLUG
from workflows.diff import diff
from workflows.models import Workflow, WorkflowVersion
from workflows.selectors import definition_of
from workspaces.api.base import ApiViewSet
from workspaces.permissions import Permission

NUMBER = "[0-9]{1,9}"
PREFIX = rf"workflows/(?P<slug>{SLUG})/versions"
_SLUG = OpenApiParameter("slug", OpenApiTypes.STR, OpenApiParameter.PATH)
_NUMBER = OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH)
_OTHER = OpenApiParameter(
    "other", OpenApiTypes.STR, OpenApiParameter.PATH, description="A number, or `draft`."
)


@extend_schema_view(
    list=extend_schema(
        summary="A workflow's versions, newest first", parameters=[_SLUG], responses=VersionSerializer
    ),
    retrieve=extend_schema(
        summary="One version", parameters=[_SLUG, _NUMBER], responses=VersionDetailSerializer
    ),
)
class VersionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Frozen versions of a workflow."""

    permission_map = {
        "list": Permission.WORKFLOW_VIEW,
        "retrieve": Permission.WORKFLOW_VIEW,
        "diff": Permission.WORKFLOW_VIEW,
    }
    queryset = WorkflowVersion.objects.none()
    orderings = {"-number": ("-number",), "number": ("number",)}
    lookup_field = "number"
    lookup_value_regex = NUMBER

    def get_serializer_class(self) -> type[VersionSerializer]:
        """Lists leave definition and manifest out."""
        return VersionSerializer if self.action == "list" else VersionDetailSerializer

    def get_queryset(self) -> QuerySet[WorkflowVersion]:
        """The versions of the workflow that the address names. Raises `Http404`."""
        versions = self._workflow().versions.select_related("workflow", "created_by").defer("workflow__draft")
        return versions.defer("definition", "manifest") if self.action == "list" else versions

    @extend_schema(
        summary="What changed", parameters=[_SLUG, _NUMBER, _OTHER], responses=DiffSerializer, filters=False
    )
    @action(detail=True, methods=["get"], url_path=f"diff/(?P<other>{NUMBER}|draft)")
    def diff(self, _request: Request, slug: str, number: str, other: str) -> Response:  # noqa: ARG002 - `_workflow` reads it
        """The changes from version `number` to version `other`, or to the draft, told by keys."""
        workflow = self._workflow()
        try:
            before, after = definition_of(workflow, number), definition_of(workflow, other)
        except WorkflowVersion.DoesNotExist as error:
            raise Http404 from error
        changes = [change.as_json() for change in diff(before, after)]
        return Response({"a": number, "b": other, "changes": changes})

    def _workflow(self) -> Workflow:
        return get_object_or_404(Workflow.objects.of(self.actor.workspace), slug=self.kwargs["slug"])
