"""Workflows and versions as the API takes and gives them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.serializers import StrictModelSerializer, StrictSerializer
from common.canonical import Json, loads
from workflows.models import Workflow, WorkflowVersion
from workflows.services.freezing import NOTE_LENGTH

ANY_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field(OpenApiTypes.ANY)
class AnyJsonField(serializers.Field[Any, Any, Any, Any]):
    """A value that passes as it is; the service says what is wrong with it."""

    def to_internal_value(self, data: Any) -> Json:
        """The value as it came."""
        return data

    def to_representation(self, value: Any) -> Json:
        """The value as it is."""
        return value


@extend_schema_field(ANY_OBJECT)
class AnyObjectField(AnyJsonField):
    """The same for what shall be an object."""

    expects = "an object"


@extend_schema_field(ANY_OBJECT)
class JsonTextField(serializers.Field[Any, Any, Any, Any]):
    """A column of canonical JSON text as the value that it holds."""

    def to_representation(self, value: str) -> Json:
        """The value."""
        return loads(value)


class WorkflowSerializer(StrictModelSerializer):
    """A workflow as lists show it; `active_version` is a number."""

    status = serializers.CharField(read_only=True)
    active_version = serializers.SlugRelatedField[WorkflowVersion](
        slug_field="number", read_only=True, allow_null=True
    )
    revision = serializers.IntegerField(source="draft_revision", read_only=True)
    created_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)

    class Meta:
        model = Workflow
        fields: tuple[str, ...] = (
            "slug",
            "name",
            "description",
            "status",
            "active_version",
            "revision",
            "created_at",
            "created_by",
            "updated_at",
            "archived_at",
        )
        read_only_fields = fields


class DefinitionProblemSerializer(StrictSerializer):
    """One thing wrong with a definition."""

    level = serializers.ChoiceField(choices=("error", "warning"))
    code = serializers.CharField()
    path = serializers.CharField()
    message = serializers.CharField()
    fix = serializers.CharField()


class CallerSerializer(StrictSerializer):
    """An active workflow that calls this one: its slug and active version, and the version of this one it pins."""

    slug = serializers.CharField(source="workflow.slug")
    name = serializers.CharField(source="workflow.name")
    version = serializers.IntegerField(source="number")
    calls = serializers.IntegerField()


class ActiveVersionSerializer(StrictModelSerializer):
    """The version that new jobs run."""

    class Meta:
        model = WorkflowVersion
        fields = ("number", "digest", "created_at")
        read_only_fields = fields


class WorkflowDetailSerializer(WorkflowSerializer):
    """A workflow with its draft, what is wrong with that, its active version and who calls it.

    The context holds `problems` and `callers`.
    """

    draft = JsonTextField(read_only=True)
    active_version = ActiveVersionSerializer(read_only=True, allow_null=True)  # type: ignore[assignment]
    problems = serializers.SerializerMethodField()
    callers = serializers.SerializerMethodField()

    class Meta(WorkflowSerializer.Meta):
        fields = (*WorkflowSerializer.Meta.fields, "draft", "problems", "callers")
        read_only_fields = fields

    @extend_schema_field(DefinitionProblemSerializer(many=True))
    def get_problems(self, _workflow: Workflow) -> Json:
        """What is wrong with the draft."""
        return [problem.as_json() for problem in self.context["problems"]]

    @extend_schema_field(CallerSerializer(many=True))
    def get_callers(self, _workflow: Workflow) -> Json:
        """The active workflows that call it."""
        return CallerSerializer(self.context["callers"], many=True).data


class CreateSerializer(StrictSerializer):
    """A new workflow. `name` and `description` are set in the definition; without one the draft is empty."""

    slug = serializers.CharField(max_length=63)
    name = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    definition = AnyObjectField(required=False)


class EditSerializer(StrictSerializer):
    """An edit of the draft: a whole definition, or its name or description alone."""

    name = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    definition = AnyObjectField(required=False)


class ActivateSerializer(StrictSerializer):
    """A note on the version, for people."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=NOTE_LENGTH)


class NothingSerializer(StrictSerializer):
    """No fields."""


class ActivationSerializer(StrictSerializer):
    """The version that is active now; `created` is false when it was there already. `callers` go on calling an
    earlier version until they are activated anew.
    """

    number = serializers.IntegerField(source="version.number")
    digest = serializers.CharField(source="version.digest")
    created = serializers.BooleanField()
    callers = CallerSerializer(many=True)


class VersionSerializer(StrictModelSerializer):
    """A frozen version as lists show it."""

    active = serializers.SerializerMethodField()
    created_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)

    class Meta:
        model = WorkflowVersion
        fields: tuple[str, ...] = ("number", "digest", "active", "note", "created_at", "created_by")
        read_only_fields = fields

    def get_active(self, version: WorkflowVersion) -> bool:
        """Whether new jobs run it."""
        return version.pk == version.workflow.active_version_id


class VersionDetailSerializer(VersionSerializer):
    """A frozen version with its definition and manifest."""

    definition = JsonTextField(read_only=True)
    manifest = JsonTextField(read_only=True)

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "definition", "manifest")
        read_only_fields = fields


class ChangeSerializer(StrictSerializer):
    """One change between two definitions."""

    kind = serializers.ChoiceField(choices=("added", "removed", "changed", "moved"))
    path = serializers.CharField()
    key = serializers.CharField()
    before = AnyJsonField()
    after = AnyJsonField()


class DiffSerializer(StrictSerializer):
    """What changed from `a` to `b`."""

    a = serializers.CharField()
    b = serializers.CharField()
    changes = ChangeSerializer(many=True)
