"""The workspace's audit log: everything that happened, found by filters, opened, verified and exported."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audit.actions import Action
from audit.models import AuditEntry
from common.canonical import Json, loads
from common.errors import Problem
from common.paging import Page as Slice
from workspaces.api.audit import export_response
from workspaces.filters import AuditFilter
from workspaces.models import Membership
from workspaces.pages.addresses import address_of
from workspaces.pages.audit_form import FilterForm, chips_of
from workspaces.pages.base import Page
from workspaces.permissions import Permission, can
from workspaces.reading import export_log, verify_log
from workspaces.told import ENDS, GROUPS, group_of, note_of, sentence_of

READ_OF_A_BODY = 4_000
"""Characters of each entry's text that the list reads; longer ones are told without what they add."""
PEOPLE_OFFERED = 200


@dataclass(frozen=True, kw_only=True)
class Told:
    """One entry as the list shows it."""

    id: int
    at: datetime
    sentence: str
    note: str
    icon: str
    tone: str
    """The meaning of an end, for its colour; empty for all else."""
    about: str
    about_url: str


class AuditPage(Page):
    """What the pages of the log share: its entries, those that the filters of the address leave."""

    @cached_property
    def filters(self) -> AuditFilter:
        """The filter set of the API, with what the address or the form says."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return AuditFilter(_stripped(given), queryset=self.entries())  # type: ignore[no-untyped-call]

    @property
    def valid(self) -> bool:
        """Whether every filter takes its value."""
        return bool(self.filters.is_valid())  # type: ignore[no-untyped-call]

    def entries(self) -> QuerySet[AuditEntry]:
        """Of the person's workspace."""
        return AuditEntry.objects.filter(workspace=self.actor.workspace)


class AuditLogPage(AuditPage):
    """`/audit/`."""

    permissions: ClassVar = {"get": Permission.AUDIT_VIEW}

    def get(self, request: HttpRequest) -> HttpResponse:
        """A part of the log, the newest first. What the form left empty does not stay in the address."""
        if not all(value.strip() for _name, value in _pairs(request.GET)):
            kept = _stripped(request.GET).urlencode()
            return HttpResponseRedirect(f"{request.path}?{kept}" if kept else request.path)
        page = self._slice() if self.valid else Slice[AuditEntry](items=[], next=None, previous=None)
        return self.render(
            "workspaces/audit_log.html",
            status=200 if self.valid else 422,
            page=page,
            entries=[told(entry) for entry in page.items],
            form=FilterForm(request.GET, self.filters, people=self._people()),
            chips=chips_of(request.GET),
            query=[pair for pair in _pairs(self.filters.data) if pair[0] in self.filters.filters],
            valid=self.valid,
            may_verify=can(self.actor.role, Permission.AUDIT_VERIFY),
            may_export=can(self.actor.role, Permission.AUDIT_EXPORT),
        )

    def _slice(self) -> Slice[AuditEntry]:
        rows = self.filters.qs.annotate(start=Left("body", READ_OF_A_BODY)).defer("body", "prev", "hash")
        return self.slice_of(rows, ordering=["-id"])

    def _people(self) -> list[str]:
        members = Membership.objects.filter(workspace=self.actor.workspace).order_by("user__username")
        names = members.values_list("user__username", flat=True)[:PEOPLE_OFFERED]
        return ["system", *(f"user:{name}" for name in names)]


class AuditEntryPage(AuditPage):
    """`/audit/ID/`: one entry, whole."""

    permissions: ClassVar = {"get": Permission.AUDIT_VIEW}

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A page of its own; for the list a part of it."""
        entry = self.found(self.entries(), pk=pk)
        template = (
            "workspaces/_audit_entry.html" if request.GET.get("part") else "workspaces/audit_entry.html"
        )
        before = self.entries().filter(stream=entry.stream, seq=entry.seq - 1).values_list("pk", flat=True)
        return self.render(
            template,
            entry=entry,
            told=told(entry, text=entry.body),
            label=Action(entry.action).label if entry.action in Action.values else entry.action,
            hash=bytes(entry.hash).hex(),
            previous_hash=bytes(entry.prev).hex(),
            previous=before.first(),
            part=bool(request.GET.get("part")),
        )


class VerifyAuditPage(Page):
    """`/audit/verify/`: every entry, link, head and checkpoint of the workspace, now."""

    permissions: ClassVar = {"post": Permission.AUDIT_VERIFY}

    def post(self, _request: HttpRequest) -> HttpResponse:
        """What was read, and what is wrong."""
        report = verify_log(actor=self.actor)
        until = datetime.fromisoformat(report.checkpointed_until) if report.checkpointed_until else None
        return self.render("workspaces/audit_verified.html", report=report, until=until)


class ExportAuditPage(AuditPage):
    """`/audit/export/`: the log as a file. Taking it is an entry, so it takes a POST."""

    permissions: ClassVar = {"post": Permission.AUDIT_EXPORT}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """CSV of what the filters leave, or JSON Lines of everything."""
        form = request.POST.get("format", "")
        if not self.valid:
            raise Problem(422, "invalid", _("A filter has a value it does not take. Go back and correct it."))
        given: dict[str, Json] = {
            name: values if len(values) > 1 else values[0]
            for name, values in self.filters.data.lists()
            if name in self.filters.filters
        }
        file = export_log(actor=self.actor, form=form, entries=self.filters.qs, filters=given)
        return export_response(file)


def told(entry: AuditEntry, *, text: str | None = None) -> Told:
    """An entry in words; `text` is its body, of which the list has the start."""
    data = _data(entry.start if text is None else text)  # type: ignore[attr-defined]  # annotated
    look = ENDS.get(entry.action)
    return Told(
        id=entry.pk,
        at=entry.at,
        sentence=sentence_of(entry.action, entry.actor, entry.label, data),
        note=note_of(data),
        icon=look.icon if look else GROUPS[group_of(entry.action)][1],
        tone=look.tone.value if look else "",
        about=_("Job #%(id)s") % {"id": entry.target_id} if entry.target_type == "job" else entry.label,
        about_url=about_url(entry.target_type, entry.target_id, entry.label),
    )


def about_url(target_type: str, target_id: str, label: str) -> str:
    """The page of what an entry is about; empty where it has none."""
    names: dict[str, tuple[str, ...]] = {
        "job": ("jobs:detail", target_id),
        "workflow": ("workflows:detail", label),
        "file": ("jobs:file", target_id),
        "member": ("settings:index",),
        "token": ("settings:index",),
    }
    return address_of(*names[target_type]) if target_type in names else ""


def _data(start: str) -> dict[str, Any]:
    try:
        content = loads(start).get("data", {})
    except ValueError:  # a longer text, of which this is the start
        return {}
    return content if isinstance(content, dict) else {}


def _stripped(given: QueryDict) -> QueryDict:
    """Without spaces around values, and without what was left empty."""
    kept = QueryDict(mutable=True)
    for name, value in _pairs(given):
        if value.strip():
            kept.appendlist(name, value.strip())
    return kept


def _pairs(given: QueryDict) -> Iterator[tuple[str, str]]:
    for name, values in given.lists():
        for value in values:
            yield name, str(value)
