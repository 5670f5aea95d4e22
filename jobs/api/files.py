"""`/files/`: upload a file, look at what it is, fetch its bytes."""

from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import invalid
from common.errors import FieldError
from jobs import storage, uploads
from jobs.api.described import FileSerializer
from jobs.api.hiding import require_payloads
from jobs.api.multipart import Received, UploadParser, prepare
from jobs.downloads import file_response
from jobs.models import File
from workspaces.api.base import ApiViewSet
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.permissions import Permission

_UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}


class FileViewSet(ApiViewSet):
    """Files of the workspace: uploaded, or made by jobs."""

    queryset = File.objects.select_related("blob")
    lookup_value_regex = "file_[0-9a-f]{32}"
    lookup_url_kwarg = "id"
    pagination_class = None  # type: ignore[assignment]  # there is no list
    filter_backends = ()  # type: ignore[assignment]  # as above
    parser_classes = (UploadParser,)  # type: ignore[assignment]
    permission_map: ClassVar = {
        "create": Permission.FILE_UPLOAD,
        "retrieve": Permission.FILE_VIEW,
        "content": Permission.FILE_VIEW,
    }

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Before anything reads the body: it goes to a temporary file, as far as a file may be large."""
        if request.method == "POST":
            prepare(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        summary="Upload a file",
        request=_UPLOAD,
        responses={201: FileSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """The file in the multipart field `file`, and nothing else. Name and media type are those of the field."""
        given = _the_file(request)
        stored = uploads.store_upload(
            actor=self.actor, name=given.name, media_type=given.media_type, content=given
        )
        identity = {"name": stored.name, "media_type": stored.media_type, "sha256": stored.sha256}
        return once(request, actor=self.actor, create=partial(self._add, stored), body=identity)

    @extend_schema(summary="What a file is", responses=FileSerializer)
    def retrieve(self, _request: Request, **_kwargs: Any) -> Response:
        """Its name, media type, size and digest."""
        require_payloads(self.actor)
        return Response(storage.file_value(self.get_object()))

    @extend_schema(
        operation_id="files_content",
        summary="The bytes of a file",
        responses={(200, "*/*"): OpenApiTypes.BINARY},
    )
    @action(detail=True)
    def content(self, request: Request, **_kwargs: Any) -> HttpResponseBase:
        """As an attachment with the file's media type. `ETag` is the digest, for `If-None-Match`."""
        require_payloads(self.actor)
        file: File = self.get_object()
        return file_response(
            actor=self.actor, file=file, if_none_match=request.headers.get("If-None-Match", "")
        )

    def _add(self, stored: uploads.Stored) -> Response:
        file = uploads.add_file(actor=self.actor, stored=stored)
        return Response(storage.file_value(file), status=201)


def _the_file(request: Request) -> Received:
    """The one file of the form. Raises `Problem` 422, or what reading the form raises."""
    unknown = sorted(set(request.data) - {"file"})
    if unknown:
        message = f"expected only the field file, got {unknown[0][:80]!r}"
        raise invalid([FieldError(path=unknown[0][:80], code="unknown", message=message)])
    files = request.FILES.getlist("file") if "file" in request.FILES else []
    if len(files) == 1 and isinstance(files[0], Received):
        return files[0]
    message = f"expected one file with a name in the multipart field file, got {len(files) or 'none'}"
    raise invalid([FieldError(path="file", code="too_long" if files else "required", message=message)])
