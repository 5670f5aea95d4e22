"""The list of jobs: found by filters that stand in the address, kept fresh while something on it can change."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from common import clock
from common.errors import FieldError, Problem
from common.paging import LARGEST_PAGE
from common.paging import Page as Slice
from jobs.export import jobs_csv
from jobs.models import Job
from jobs.pages.list_filters import ListFilters, require_valid
from jobs.selectors.listing import listed, newer_than, rows_for_list, sees_summaries, tallies
from jobs.states import JobKind
from workspaces.pages.base import Page, revision_of
from workspaces.permissions import Permission, can, roles_that_can

_NEWEST_FIRST = ("-id",)
_ROWS_PARAMETERS = frozenset({"row", "after", "revision"})
_ROLE_OF_THE_STARTER = roles_that_can(Permission.JOB_START)


class JobsPage(Page):
    """The page at `/jobs/`."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list; with a number that is searched for, the job of that number. Empty filters leave the address."""
        filters = ListFilters(request, self.actor)
        if any(not value.strip() for values in dict(request.GET.lists()).values() for value in values):
            return HttpResponseRedirect(filters.address())
        if filters.number is not None and self._is_here(filters.number):
            return self._away(f"/jobs/{filters.number}/")
        if not filters.valid:
            return self._page(filters, Slice(items=[], next=None, previous=None), status=422)
        jobs = rows_for_list(filters.filterset.qs)
        return self._page(filters, self.slice_of(jobs, ordering=_NEWEST_FIRST))

    def _page(self, filters: ListFilters, page: Slice[Job], *, status: int = 200) -> HttpResponse:
        counted = filters.filterset.of_any_status if filters.valid else None
        counts = {} if counted is None else tallies(counted, by_index=filters.counts_by_index)
        first = "cursor" not in self.request.GET
        newest = page.items[0].pk if page.items else 0
        address = filters.address(
            reverse("jobs:rows"),
            row=[str(job.pk) for job in page.items],
            after=str(newest) if first else None,
        )
        region = _region(self, page.items, 0, address=address, newer=first and filters.valid, filters=filters)
        return self.render(
            "jobs/list.html",
            status=status,
            page=page,
            tabs=filters.tabs(counts),
            chips=filters.chips(),
            nothing_yet=not filters.active and first and not page.items,
            may_cancel=can(self.actor.role, Permission.JOB_CANCEL),
            may_rerun=can(self.actor.role, Permission.JOB_RERUN),
            may_start=can(self.actor.role, Permission.JOB_START),
            start_takes=_ROLE_OF_THE_STARTER,
            csv_url=filters.address(reverse("jobs:csv")),
            **region,
        )

    def _is_here(self, number: int) -> bool:
        found = Job.objects.filter(workspace=self.actor.workspace, pk=number)
        return found.without_previews().exists()

    def _away(self, address: str) -> HttpResponse:
        """To another page; a form that htmx sends would put it into this one."""
        if getattr(self.request, "htmx", False):
            return HttpResponseClientRedirect(address)
        return HttpResponseRedirect(address)


class JobRows(Page):
    """The live part: the rows that the address names, and how many newer jobs there are. 204 while nothing changed."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest) -> HttpResponse:
        """At most three queries: heads, rows, steps; and one for newer jobs on the first page."""
        filters = ListFilters(request, self.actor, besides=_ROWS_PARAMETERS)
        require_valid(filters)
        numbers = _numbers(request.GET.getlist("row"))
        after = _numbers(request.GET.getlist("after")[:1])
        newer = newer_than(filters.filterset.qs, after[0]) if after else 0
        mine = Job.objects.filter(workspace=self.actor.workspace, kind=JobKind.JOB, pk__in=numbers)
        heads = mine.order_by("-id").values_list("pk", "status", "head_seq")
        revision = revision_of(self.actor.workspace.pk, newer, *heads)
        if request.GET.get("revision") == revision:
            return HttpResponse(status=204)
        jobs = list(rows_for_list(mine).order_by("-id"))
        address = filters.address(
            reverse("jobs:rows"),
            row=[str(number) for number in numbers],
            after=str(after[0]) if after else None,
        )
        context = _region(self, jobs, newer, address=address, newer=bool(after), filters=filters)
        return self.render("jobs/_list_rows.html", **context)


class JobsCsv(Page):
    """All jobs that the filters leave, as CSV."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Streamed, the newest first."""
        filters = ListFilters(request, self.actor)
        require_valid(filters)
        lines = jobs_csv(filters.filterset.qs, summaries=sees_summaries(self.actor))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = f"jobs-{self.actor.workspace.slug}-{clock.now():%Y-%m-%d}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _region(
    page: Page, jobs: list[Job], count: int, *, address: str, newer: bool, filters: ListFilters
) -> dict[str, Any]:
    """What `_list_rows.html` shows. It is asked again while a row can change or newer jobs may come."""
    heads = [(job.pk, job.status, job.head_seq) for job in jobs]
    summaries = sees_summaries(page.actor)
    return {
        "filters": filters,
        "rows": listed(jobs, summaries=summaries),
        "shows_inputs": summaries,
        "selectable": can(page.actor.role, Permission.JOB_CANCEL)
        or can(page.actor.role, Permission.JOB_RERUN),
        "new_jobs": count,
        "reload_url": filters.address(),
        "only_failed": filters.only_failed,
        "rows_url": address,
        "revision": revision_of(page.actor.workspace.pk, count, *heads),
        "live": newer or any(not job.ended for job in jobs),
    }


def _numbers(given: list[str]) -> list[int]:
    """Raises `Problem` 422 for what are no numbers of jobs, or too many."""
    if len(given) <= LARGEST_PAGE and all(
        text.isascii() and text.isdigit() and len(text) <= 18 for text in given
    ):
        return [int(text) for text in given]
    error = FieldError(
        path="row", code="wrong_type", message=f"expected up to {LARGEST_PAGE} numbers of jobs"
    )
    raise Problem(422, "invalid", "These rows cannot be shown.", errors=[error])
