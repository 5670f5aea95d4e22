"""The filters of workflow lists, for pages and API alike."""

from typing import Any

from django.db.models import Q
from django_filters.filters import CharFilter, ChoiceFilter
from django_filters.filterset import FilterSet

from workflows.models import ActivationRequest, RequestStatus, Workflow, WorkflowQuerySet, WorkflowStatus


class WorkflowFilter(FilterSet):
    """`status`, and `search` in slug and name."""

    status = ChoiceFilter(choices=WorkflowStatus.choices, method="by_status", label="status")
    search = CharFilter(method="by_search", max_length=200, label="text in slug or name")

    class Meta:
        model = Workflow
        fields: tuple[str, ...] = ()

    def by_status(self, rows: WorkflowQuerySet, _name: str, value: Any) -> WorkflowQuerySet:
        """The workflows with that status."""
        return rows.with_status(value)

    def by_search(self, rows: WorkflowQuerySet, _name: str, value: str) -> WorkflowQuerySet:
        """The workflows whose slug or name holds `value`."""
        return rows.filter(Q(slug__icontains=value) | Q(name__icontains=value))


class ActivationRequestFilter(FilterSet):
    """`status`, and `workflow` by its slug."""

    status = ChoiceFilter(choices=RequestStatus.choices, label="status")
    workflow = CharFilter(field_name="workflow__slug", max_length=63, label="slug of the workflow")

    class Meta:
        model = ActivationRequest
        fields: tuple[str, ...] = ()
