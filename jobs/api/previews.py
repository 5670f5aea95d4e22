"""`/workflows/{slug}/preview/`: run a draft as a preview."""

from functools import partial
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import StrictSerializer
from common.canonical import Json
from jobs.api.described import JobSerializer
from jobs.previews import start_preview
from jobs.selectors import job_view
from workflows.api.serializers import AnyObjectField
from workflows.models import Workflow
from workspaces.api.base import LARGE_BODY, ApiView
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.permissions import Permission


class PreviewSerializer(StrictSerializer):
    """A draft to try out."""

    inputs = AnyObjectField(required=False, help_text="By the draft's inputs; a file by its id.")
    until = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=63,
        help_text="The key of a step: the preview ends when that has ended for the first time.",
    )
    pins = AnyObjectField(
        required=False,
        help_text="Outputs by the key of their step, which is then not run. At most 256 KiB each, 1 MiB together.",
    )
    effects = serializers.BooleanField(
        required=False,
        help_text="Run actions that reach outside, too. Without it they are held back: `input` has what would be "
        "sent. Refused (409) where activating takes two people.",
    )

    def validate_pins(self, pins: Json) -> Json:
        """An object. Raises `ValidationError`."""
        if not isinstance(pins, dict):
            raise ValidationError("expected an object: outputs by the key of their step", code="wrong_type")
        return pins


class PreviewView(ApiView):
    """Previews of one workflow."""

    permission_map: ClassVar = {"post": Permission.WORKFLOW_PREVIEW}
    max_body_bytes = LARGE_BODY

    @extend_schema(
        operation_id="workflows_preview",
        summary="Preview a draft",
        request=PreviewSerializer,
        responses={201: JobSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Runs the draft once, whole or until a step. The answer is like a job; read it, and its steps, by its id. It is in
        no list, leaves no audit stream, and is removed after a day. 409 `has_problems` lists what stands against it.
        """
        fields = PreviewSerializer.read(request.data)
        rows = Workflow.objects.select_related("workspace")
        workflow = rows.filter(workspace=self.actor.workspace, slug=slug).first()
        if workflow is None:
            raise Http404
        return once(request, actor=self.actor, create=partial(self._start, workflow, fields))

    def _start(self, workflow: Workflow, fields: dict[str, Any]) -> Response:
        started = start_preview(actor=self.actor, workflow=workflow, **{"inputs": {}, **fields})
        view = job_view(started.job, sees_payloads=self.actor.sees_payloads, inputs=started.inputs)
        return Response(view, status=201)
