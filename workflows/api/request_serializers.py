"""Requests to activate as the API takes and gives them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.serializers import StrictModelSerializer, StrictSerializer
from common.canonical import Json
from workflows.api.serializers import DefinitionProblemSerializer, JsonTextField
from workflows.models import ActivationRequest, RequestStatus
from workflows.preview_shown import PreviewShown
from workflows.services.freezing import NOTE_LENGTH


class PreviewShownSerializer(StrictSerializer):
    """What the last preview came to that was shown with a request; `same`: it ran exactly what is asked for."""

    id = serializers.IntegerField()
    status = serializers.CharField()
    at = serializers.CharField()
    until = serializers.CharField()
    effects = serializers.BooleanField()
    same = serializers.BooleanField()


class ActivationRequestSerializer(StrictModelSerializer):
    """What somebody asks to become active, where that takes two people. `revision` is that of the draft, null for the
    active definition anew; `version` is the number that approving made active.
    """

    workflow = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    status = serializers.ChoiceField(choices=RequestStatus.choices, read_only=True)
    version = serializers.SlugRelatedField[Any](slug_field="number", read_only=True, allow_null=True)
    asked_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    decided_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)
    preview = serializers.SerializerMethodField()

    class Meta:
        model = ActivationRequest
        fields: tuple[str, ...] = (
            "id",
            "workflow",
            "status",
            "digest",
            "revision",
            "note",
            "preview",
            "asked_by",
            "asked_at",
            "decided_by",
            "decided_at",
            "comment",
            "version",
        )
        read_only_fields = fields

    @extend_schema_field(PreviewShownSerializer(allow_null=True))
    def get_preview(self, request: ActivationRequest) -> Json:
        """The preview that was looked at; null: none."""
        shown = PreviewShown.of_text(request.preview)
        if shown is None:
            return None
        kept = {name: getattr(shown, name) for name in ("id", "status", "at", "until", "effects")}
        return {**kept, "same": shown.draft == request.digest}


class ActivationRequestDetailSerializer(ActivationRequestSerializer):
    """A request with what is asked for. While it is open, `problems` says what is wrong with that by now, and
    `version_digest` which version approving would make active; empty while errors stand, and once it is decided.
    """

    definition = JsonTextField(source="draft", read_only=True)
    problems = serializers.SerializerMethodField()
    version_digest = serializers.SerializerMethodField()

    class Meta(ActivationRequestSerializer.Meta):
        fields = (*ActivationRequestSerializer.Meta.fields, "definition", "problems", "version_digest")
        read_only_fields = fields

    @extend_schema_field(DefinitionProblemSerializer(many=True))
    def get_problems(self, _request: ActivationRequest) -> Json:
        """What is wrong by now with what is asked for."""
        proposal = self.context["proposal"]
        return [problem.as_json() for problem in proposal.checked.problems] if proposal else []

    def get_version_digest(self, _request: ActivationRequest) -> str:
        """The digest to approve by."""
        proposal = self.context["proposal"]
        return str(proposal.digest) if proposal else ""


class RequestedSerializer(StrictSerializer):
    """The answer where activating takes two people: nothing is active yet."""

    request = ActivationRequestSerializer()


class ApproveSerializer(StrictSerializer):
    """`version_digest` as it was read: where another version would become active by now, 409 `request_changed`."""

    version_digest = serializers.CharField(required=False, max_length=71)


class RefuseSerializer(StrictSerializer):
    """Why."""

    comment = serializers.CharField(max_length=NOTE_LENGTH)
