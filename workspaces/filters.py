"""Filters of the workspace's own lists, for page and API alike."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django_filters.filters import CharFilter, MultipleChoiceFilter
from django_filters.filterset import FilterSet

from audit.actions import Action
from audit.models import AuditEntry
from audit.selectors import first_since
from common.api.filters import MomentFilter

_DISORDER = timedelta(hours=1)
"""By so much may the order of `at` differ from that of ids: clocks of several machines, open transactions."""


class AuditFilter(FilterSet):
    """Of the audit log. Those by stream, by target and by time cost the same however long it is. Action, actor and search
    are looked for among the newest first: narrow them by time where they are rare.
    """

    action = MultipleChoiceFilter(choices=Action.choices, distinct=False)
    actor = CharFilter()
    stream = CharFilter()
    target_type = CharFilter()
    target_id = CharFilter()
    created_after = MomentFilter(method="by_start")
    created_before = MomentFilter(method="by_end")
    search = CharFilter(method="search_label")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def by_start(self, entries: QuerySet[AuditEntry], _name: str, value: datetime) -> QuerySet[AuditEntry]:
        """Entries of `value` or later."""
        return entries.filter(at__gte=value, pk__gte=first_since(value - _DISORDER))

    def by_end(self, entries: QuerySet[AuditEntry], _name: str, value: datetime) -> QuerySet[AuditEntry]:
        """Entries before `value`."""
        return entries.filter(at__lt=value, pk__lt=first_since(value + _DISORDER))

    def search_label(self, entries: QuerySet[AuditEntry], _name: str, value: str) -> QuerySet[AuditEntry]:
        """Entries whose label contains `value`, or whose target has it as id."""
        return entries.filter(Q(label__icontains=value) | Q(target_id=value))
