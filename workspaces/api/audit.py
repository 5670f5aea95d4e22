"""`/audit/`: the workspace's whole log, for admins and auditors: read, verified, exported."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit import export
from audit.heads import as_bytes
from audit.models import AuditEntry
from audit.rules import entry_fields
from common import clock
from common.api.filters import filter_names, refuse_unknown
from common.api.serializers import MomentField, invalid
from common.canonical import Json
from common.errors import FieldError
from common.seats import SeatedLines, require_seat
from workspaces.api.base import ApiViewSet
from workspaces.filters import AuditFilter
from workspaces.permissions import Permission
from workspaces.reading import record_export, verify_log

_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
_FORMATS = list(_MEDIA_TYPES)


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
        with require_seat():
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
        if form not in _MEDIA_TYPES:
            message = f"expected one of {', '.join(_MEDIA_TYPES)}; got {form[:20]!r}"
            raise invalid([FieldError(path="format", code="not_a_choice", message=message)])
        filters: dict[str, Json] = {
            name: value for name, value in request.query_params.items() if name != "format"
        }
        if form == "jsonl":
            refuse_unknown(filters, frozenset())  # with entries left out, the chain could not be verified
            lines = export.workspace_jsonl(self.actor.workspace)
        else:
            lines = self._csv()
        seat = require_seat()
        try:
            record_export(actor=self.actor, form=form, filters=filters)
        except BaseException:
            seat.leave()
            raise
        name = f"audit-{self.actor.workspace.slug}-{clock.now():%Y%m%d-%H%M%S}.{form}"
        return StreamingHttpResponse(
            SeatedLines(lines, seat),
            content_type=_MEDIA_TYPES[form],
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _csv(self) -> Iterator[str]:
        entries = self.filter_queryset(self.get_queryset()).order_by("id")
        return export.entries_csv(entries.iterator(chunk_size=2_000))
