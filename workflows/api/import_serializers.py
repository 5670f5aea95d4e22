"""What an import came to, as the API gives it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.serializers import StrictSerializer
from common.canonical import Json
from workflows.api.request_serializers import ActivationRequestSerializer
from workflows.api.serializers import DefinitionProblemSerializer


class ImportedVersionSerializer(StrictSerializer):
    """The version that an import made active."""

    number = serializers.IntegerField()
    digest = serializers.CharField()
    created = serializers.BooleanField()


class ImportedSerializer(StrictSerializer):
    """What became of one document. `draft` is the revision of the draft, `version` null where it was not activated;
    `request` is what was asked for instead, where activating takes two people.
    """

    slug = serializers.CharField(source="workflow.slug")
    created = serializers.BooleanField()
    draft = serializers.IntegerField(source="workflow.draft_revision")
    version = serializers.SerializerMethodField()
    request = ActivationRequestSerializer(allow_null=True)
    problems = DefinitionProblemSerializer(many=True)

    @extend_schema_field(ImportedVersionSerializer(allow_null=True))
    def get_version(self, imported: Any) -> Json:
        """The version that the import made active."""
        activation = imported.activation
        if activation is None:
            return None
        version = activation.version
        return {"number": version.number, "digest": version.digest, "created": activation.created}


class ImportSerializer(StrictSerializer):
    """What became of each document, callees first."""

    workflows = ImportedSerializer(many=True)
