"""The Overview: what runs, waits and failed, kept fresh; in an empty workspace, what to do first."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from jobs.demo.samples import WORKFLOWS
from jobs.selectors.overview import overview_of
from workflows.models import Workflow, WorkflowStatus
from workspaces.pages.base import Page, revision_of
from workspaces.permissions import Permission, can

_OFFERED = 6


class OverviewPage(Page):
    """The page at `/`."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The region below it, and workflows to start with while nothing has run yet."""
        overview = overview_of(self.actor.workspace)
        workflows: list[Workflow] = []
        if not overview.any_job:
            active = Workflow.objects.of(self.actor.workspace).with_status(WorkflowStatus.ACTIVE)
            workflows = sorted(active.for_lists().order_by("slug")[:_OFFERED], key=_samples_last)
        return self.render("jobs/overview.html", workflows=workflows, **_region(self, overview))


class OverviewRegion(Page):
    """The live part of the Overview."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """It never finishes: a new job can start at any time."""
        return self.fragment("jobs/_now.html", **_region(self, overview_of(self.actor.workspace)))


def _region(page: Page, overview: Any) -> dict[str, Any]:
    return {
        "overview": overview,
        "revision": revision_of(page.actor.workspace.pk, *overview.parts),
        "may_start": can(page.actor.role, Permission.JOB_START),
    }


def _samples_last(workflow: Workflow) -> tuple[bool, str]:
    return (workflow.slug in WORKFLOWS, workflow.slug)
