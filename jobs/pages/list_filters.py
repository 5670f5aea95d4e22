"""The filters of the list of jobs as people see them: a form, chips that can be taken away, tabs by status, links.

`jobs.filters.JobFilter`, which the API has too, says what a filter means; here is only how it looks.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.api.filters import filter_names, refuse_unknown
from common.errors import Problem
from jobs.filters import JobFilter
from jobs.models import Job
from jobs.models.job import Source
from jobs.selectors.listing import SOURCES, Tally
from jobs.states import LOOKS, JobKind, JobStatus
from workflows.models import Workflow
from workspaces.actors import Actor
from workspaces.models import User
from workspaces.pages.times import absolute

NAMES: Final = filter_names(JobFilter)
_LABELS: Final[dict[str, str | Promise]] = {
    "search": gettext_lazy("Search"),
    "workflow": gettext_lazy("Workflow"),
    "source": gettext_lazy("Started through"),
    "created_by": gettext_lazy("Started by"),
    "created_after": gettext_lazy("Created from"),
    "created_before": gettext_lazy("Created before"),
    "reference": gettext_lazy("Reference"),
    "status": gettext_lazy("Status"),
}
_OFFERED = 300


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter that is on. `without`: the list without it."""

    name: str
    label: str
    value: str
    without: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A link to the list with one thing changed: a tab, or a filter that is often wanted."""

    key: str
    word: str
    address: str
    chosen: bool
    count: str = ""
    icon: str = ""


class ListFilters:
    """What the address asks for. Raises `Problem` 422 for a parameter that nobody reads."""

    def __init__(self, request: HttpRequest, actor: Actor, *, besides: frozenset[str] = frozenset()) -> None:
        refuse_unknown(request.GET, NAMES | {"cursor", "page_size"} | besides)
        self._request, self._actor = request, actor
        self.given = QueryDict(mutable=True)
        for name in sorted(NAMES & request.GET.keys()):
            self.given.setlist(name, [value for value in request.GET.getlist(name) if value.strip()])
        jobs = Job.objects.filter(workspace=actor.workspace, kind=JobKind.JOB)
        self.filterset = JobFilter(self.given, queryset=jobs)  # type: ignore[no-untyped-call] # has no types
        for name, label in _LABELS.items():
            self.filterset.form.fields[name].label = label

    @cached_property
    def valid(self) -> bool:
        """Whether every value is one that its filter takes; nothing is to be listed otherwise."""
        return bool(self.filterset.form.is_valid())

    @property
    def active(self) -> list[str]:
        """The names of the filters that are on."""
        return [name for name in _LABELS if self.given.getlist(name)]

    @property
    def statuses(self) -> list[str]:
        """Those that are chosen, for the form to keep."""
        return self.given.getlist("status")

    @property
    def unfolded(self) -> bool:
        """Whether one of the filters that are folded away is on, or some filter has a problem to be seen."""
        return not self.valid or not {"created_by", "source", "reference"}.isdisjoint(self.active)

    @property
    def only_failed(self) -> bool:
        """Whether what went wrong is what people look for."""
        return self.statuses == [JobStatus.FAILED]

    @property
    def counts_by_index(self) -> bool:
        """Whether an index holds the jobs of each status under these filters."""
        return set(self.active) <= {"status", "workflow"}

    @property
    def number(self) -> int | None:
        """The number that is searched for, and nothing else."""
        text = self.given.get("search", "").strip().removeprefix("#")
        alone = self.active == ["search"] and text.isascii() and text.isdigit() and len(text) <= 18
        return int(text) if alone else None

    # ---------------------------------------------------------------- addresses
    def address(self, path: str = "", /, **changed: str | list[str] | None) -> str:
        """The list, or another page of the same filters, with some of them changed; None takes one away."""
        query = self.given.copy()
        for name, value in changed.items():
            query.setlist(name, [] if value is None else [value] if isinstance(value, str) else value)
        text = _without_empty(query).urlencode()
        return f"{path or reverse('jobs:list')}{'?' if text else ''}{text}"

    @property
    def api_call(self) -> str:
        """The same list by the API, as a command with a placeholder for the token; moments are whole there."""
        values: Mapping[str, Any] = self.filterset.form.cleaned_data if self.valid else {}
        moments = {
            name: clock.rfc3339(value) for name, value in values.items() if isinstance(value, datetime)
        }
        url = self._request.build_absolute_uri(self.address("/api/v1/jobs/", **moments))
        return f"curl -H 'Authorization: Token YOUR_TOKEN' {shlex.quote(url)}"

    # ---------------------------------------------------------------- what is shown
    @cached_property
    def form(self) -> Any:
        """The form of the filters, with each problem at its field. Two queries, for what can be chosen."""
        form = self.filterset.form
        hint = _("Number, title or reference")
        form.fields["search"].widget = forms.TextInput(
            {"type": "search", "maxlength": 200, "placeholder": hint}
        )
        form.fields["workflow"].widget = forms.Select(choices=self._workflows())
        form.fields["created_by"].widget = forms.TextInput({"list": "people", "autocomplete": "off"})
        sources = [(value, SOURCES[value]) for value in Source if value != Source.SUBJOB]
        form.fields["source"].widget = _source_widget(self.given)(choices=[("", _("Anything")), *sources])
        for name in ("created_after", "created_before"):
            form.fields[name].widget = _day_widget(self.given.get(name, ""))
            if name in form.errors:
                words = [_("Expected a day like 2026-11-22.")]
                form.errors[name] = form.error_class(
                    words, renderer=form.renderer, field_id=form[name].auto_id
                )
        return form

    @cached_property
    def people(self) -> list[str]:
        """Who can be named as the starter, as far as there is room."""
        members = User.objects.filter(memberships__workspace=self._actor.workspace).order_by("username")
        return list(members.values_list("username", flat=True)[:_OFFERED])

    def chips(self) -> list[Chip]:
        """One for each value of a filter that is on."""
        found = []
        for name in self.active:
            values = self.given.getlist(name)
            for value in values:
                others = [each for each in values if each != value]
                without = self.address("", **{name: others})
                found.append(
                    Chip(name=name, label=str(_LABELS[name]), value=self._said(name, value), without=without)
                )
        return found

    def tabs(self, counts: Mapping[str, Tally]) -> list[Choice]:
        """All jobs, and those of each status, under the other filters."""
        chosen = self.given.getlist("status")
        words = [
            ("", _("All"), ""),
            *((each.value, LOOKS[each].word, LOOKS[each].icon) for each in JobStatus),
        ]
        return [
            Choice(
                key=status or "all",
                word=str(word),
                icon=icon,
                address=self.address(status=status or None),
                chosen=chosen == ([status] if status else []),
                count=counts[status].text if counts else "",
            )
            for status, word, icon in words
        ]

    def presets(self) -> list[Choice]:
        """Days as the person counts them, and the person's own jobs. What is on already is taken away again."""
        today = timezone.localdate()
        days = ((0, _("Today")), (6, _("Last 7 days")), (29, _("Last 30 days")))
        found = []
        for back, word in days:
            day = (today - timedelta(days=back)).isoformat()
            on = self.given.get("created_after") == day and not self.given.get("created_before")
            change: dict[str, Any] = {"created_after": None if on else day, "created_before": None}
            found.append(Choice(key=f"days-{back}", word=word, address=self.address(**change), chosen=on))
        name = self._actor.user.get_username()
        on = self.given.get("created_by") == name
        mine = self.address(created_by=None if on else name)
        return [*found, Choice(key="mine", word=_("Started by me"), address=mine, chosen=on)]

    def _workflows(self) -> list[tuple[str, str]]:
        found = (
            Workflow.objects.of(self._actor.workspace).order_by("name", "slug").values_list("slug", "name")
        )
        offered = list(found[:_OFFERED])
        chosen = self.given.get("workflow", "")
        if chosen and chosen not in dict(offered):
            offered.append((chosen, chosen))
        return [("", _("All workflows")), *offered]

    def _said(self, name: str, value: str) -> str:
        if name == "status" and value in LOOKS:
            return str(LOOKS[value].word)
        if name == "source":
            return str(SOURCES.get(value, value))
        cleaned = self.filterset.form.cleaned_data.get(name) if self.filterset.form.is_bound else None
        if isinstance(cleaned, datetime):
            local = timezone.localtime(cleaned)
            return date_format(local, "j M Y") if parse_date_or_none(value) else absolute(cleaned)
        return value


class _OneSource(forms.Select):
    """A choice of one for a filter that takes several."""

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> Any:
        """All that were given: the filter sees a list."""
        return data.getlist(name)


def _source_widget(given: QueryDict) -> type[forms.Select]:
    return forms.SelectMultiple if len(given.getlist("source")) > 1 else _OneSource


def _day_widget(value: str) -> forms.Widget:
    """A calendar for a day; a text where the address names a whole moment, or nonsense, which a calendar cannot show."""
    if value and not parse_date_or_none(value):
        return forms.TextInput()
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def parse_date_or_none(value: str) -> bool:
    """Whether `value` is a day of the calendar."""
    try:
        return parse_date(value) is not None
    except ValueError:
        return False


def _without_empty(query: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name, values in sorted(query.lists()):
        if some := [value for value in values if str(value).strip()]:
            kept.setlist(name, some)
    return kept


def require_valid(filters: ListFilters) -> None:
    """Raise `Problem` 422 where there is no field to put it at."""
    if not filters.valid:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid",
            _("A filter has a value it does not take. Go back to the list and correct it."),
        )
