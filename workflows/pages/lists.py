"""`/workflows/`: the workflows of a workspace."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Count, Exists, Q
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.filters import WorkflowFilter
from workflows.listing import listed
from workflows.models import RequestStatus, Workflow, WorkflowStatus, open_requests
from workflows.pages.buttons import why_not
from workspaces.models import Workspace
from workspaces.pages.base import Page
from workspaces.permissions import Permission, can

_MOST_COUNTED = 999


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A part of the list. `value` is what the address says of it."""

    value: str
    label: str | Promise
    count: str
    current: bool


class WorkflowListPage(Page):
    """The list, what was changed last first."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, request: HttpRequest) -> HttpResponse:
        """`status` and `search` narrow it; without a status it has everything that is not in the archive."""
        counts = _counts(self.actor.workspace)
        rows = Workflow.objects.of(self.actor.workspace)
        status = request.GET.get("status", "")
        status = status if status in (*WorkflowStatus.values, RequestStatus.REQUESTED) else ""
        search = request.GET.get("search", "").strip()[:200]
        shown = rows if status else rows.not_archived()
        if status == RequestStatus.REQUESTED:
            shown = rows.with_open_request()
        asked = {"status": status if status in WorkflowStatus.values else "", "search": search}
        found = WorkflowFilter(asked, shown).qs  # type: ignore[no-untyped-call] # has no types
        page = self.slice_of(found.for_lists().with_unactivated(), ordering=["-updated_at", "-id"])
        return self.render(
            "workflows/list.html",
            page=page,
            rows=listed(page.items),
            tabs=_tabs(counts, status),
            any_workflow=any(counts.values()),
            chosen_status=status,
            search=search,
            may_edit=can(self.actor.role, Permission.WORKFLOW_EDIT),
            may_start=can(self.actor.role, Permission.JOB_START),
            why_no_import=why_not(self.actor, Permission.WORKFLOW_EDIT),
        )


def _counts(workspace: Workspace) -> dict[str, int]:
    archived, active = Q(archived_at__isnull=False), Q(archived_at=None, active_version__isnull=False)
    return Workflow.objects.of(workspace).aggregate(
        archived=Count("pk", filter=archived),
        active=Count("pk", filter=active),
        draft=Count("pk", filter=~archived & ~active),
        requested=Count("pk", filter=Exists(open_requests())),
    )


def _tabs(counts: dict[str, int], status: str) -> list[Tab]:
    in_use = counts[WorkflowStatus.ACTIVE] + counts[WorkflowStatus.DRAFT]
    shown = [
        ("", _("Active and drafts"), in_use),
        (WorkflowStatus.ACTIVE, _("Active"), counts[WorkflowStatus.ACTIVE]),
        (WorkflowStatus.DRAFT, _("Drafts"), counts[WorkflowStatus.DRAFT]),
        (WorkflowStatus.ARCHIVED, _("Archived"), counts[WorkflowStatus.ARCHIVED]),
    ]
    waiting = counts[RequestStatus.REQUESTED]
    if waiting or status == RequestStatus.REQUESTED:
        shown.append((RequestStatus.REQUESTED, _("Waiting for a second person"), waiting))
    return [
        Tab(value=value, label=label, count=_counted(count), current=value == status)
        for value, label, count in shown
    ]


def _counted(count: int) -> str:
    return str(count) if count <= _MOST_COUNTED else f"{_MOST_COUNTED}+"
