"""`/audit/`: the workspace's whole log, for admins and auditors: read, verified, exported."""

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit.heads import as_bytes
from audit.models import AuditEntry
from audit.rules import entry_fields
from common.api.filters import filter_names
from common.api.serializers import MomentField
from common.canonical import Json
from workspaces.api.base import ApiViewSet
from workspaces.filters import AuditFilter
from workspaces.permissions import Permission
from workspaces.reading import MEDIA_TYPES, LogFile, export_log, verify_log

_FORMATS = list(MEDIA_TYPES)


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One thing that happened."""

    at = MomentField()
    data = serializers.SerializerMethodField(help_text="Depends on the action.")  # type: ignore[assignment]
    previous_hash = serializers.SerializerMethodField()
    hash = serializers.SerializerMethodField(
        help_text="SHA-256 of the previous hash and the entry's exact text."
    )

    class Meta:
        model = AuditEntry
        fields: ClassVar = [
            "stream",
            "seq",
            "at",
            "action",
            "actor",
            "target_type",
            "target_id",
            "label",
            "request_id",
            "data",
            "previous_hash",
            "hash",
        ]

    def get_data(self, entry: AuditEntry) -> dict[str, Any]:
        """The members of the entry's text that are not columns; none where somebody has made it unreadable."""
        content = entry_fields(entry.body).get("data")
        return content if isinstance(content, dict) else {}

    def get_previous_hash(self, entry: AuditEntry) -> str:
        """In hexadecimal; empty for the first of a stream."""
        return as_bytes(entry.prev).hex()

    def get_hash(self, entry: AuditEntry) -> str:
        """In hexadecimal."""
        return as_bytes(entry.hash).hex()


class FindingSerializer(serializers.Serializer[Any]):
    """One thing wrong with the log."""

    stream = serializers.CharField()
    seq = serializers.IntegerField()
    kind = serializers.CharField()
    sentence = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    """What a verification read and found."""

    ok = serializers.BooleanField()
    streams = serializers.IntegerField()
    entries = serializers.IntegerField()
    checkpoints = serializers.IntegerField()
    checkpointed_until = serializers.CharField(help_text="Empty without a checkpoint.")
    found = serializers.IntegerField()
    findings = FindingSerializer(many=True, help_text="The first thousand.")


class AuditViewSet(ApiViewSet):
    """The audit log of the workspace."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
    permission_map: ClassVar = {
        "list": Permission.AUDIT_VIEW,
        "verify": Permission.AUDIT_VERIFY,
        "export": Permission.AUDIT_EXPORT,
    }
    query_params: ClassVar = {"export": frozenset({"format", *filter_names(AuditFilter)})}

    @extend_schema(summary="The log, the newest first", responses=AuditEntrySerializer(many=True))
    def list(self, _request: Request) -> Response:
        """A page of entries."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(AuditEntrySerializer(page, many=True).data)

    @extend_schema(
        operation_id="audit_verify", summary="Verify the log", responses=ReportSerializer, filters=False
    )
    @action(detail=False, pagination_class=None, filter_backends=())
    def verify(self, _request: Request) -> Response:
        """Verify every entry, link, head and checkpoint; takes time in proportion to the log. Leaves an entry.
        503 `busy` while half of the server's threads do what takes long.
        """
        return Response(ReportSerializer(verify_log(actor=self.actor)).data)

    @extend_schema(
        operation_id="audit_export",
        summary="Export the log",
        parameters=[
            OpenApiParameter(
                "format",
                str,
                enum=_FORMATS,
                required=True,
                description=(
                    "`jsonl` has the exact texts and hashes, and verifies on its own; `csv` is for reading."
                ),
            )
        ],
        responses={
            (200, media_type): OpenApiTypes.STR for media_type in ("text/csv", "application/x-ndjson")
        },
    )
    @action(detail=False, pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """The whole log as a file, streamed; CSV takes the filters of the list. Leaves an entry. 503 `busy` while half
        of the server's threads do what takes long.
        """
        form = request.query_params.get("format", "")
        filters: dict[str, Json] = {
            name: value for name, value in request.query_params.items() if name != "format"
        }
        entries = self.filter_queryset(self.get_queryset())
        return export_response(export_log(actor=self.actor, form=form, entries=entries, filters=filters))


def export_response(file: LogFile) -> StreamingHttpResponse:
    """The log as an attachment, for API and page."""
    return StreamingHttpResponse(
        file.lines,
        content_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
