"""The latest jobs of a workflow, for its page; kept fresh while one of them goes on."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from jobs.models import Job
from jobs.selectors.jobs import jobs_for_lists
from jobs.states import JobKind
from workflows.models import Workflow
from workspaces.pages.base import Page, revision_of
from workspaces.permissions import Permission

_SHOWN = 5


class JobsOfWorkflow(Page):
    """A region of the workflow's page; opened by itself, a page of its own."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """The newest few, with their states."""
        workflow = self.found(Workflow.objects.only("slug", "name", "workspace"), slug=slug)
        rows = Job.objects.filter(workflow=workflow.pk, kind=JobKind.JOB).order_by("-id")
        jobs = list(jobs_for_lists(rows)[:_SHOWN])
        context: dict[str, Any] = {
            "workflow": workflow,
            "jobs": jobs,
            "unfinished": any(not job.ended for job in jobs),
        }
        revision = revision_of(workflow.pk, *((job.pk, job.head_seq) for job in jobs))
        if not getattr(request, "htmx", False):
            return self.render("jobs/of_workflow.html", revision=revision, **context)
        return self.fragment("jobs/_of_workflow.html", revision=revision, **context)
