"""The filters of job lists, for pages and API alike."""

from datetime import datetime, timedelta
from functools import cached_property

from django.db import connection
from django.db.models import Q, QuerySet
from django_filters.filters import CharFilter, MultipleChoiceFilter
from django_filters.filterset import FilterSet

from common.api.filters import MomentFilter
from jobs.models import Job
from jobs.models.job import Source
from jobs.states import JobStatus
from workflows.models import Workflow
from workspaces.models import User

_LAST_CHARACTER = "\U0010ffff"
_LARGEST_ID = 2**63 - 1
_FEW = 500
"""So many jobs are named by number rather than looked for along the list."""
_DISORDER = timedelta(hours=1)
"""By so much may the order of `created_at` differ from that of ids: clocks of several machines, open transactions."""


class JobFilter(FilterSet):
    """Of a list of jobs that is scoped to a workspace already."""

    created_after = MomentFilter(method="by_start", label="from this moment on")
    created_before = MomentFilter(method="by_end", label="before this moment")
    status = MultipleChoiceFilter(
        choices=JobStatus.choices, distinct=False, label="status; may be given several times"
    )
    workflow = CharFilter(method="by_workflow", max_length=63, label="the workflow's slug")
    reference = CharFilter(method="by_reference", max_length=200, label="the whole reference")
    source = MultipleChoiceFilter(
        choices=Source.choices, distinct=False, label="source; may be given several times"
    )
    created_by = CharFilter(method="by_creator", max_length=150, label="the whole user name")
    search = CharFilter(
        method="by_search", max_length=200, label="the number, or how title or reference begin; case counts"
    )

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()

    @cached_property
    def of_any_status(self) -> QuerySet[Job]:
        """What the filters leave when status is not among them: what counts by status count. Only of valid values."""
        jobs: QuerySet[Job] = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name != "status":
                jobs = self.filters[name].filter(jobs, value)
        return jobs

    def filter_queryset(self, _queryset: QuerySet[Job]) -> QuerySet[Job]:
        """What all of the filters leave."""
        jobs: QuerySet[Job] = self.filters["status"].filter(
            self.of_any_status, self.form.cleaned_data["status"]
        )
        return jobs

    def by_start(self, jobs: QuerySet[Job], _name: str, value: datetime) -> QuerySet[Job]:
        """Jobs made at `value` or later. The list is in the order of ids, so its end is looked up by the index."""
        oldest = (
            jobs.filter(created_at__gte=value - _DISORDER).order_by("created_at").values_list("pk", flat=True)
        )
        return jobs.filter(created_at__gte=value, pk__gte=oldest.first() or _LARGEST_ID)

    def by_end(self, jobs: QuerySet[Job], _name: str, value: datetime) -> QuerySet[Job]:
        """Jobs made before `value`; the beginning of the list is looked up."""
        newest = (
            jobs.filter(created_at__lt=value + _DISORDER).order_by("-created_at").values_list("pk", flat=True)
        )
        return jobs.filter(created_at__lt=value, pk__lte=newest.first() or 0)

    def by_workflow(self, jobs: QuerySet[Job], _name: str, value: str) -> QuerySet[Job]:
        """Jobs of the workflow. Its id is looked up first, so that the index by workflow serves the list."""
        ids = list(Workflow.objects.filter(slug=value).values_list("pk", flat=True)[:1_000])
        return jobs.filter(workflow__in=ids) if len(ids) != 1 else jobs.filter(workflow=ids[0])

    def by_reference(self, jobs: QuerySet[Job], _name: str, value: str) -> QuerySet[Job]:
        """Jobs with that reference. SQLite uses the index, which leaves empty ones out, only when told so."""
        return jobs.filter(~Q(reference=""), reference=value)

    def by_creator(self, jobs: QuerySet[Job], _name: str, value: str) -> QuerySet[Job]:
        """Jobs that this user, or a token of theirs, has started."""
        return jobs.filter(
            created_by=User.objects.filter(username=value).values_list("pk", flat=True).first() or 0
        )

    def by_search(self, jobs: QuerySet[Job], _name: str, value: str) -> QuerySet[Job]:
        """As `search_jobs`."""
        return search_jobs(jobs, value)


def search_jobs(jobs: QuerySet[Job], given: str) -> QuerySet[Job]:
    """The job with that number, and those whose title or reference begins so.

    A few are looked up first, by the index of each column, and named by number: the database would rather read the
    whole list in its order. That is right where many begin so, for then the first page is soon found.
    """
    text = given.strip()
    number = text.removeprefix("#")
    is_number = number.isascii() and number.isdigit() and int(number[:20]) <= _LARGEST_ID
    itself = Q(pk=int(number[:20])) if is_number else Q(pk__in=[])
    begins = [_begins_with("title", text), _begins_with("reference", text)]
    found: set[int] = set()
    for condition in begins:
        found.update(jobs.filter(condition).order_by().values_list("pk", flat=True)[: _FEW + 1])
        if len(found) > _FEW:
            return jobs.filter(begins[0] | begins[1] | itself)
    return jobs.filter(itself | Q(pk__in=found))


def _begins_with(column: str, text: str) -> Q:
    """Texts that begin with `text`, so that the index of the column serves, which leaves empty texts out:
    PostgreSQL's has pattern operators, SQLite's is in the order of code points.
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": text}) & ~Q(**{column: ""})
    return Q(**{f"{column}__gte": text, f"{column}__lt": text + _LAST_CHARACTER}) & ~Q(**{column: ""})
