"""A preview that runs, or ran: its state, its steps, the panel of one step with its pin."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from common.api.bodies import loads_strictly
from common.api.problems import not_found
from common.canonical import Json
from common.errors import Problem
from jobs.models import Job, Preview, StepRun
from jobs.pages.base import PreviewPart
from jobs.pages.job import JobInside, JobSteps, steps_context
from jobs.pages.step import StepPage, StepValue, step_context
from jobs.previews import forget_pin, pin_output
from jobs.previews.kept import keep_pin
from jobs.reading import read_job_values
from jobs.selectors.failure import Failure, failure_of
from jobs.selectors.glance import glance_of
from jobs.selectors.outline import outline_of
from jobs.selectors.relatives import ancestors_of
from jobs.services import cancel_job
from jobs.states import JobStatus, PreviewMark
from workspaces.permissions import Permission


class PreviewRunPage(PreviewPart):
    """`/workflows/SLUG/preview/ID/`; also of a workflow that a preview calls. `?panel=1`, and for htmx: the section."""

    def get(self, _request: HttpRequest, slug: str, **_kwargs: Any) -> HttpResponse:
        """Every region as it is now; each is refreshed by its own address."""
        revision = self.revision()
        job = self.job()
        if job.workflow.slug != slug:
            raise not_found()
        failure = failure_of(job, sees_payloads=self.actor.sees_payloads)
        return self.render(
            "jobs/preview/_run.html" if self.is_part else "jobs/preview/run.html",
            **{**preview_context(self, job, failure), **steps_context(self, job, failure)},
            **self._panel(job),
            ancestors=ancestors_of(job),
            revision=revision,
        )

    @property
    def is_part(self) -> bool:
        """Also for htmx: nobody else asks for it."""
        return bool(getattr(self.request, "htmx", False)) or super().is_part

    def _panel(self, job: Job) -> Mapping[str, Any]:
        path = self.request.GET.get("step", "")
        return (
            step_context(self, job, path, self.request.GET.get("tab", "summary"), alone=False) if path else {}
        )


class PreviewAt(PreviewPart):
    """`/jobs/previews/ID/`: leads to the page, whose address has the workflow's slug."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """With the same query."""
        job = self.found(self.rows().select_related("workflow").only("workflow__slug"), pk=pk)
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return HttpResponseRedirect(reverse("jobs:preview_run", args=[job.workflow.slug, pk]) + query)


class PreviewState(PreviewPart):
    """The live part above the steps."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """204 while nothing has moved. What is unfolded is told of each move by an event."""
        revision = self.revision()
        if self.request.GET.get("revision") == revision:
            return HttpResponse(status=204)
        job = self.job()
        failure = failure_of(job, sees_payloads=self.actor.sees_payloads)
        context = preview_context(self, job, failure)
        answer = self.render("jobs/preview/_state.html", revision=revision, **context)
        answer["HX-Trigger"] = "job-moved"
        return answer


class PreviewSteps(PreviewPart, JobSteps):
    """The live list of steps."""


class PreviewInside(PreviewPart, JobInside):
    """What unfolds below a line."""


class PreviewStep(PreviewPart, StepPage):
    """The panel of a step."""

    alone = "jobs/preview/step.html"


class PreviewStepValue(PreviewPart, StepValue):
    """The whole input, output or log of a step as a file."""


class StopPreview(PreviewPart):
    """`/jobs/previews/ID/stop/`."""

    permissions: ClassVar = {"post": Permission.WORKFLOW_PREVIEW}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Back to its page. One that has ended meanwhile needs no word."""
        job = self.job()
        try:
            cancel_job(actor=self.actor, job=job, reason=_("Stopped by the person who watched it."))
        except Problem as problem:
            if problem.code != "job_ended":
                raise
        return to_page(request, job)


class PinOutput(PreviewPart):
    """`/jobs/previews/ID/pin/`: keeps an output of a step for the next previews, or the one that was typed."""

    permissions: ClassVar = {"post": Permission.WORKFLOW_PREVIEW}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The panel for htmx, else back to the page, the step opened. `off`: take the pin off."""
        job = self.job()
        path = request.POST.get("path", "")
        try:
            self._pin(job, path)
        except Problem as problem:
            if problem.status not in (409, 413, 422):
                raise
            return self._answer(job, path, problem=problem)
        return self._answer(job, path)

    def _pin(self, job: Job, path: str) -> None:
        key = path.rpartition(".")[2]
        if "off" in self.request.POST:
            forget_pin(actor=self.actor, workflow=job.workflow, key=key)
        elif "output" in self.request.POST:
            output = _typed(self.request.POST["output"])
            keep_pin(actor=self.actor, workflow=job.workflow, key=key, output=output)
        else:
            pin_output(actor=self.actor, preview=job, path=path)

    def _answer(self, job: Job, path: str, *, problem: Problem | None = None) -> HttpResponse:
        if getattr(self.request, "htmx", False):
            context = step_context(self, job, path, "summary", alone=False)
            typed = self.request.POST.get("output", "")
            return self.render(
                "jobs/_step.html",
                status=422 if problem else 200,
                job=job,
                pin_problem=problem,
                typed=typed,
                **context,
            )
        if problem is not None:
            messages.error(self.request, problem.detail)
        return to_page(self.request, job, step=path)


def to_page(request: HttpRequest, job: Job, **query: str) -> HttpResponse:
    """Back to the preview."""
    if getattr(request, "htmx", False):
        query["panel"] = "1"
    address = reverse("jobs:preview_run", args=[job.workflow.slug, job.pk])
    return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)


def preview_context(page: PreviewPart, job: Job, failure: Failure | None) -> Mapping[str, Any]:
    """What `jobs/preview/_state.html` shows."""
    outline = outline_of(job)
    asked = Preview.objects.only("until", "effects").get(job=job.root_id or job.pk)
    marks = StepRun.objects.filter(job=job, reason__in=PreviewMark.values).order_by()
    until = outline.steps.get(asked.until) if job.root_id is None else None
    done = job.status == JobStatus.COMPLETED and until is None
    values = read_job_values(actor=page.actor, job=job).outputs if done else None
    return {
        "job": job,
        "glance": glance_of(job, outline),
        "failure": failure,
        "asked": asked,
        "until": until.name or until.key if until else "",
        "marks": dict(marks.values_list("reason").annotate(Count("pk"))),
        "outputs": values,
        "form_key": uuid.uuid4().hex,
    }


def _typed(text: str) -> Json:
    """The JSON that was typed. Raises `Problem` 422."""
    try:
        return loads_strictly(text)
    except Problem as problem:
        raise Problem(
            422, "invalid", _("This cannot be read as JSON: %(why)s") % {"why": problem.detail}
        ) from None
