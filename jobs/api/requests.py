"""What requests about jobs may carry."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from common.api.serializers import StrictSerializer, invalid
from common.errors import FieldError
from common.names import SLUG, name_error
from jobs.models.job import Priority
from jobs.services import MAX_TEXT, OnDuplicate, RerunVersion
from jobs.waiting import LONGEST
from workflows.api.serializers import AnyObjectField

_LARGEST_NUMBER = 2**31 - 1


class _LineField(serializers.CharField):
    """One line of visible text, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_blank=True, max_length=MAX_TEXT, **options)

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises `ValidationError`."""
        text: str = super().to_internal_value(data)
        error = name_error(text, path="", longest=MAX_TEXT) if text else None
        if error is not None:
            raise ValidationError(error.message, code=error.code)
        return text


class StartSerializer(StrictSerializer):
    """A job to start."""

    workflow = serializers.CharField(help_text="The slug of an active workflow.")
    version = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=_LARGEST_NUMBER,
        help_text="Any frozen version; without it the active one.",
    )
    inputs = AnyObjectField(required=False, help_text="By the workflow's inputs; a file by its id.")
    title = _LineField(help_text="For people.")
    reference = _LineField(help_text="Yours: an order number, say. Jobs can be found by it.")
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    on_duplicate = serializers.ChoiceField(
        choices=[each.value for each in OnDuplicate],
        required=False,
        help_text="What to do when a job of the workflow with this reference (without one: with these inputs) has not ended.",
    )

    def validate_workflow(self, slug: str) -> str:
        """A slug: anything else is no workflow either."""
        if not SLUG.fullmatch(slug):
            raise ValidationError("expected the slug of a workflow, like monthly-report", code="pattern")
        return slug


class CancelSerializer(StrictSerializer):
    """Why; the audit log keeps it."""

    reason = _LineField()


class NothingSerializer(StrictSerializer):
    """No fields."""


class RerunSerializer(StrictSerializer):
    """Which version the new job runs."""

    version = serializers.ChoiceField(
        choices=[each.value for each in RerunVersion], required=False, help_text="`same` unless given."
    )


def seconds_of(request: Request, name: str, *, default: int) -> int:
    """A query parameter of whole seconds, 0 to 60. Raises `Problem` 422."""
    given = request.query_params.get(name, "")
    if not given:
        return default
    if given.isascii() and given.isdigit() and len(given) < 10 and int(given) <= LONGEST:
        return int(given)
    code = "too_large" if given.isascii() and given.isdigit() else "wrong_type"
    message = f"expected whole seconds from 0 to {LONGEST}, got {given[:20]!r}"
    raise invalid([FieldError(path=name, code=code, message=message)])
