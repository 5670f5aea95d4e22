"""`/workflows/{slug}/export/` and `/workflows/import/`: workflows as files."""

from functools import partial
from typing import NoReturn

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.bodies import JsonParser
from common.canonical import Json
from common.errors import FieldError, Problem
from workflows.api.import_serializers import ImportSerializer
from workflows.api.requests import YamlParser, documents_of
from workflows.api.serializers import ANY_OBJECT
from workflows.exporting import export_documents, written
from workflows.models import Workflow, WorkflowVersion
from workflows.services.importing import ImportMode, import_workflows
from workspaces.api.base import LARGE_BODY, ApiView
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.permissions import Permission

_MEDIA_TYPES = {"yaml": "application/yaml", "json": "application/json"}
_SLUG = OpenApiParameter("slug", OpenApiTypes.STR, OpenApiParameter.PATH)
_FORMAT = OpenApiParameter("format", OpenApiTypes.STR, enum=["yaml", "json"])
_WITH = OpenApiParameter(
    "with_subworkflows", OpenApiTypes.BOOL, description="Also what it calls, callees first."
)
_VERSION = OpenApiParameter(
    "version",
    OpenApiTypes.STR,
    description="A number or `draft`; otherwise the active version, else the draft.",
)
_MODE = OpenApiParameter("mode", OpenApiTypes.STR, enum=["create", "draft"])
_ACTIVATE = OpenApiParameter(
    "activate", OpenApiTypes.BOOL, description="Activate each; problems undo everything."
)


class ExportView(ApiView):
    """A workflow as a file."""

    permission_map = {"get": Permission.WORKFLOW_VIEW}
    query_params = {"get": frozenset({"format", "with_subworkflows", "version"})}

    @extend_schema(
        operation_id="workflows_export",
        summary="A workflow as a file",
        parameters=[_SLUG, _FORMAT, _WITH, _VERSION],
        responses={(200, "application/yaml"): OpenApiTypes.ANY, (200, "application/json"): ANY_OBJECT},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """One document, or several; as JSON several are `{"workflows": […]}`. What it gives can be imported."""
        style = _choice(request, "format", ("yaml", "json"))
        rows = Workflow.objects.of(self.actor.workspace).select_related("active_version")
        workflow = get_object_or_404(rows, slug=slug)
        try:
            documents = export_documents(
                workflow,
                which=request.query_params.get("version", ""),
                with_subworkflows=_flag(request, "with_subworkflows"),
            )
        except WorkflowVersion.DoesNotExist as error:
            raise Http404 from error
        body = written(documents, style=style)
        name = f'attachment; filename="{slug}.{style}"'
        return HttpResponse(body, content_type=_MEDIA_TYPES[style], headers={"Content-Disposition": name})


class ImportView(ApiView):
    """Workflows from a file: all of them, or none."""

    permission_map = {"post": Permission.WORKFLOW_EDIT}
    query_params = {"post": frozenset({"mode", "activate"})}
    max_body_bytes = LARGE_BODY
    parser_classes = (JsonParser, YamlParser, MultiPartParser)  # type: ignore[assignment]

    @extend_schema(
        operation_id="workflows_import",
        summary="Workflows from a file",
        parameters=[_MODE, _ACTIVATE, IDEMPOTENCY_KEY],
        request={
            "application/yaml": OpenApiTypes.STR,
            "application/json": ANY_OBJECT,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            },
        },
        responses={200: ImportSerializer, 201: ImportSerializer},
    )
    def post(self, request: Request) -> Response:
        """`mode=create` (201) refuses a slug that is taken; `mode=draft` (200) replaces the draft that is there."""
        mode = ImportMode(_choice(request, "mode", tuple(ImportMode)))
        activate_all = _flag(request, "activate")
        documents = documents_of(request)
        create = partial(self._import, documents, mode=mode, activate_all=activate_all)
        return once(request, actor=self.actor, create=create, body=documents)

    def _import(self, documents: list[Json], *, mode: ImportMode, activate_all: bool) -> Response:
        imported = import_workflows(
            actor=self.actor,
            workspace=self.actor.workspace,
            documents=documents,
            mode=mode,
            activate_all=activate_all,
        )
        status = 201 if mode is ImportMode.CREATE else 200
        return Response(ImportSerializer({"workflows": imported}).data, status=status)


def _choice(request: Request, name: str, choices: tuple[str, ...]) -> str:
    """A query parameter that is one of `choices`; the first where it is not given."""
    given = request.query_params.get(name, choices[0])
    if given not in choices:
        _refuse(name, "not_a_choice", f"expected {' or '.join(choices)}, got {given[:40]!r}")
    return given


def _flag(request: Request, name: str) -> bool:
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        _refuse(name, "wrong_type", f"expected true or false, got {given[:40]!r}")
    return given == "true"


def _refuse(name: str, code: str, message: str) -> NoReturn:
    wrong = FieldError(path=name, code=code, message=message)
    raise Problem(422, "invalid", "The address has a query parameter with a wrong value.", errors=[wrong])
