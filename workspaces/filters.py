"""Filters of the workspace's own lists, for page and API alike."""

from django.db.models import Q, QuerySet
from django_filters.filters import CharFilter, MultipleChoiceFilter
from django_filters.filterset import FilterSet

from audit.actions import Action
from audit.models import AuditEntry
from common.api.filters import MomentFilter


class AuditFilter(FilterSet):
    """Of the audit log. Those by stream and by target have an index of their own; the others narrow the newest."""

    action = MultipleChoiceFilter(choices=Action.choices)
    actor = CharFilter()
    stream = CharFilter()
    target_type = CharFilter()
    target_id = CharFilter()
    created_after = MomentFilter(field_name="at", lookup_expr="gte")
    created_before = MomentFilter(field_name="at", lookup_expr="lt")
    search = CharFilter(method="search_label")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def search_label(self, entries: QuerySet[AuditEntry], _name: str, value: str) -> QuerySet[AuditEntry]:
        """Entries whose label contains `value`, or whose target has it as id."""
        return entries.filter(Q(label__icontains=value) | Q(target_id=value))
