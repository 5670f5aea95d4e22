"""The evidence of a job: what a pack is, and the button that takes one."""

from typing import ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from jobs.api.evidence import evidence_response
from jobs.evidence import take_evidence
from jobs.models import Job
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class EvidencePage(Page):
    """`/jobs/ID/evidence/`. Taking a pack is an entry in the audit log, so it takes a POST."""

    permissions: ClassVar = {"get": Permission.JOB_EVIDENCE, "post": Permission.JOB_EVIDENCE}

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        """What it has, how it is verified, what it proves."""
        job = self.found(_jobs(), pk=pk)
        return self.render("jobs/evidence.html", job=job, sub_jobs=Job.objects.filter(root=job).count())

    def post(self, _request: HttpRequest, pk: int) -> HttpResponseBase:
        """The ZIP."""
        job = self.found(_jobs(), pk=pk)
        return evidence_response(take_evidence(actor=self.actor, job=job))


def _jobs() -> QuerySet[Job]:
    return (
        Job.objects.without_previews()
        .select_related("workspace", "workflow", "version", "root")
        .defer("workflow__draft", "version__definition", "version__manifest", "root__error")
    )
