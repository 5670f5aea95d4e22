"""Inputs and outputs of a job: a part of its page, a page alone, and a file."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from common.errors import Problem
from jobs.api.hiding import require_payloads
from jobs.downloads import text_response
from jobs.models import Job
from jobs.reading import read_job_values, read_whole
from jobs.states import PayloadKind
from workspaces.pages.base import Page, revision_of
from workspaces.permissions import Permission


def values_context(page: Page, job: Job) -> dict[str, Any]:
    """What `jobs/_values.html` needs, for the page of the job, too."""
    return {"values": read_job_values(actor=page.actor, job=job), "values_revision": values_revision(job)}


def values_revision(job: Job) -> str:
    """Changes when other values are to be seen."""
    return revision_of(job.pk, job.status if job.ended else "")


class ValuesPage(Page):
    """Both as a page; for a request of htmx the region alone, or 204 while nothing changed."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Before the revision has moved nothing is read, and so no reading is recorded."""
        job = self.found(Job.objects.without_previews().select_related("workflow"), pk=pk)
        if request.GET.get("revision") == values_revision(job):
            return HttpResponse(status=204)
        htmx = getattr(request, "htmx", False)
        template = "jobs/_values.html" if htmx else "jobs/values.html"
        return self.render(template, job=job, **values_context(self, job))


class ValuesFile(Page):
    """All inputs or all outputs as a JSON file."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, _request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        """As they are stored, digit for digit."""
        job = self.found(Job.objects.without_previews(), pk=pk)
        require_payloads(self.actor)
        if kind not in (PayloadKind.INPUTS, PayloadKind.OUTPUTS):
            raise Problem(404, "not_found", "There is no such file.")
        text = read_whole(actor=self.actor, job=job, kind=PayloadKind(kind))
        return text_response(text, name=f"job-{job.pk}-{kind}.json", media_type="application/json")
