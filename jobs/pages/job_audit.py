"""The audit log of one job: its entries in order and in words, each with its exact content, and its chain verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.models import AuditEntry
from common.api.problems import not_found
from jobs.models import Job
from jobs.pages.base import JobPart
from jobs.selectors.told import Told, told
from workspaces.pages.base import Page
from workspaces.permissions import Permission, can, roles_that_can
from workspaces.reading import verify_one

ON_JOB_PAGE = 10
"""So many of the newest entries stand on the job's page when it is opened; all are on a page of their own."""
GROWS_TO = 100
"""While the page is open, what comes is added, and nothing that a person reads is taken away, up to so many."""


@dataclass(frozen=True, kw_only=True)
class AuditSection:
    """Entries, and why the reader may not verify them (empty: they may)."""

    entries: Sequence[Told]
    why_not_verify: str

    @property
    def first(self) -> int:
        """The number of the first entry shown."""
        return self.entries[0].seq if self.entries else 1

    @property
    def more(self) -> int:
        """How many earlier ones there are."""
        return self.first - 1


def audit_section(page: JobPart, job: Job) -> AuditSection:
    """The last entries of a job, in order; of an open page, from the first that it shows. One query."""
    since = page.number("from", default=0) or job.head_seq - ON_JOB_PAGE + 1
    newest = AuditEntry.objects.filter(stream=job.stream, seq__gte=since).order_by("-seq")[:GROWS_TO]
    entries = [told(entry, sees_payloads=page.actor.sees_payloads) for entry in newest]
    return AuditSection(entries=entries[::-1], why_not_verify=why_not_verify(page))


def why_not_verify(page: Page) -> str:
    """Why the reader may not verify; empty where they may."""
    if can(page.actor.role, Permission.AUDIT_VERIFY):
        return ""
    return _("Verifying takes %(roles)s.") % {"roles": roles_that_can(Permission.AUDIT_VERIFY)}


class JobAudit(JobPart):
    """`/jobs/ID/audit/`: all entries, from the first."""

    permissions: ClassVar = {"get": Permission.JOB_AUDIT}

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """A page; or, for the job's page, its last entries."""
        job = self.job()
        if request.GET.get("part"):
            return self.render("jobs/_audit.html", job=job, audit=audit_section(self, job))
        page = self.slice_of(AuditEntry.objects.filter(stream=job.stream), ordering=["seq"])
        entries = [told(entry, sees_payloads=self.actor.sees_payloads) for entry in page.items]
        return self.render(
            "jobs/audit.html", job=job, entries=entries, page=page, why_not_verify=why_not_verify(self)
        )


class JobAuditEntry(JobPart):
    """`/jobs/ID/audit/SEQ/`: one entry with its whole content."""

    permissions: ClassVar = {"get": Permission.JOB_AUDIT}

    def get(self, _request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The entry."""
        job = self.job()
        entry = AuditEntry.objects.filter(stream=job.stream, seq=kwargs["seq"]).first()
        if entry is None:
            raise not_found()
        shown = told(entry, sees_payloads=self.actor.sees_payloads, whole=True)
        return self.render("jobs/audit_entry.html", job=job, entry=shown)


class VerifyJobAudit(JobPart):
    """`/jobs/ID/audit/verify/`: recomputes the whole chain of the job now."""

    permissions: ClassVar = {"post": Permission.AUDIT_VERIFY}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Back to the log, with what came of it."""
        job = self.job()
        report = verify_one(actor=self.actor, stream=job.stream)
        count = {"count": f"{report.entries:,}"}
        if report.ok:
            words = ngettext(
                "Verified now: %(count)s entry, and nothing is wrong.",
                "Verified now: %(count)s entries, and nothing is wrong.",
                report.entries,
            )
            messages.success(request, words % count)
        else:
            messages.error(request, _("Verified now, and something is wrong:"))
            for finding in report.findings[:5]:
                messages.error(request, f"{finding.kind}: {finding.sentence}")
        return HttpResponseRedirect(reverse("jobs:audit", args=[job.pk]))
