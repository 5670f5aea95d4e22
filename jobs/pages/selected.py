"""What is done to the jobs that were chosen on the list: first a page that says what will happen, then one that says
what became of each.
"""

import uuid
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.api.problems import not_found
from jobs.bulk import BulkAction, Outcome, do_to_all, outcomes_of, require_few
from jobs.models import Job
from jobs.selectors.listing import rows_for_list
from jobs.services import RerunVersion
from jobs.states import JobKind
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class _Selected(Page):
    """The page of one action. Its rows are `job` in the address, and afterwards its key is `done`."""

    action: ClassVar[BulkAction]

    def get(self, request: HttpRequest) -> HttpResponse:
        """What will happen, to confirm; with `done`, what came of it."""
        if once := request.GET.get("done"):
            return self._outcomes(once)
        jobs = self._jobs(request.GET.getlist("job"))
        if not jobs:
            return self._nothing_chosen()
        return self.render("jobs/selected.html", action=self.action.value, jobs=jobs, once=uuid.uuid4().hex)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, once for each confirmed form, and on to what came of it."""
        jobs = self._jobs(request.POST.getlist("job"))
        if not jobs:
            return self._nothing_chosen()
        once = request.POST.get("once", "")[:64] or uuid.uuid4().hex
        active = request.POST.get("version") == RerunVersion.ACTIVE
        version = RerunVersion.ACTIVE if active else RerunVersion.SAME
        do_to_all(actor=self.actor, action=self.action, jobs=jobs, once=once, version=version)
        return HttpResponseRedirect(f"{request.path}?{urlencode({'done': once})}", status=303)

    def _nothing_chosen(self) -> HttpResponse:
        messages.warning(self.request, _("Choose the jobs first: mark the boxes before their names."))
        return HttpResponseRedirect(reverse("jobs:list"))

    def _outcomes(self, once: str) -> HttpResponse:
        outcomes = outcomes_of(actor=self.actor, action=self.action, once=once)
        if outcomes is None:
            raise not_found()
        mine = Job.objects.filter(workspace=self.actor.workspace, pk__in=[each.job for each in outcomes])
        jobs = {job.pk: job for job in rows_for_list(mine)}
        rows: list[tuple[Job, Outcome]] = [(jobs[each.job], each) for each in outcomes if each.job in jobs]
        failed = sum(1 for each in outcomes if each.why)
        return self.render(
            "jobs/selected_done.html",
            action=self.action.value,
            rows=rows,
            done=len(outcomes) - failed,
            failed=failed,
        )

    def _jobs(self, given: list[str]) -> list[Job]:
        """The chosen jobs, the newest first. Raises `Problem` 404 if one of them is not in the workspace, 422 if there
        are too many.
        """
        numbers = {int(text) for text in given if text.isascii() and text.isdigit() and len(text) <= 18}
        require_few(len(numbers))
        mine = Job.objects.filter(workspace=self.actor.workspace, kind=JobKind.JOB, pk__in=numbers)
        # Whole rows of the jobs, for the services; of definitions only what lists show.
        jobs = list(
            mine.select_related("workflow", "version", "created_by").defer(*_NOT_SHOWN).order_by("-id")
        )
        if len(jobs) != len(set(given)):
            raise not_found()
        return jobs


_NOT_SHOWN = ("workflow__draft", "workflow__description", "version__definition", "version__manifest")


class CancelSelected(_Selected):
    """Cancel the chosen jobs."""

    action = BulkAction.CANCEL
    permissions: ClassVar[Any] = {"get": Permission.JOB_CANCEL, "post": Permission.JOB_CANCEL}


class RunSelectedAgain(_Selected):
    """Run the chosen jobs again."""

    action = BulkAction.RERUN
    permissions: ClassVar[Any] = {"get": Permission.JOB_RERUN, "post": Permission.JOB_RERUN}
