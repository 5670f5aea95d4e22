"""What the API answers about jobs and files, for its description; the views give plain objects of this form."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.serializers import MomentField
from jobs.models.job import Source
from jobs.selectors import PENDING
from jobs.states import JobStatus, StepStatus, WaitKind
from workflows.api.serializers import ANY_OBJECT, AnyJsonField

STEP_STATUSES = [(PENDING, "Pending"), *StepStatus.choices]


@extend_schema_field(OpenApiTypes.ANY)
class _ValueField(AnyJsonField):
    """Any JSON value."""


class ProgressSerializer(serializers.Serializer[Any]):
    """Steps done, of those known so far."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()


class WaitSerializer(serializers.Serializer[Any]):
    """One thing that the job waits for."""

    kind = serializers.ChoiceField(choices=WaitKind.choices)
    path = serializers.CharField(help_text="From the outer job: `check[2].verdict/sign_off`.")
    since = MomentField()
    until = MomentField(allow_null=True)
    who = _ValueField()


class ErrorBriefSerializer(serializers.Serializer[Any]):
    """Why a job failed, in short."""

    code = serializers.CharField()
    message = serializers.CharField()


class ListedJobSerializer(serializers.Serializer[Any]):
    """A job without its values."""

    id = serializers.IntegerField()
    url = serializers.CharField(help_text="Its page.")
    workflow = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="Null for a preview.")
    digest = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=JobStatus.choices)
    title = serializers.CharField()
    reference = serializers.CharField()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]  # the API's own word
    error = ErrorBriefSerializer(allow_null=True)
    progress = ProgressSerializer()
    can_resume = serializers.BooleanField()
    cancel_requested_at = MomentField(allow_null=True)
    parent = serializers.IntegerField(  # type: ignore[assignment]  # as above
        allow_null=True, help_text="The job whose step started this sub-job."
    )
    rerun_of = serializers.IntegerField(allow_null=True)
    resumed = serializers.IntegerField(help_text="How often.")
    created_at = MomentField()
    started_at = MomentField(allow_null=True)
    finished_at = MomentField(allow_null=True)
    created_by = serializers.CharField(allow_null=True)


class JobSerializer(ListedJobSerializer):
    """A job."""

    inputs = _ValueField(help_text="Secret ones as `•••`; null once purged.")
    outputs = _ValueField(help_text="Null until it has completed.")
    error = _ValueField(  # type: ignore[assignment]
        help_text="`{code, message, step, path, reason, detail, happened, fix, prevent, help_url}`",
    )
    waiting_for = WaitSerializer(many=True)
    payloads_hidden = serializers.BooleanField(
        required=False, help_text="True for auditors without the grant to read values, which are null then."
    )


class AttemptSerializer(serializers.Serializer[Any]):
    """An earlier attempt of a step."""

    started_at = MomentField(allow_null=True)
    finished_at = MomentField(allow_null=True)
    error = _ValueField()


class StepRunSerializer(serializers.Serializer[Any]):
    """What became of one step, block, item or turn."""

    path = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField(help_text="A step type, or `item` or `turn` of a loop.")
    status = serializers.ChoiceField(choices=STEP_STATUSES)
    reason = serializers.CharField(help_text="Of `skipped`: `when`, `branch`, `not_reached`; else empty.")
    attempt = serializers.IntegerField(help_text="0 for a step that was not reached.")
    attempts = AttemptSerializer(many=True, help_text="The earlier ones.")
    idempotency_key = serializers.CharField(allow_null=True)
    input = _ValueField()
    output = _ValueField()
    error = _ValueField()
    log = _ValueField()
    started_at = MomentField(allow_null=True)
    finished_at = MomentField(allow_null=True)
    job = serializers.DictField(
        allow_null=True,
        help_text=(
            "The sub-job as lists show it, with its `steps`, paths from the outer job; `steps` is null where the page "
            "has no room: read them at `/jobs/{id}/steps/` of the sub-job."
        ),
    )


class StepsSerializer(serializers.Serializer[Any]):
    """Step runs; `next` goes on with those that started later."""

    next = serializers.URLField(allow_null=True)
    results = StepRunSerializer(many=True)
    payloads_hidden = serializers.BooleanField(required=False)


class StatusSerializer(serializers.Serializer[Any]):
    """Where a job stands that has no outputs yet."""

    status = serializers.ChoiceField(choices=JobStatus.choices)


class FileSerializer(serializers.Serializer[Any]):
    """A file: what inputs and outputs hold of it."""

    id = serializers.CharField(help_text="`file_…`: what inputs take.")
    name = serializers.CharField()
    media_type = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="In hexadecimal.")


OUTPUTS = ANY_OBJECT
