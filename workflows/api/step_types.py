"""`/step-types/`: what a step can be."""

from functools import lru_cache

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import StrictSerializer
from common.canonical import Json
from integrations.registry import all_actions
from workflows.api.serializers import AnyJsonField, AnyObjectField
from workflows.definition.schema import step_types
from workspaces.api.base import ApiView
from workspaces.permissions import Permission


class StepFieldSerializer(StrictSerializer):
    """One field of a step, as forms take it."""

    name = serializers.CharField()
    kind = serializers.CharField()
    help = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field of that name
    choices = serializers.ListField(child=serializers.CharField())
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    default = AnyJsonField()
    available = serializers.BooleanField()


class StepTypeSerializer(StrictSerializer):
    """A step type. `schema` is for the whole step; `config_schema` and `output_schema` are those of a leaf action."""

    type = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    group = serializers.ChoiceField(choices=("block", "step", "action"))
    version = serializers.IntegerField(required=False)
    schema = AnyObjectField()
    config_schema = AnyObjectField(allow_null=True)
    output_schema = AnyObjectField(allow_null=True)
    fields = StepFieldSerializer(many=True)  # type: ignore[assignment]  # the API's own word


class StepTypesSerializer(StrictSerializer):
    """Every step type, on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = StepTypeSerializer(many=True)


class StepTypesView(ApiView):
    """What a step can be."""

    permission_map = {"get": Permission.WORKFLOW_VIEW}

    @extend_schema(operation_id="step_types", summary="Every step type", responses=StepTypesSerializer)
    def get(self, _request: Request) -> Response:
        """With the JSON Schema of its fields, its config and its output."""
        return Response({"next": None, "previous": None, "results": _all()})


@lru_cache(maxsize=1)
def _all() -> list[Json]:
    return step_types(all_actions())
