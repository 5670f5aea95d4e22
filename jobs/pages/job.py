"""The page of a job: what became of it, why, and what it does now."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from jobs.models import Job
from jobs.pages.base import JobPart
from jobs.pages.job_audit import audit_section
from jobs.pages.step import step_context
from jobs.pages.step_list import StepList
from jobs.pages.values import values_context
from jobs.selectors.controls import controls_of
from jobs.selectors.failure import Failure, failure_of
from jobs.selectors.glance import glance_of
from jobs.selectors.graph import job_graph
from jobs.selectors.outline import outline_of
from jobs.selectors.relatives import (
    ancestors_of,
    neighbours_of,
    reruns_of,
    sub_jobs_of,
    usual_duration,
)
from jobs.selectors.spots import Spot
from jobs.states import JobKind, JobStatus
from workspaces.pages.base import Page
from workspaces.permissions import Permission

ONLY_PROBLEMS = "problems"


class JobPage(JobPart):
    """`/jobs/ID/`. `at` lists the steps of one loop or item, `only=problems` those that need a look."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Every region as it is now; each is refreshed by its own address."""
        revision = self.revision()
        job = self.job()
        failure = failure_of(job, sees_payloads=self.actor.sees_payloads)
        newer, older = neighbours_of(job) if job.kind == JobKind.JOB else (None, None)
        return self.render(
            "jobs/job.html",
            **{**state_context(self, job, failure), **steps_context(self, job, failure)},
            **values_context(self, job),
            **graph_context(job),
            **self._panel(job),
            audit=audit_section(self, job),
            newer=newer,
            older=older,
            revision=revision,
        )

    def _panel(self, job: Job) -> Mapping[str, Any]:
        """The panel of the step that the address names by `step`; without a script it stands beside the list too."""
        path = self.request.GET.get("step", "")
        if not path:
            return {}
        return step_context(self, job, path, self.request.GET.get("tab", "summary"), alone=False)


class JobState(JobPart):
    """The live part above the steps: state, failure, waits, progress, facts."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """204 while nothing has moved. What is unfolded and the audit log are told of each move by an event."""
        revision = self.revision()
        if self.request.GET.get("revision") == revision:
            return HttpResponse(status=204)
        job = self.job()
        failure = failure_of(job, sees_payloads=self.actor.sees_payloads)
        context = state_context(self, job, failure)
        answer = self.render("jobs/_state.html", alone=True, revision=revision, **context)
        answer["HX-Trigger"] = "job-moved"
        return answer


class JobSteps(JobPart):
    """The live list of steps."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """204 while nothing has moved."""
        revision = self.revision()
        if self.request.GET.get("revision") == revision:
            return HttpResponse(status=204)
        job = self.job()
        failure = failure_of(job, sees_payloads=self.actor.sees_payloads)
        return self.render("jobs/_steps.html", revision=revision, **steps_context(self, job, failure))


class JobGraph(JobPart):
    """The picture of what the job runs, with where each step stands."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """A page; for a request of htmx the picture alone."""
        job = self.job()
        template = "workflows/_graph.html" if getattr(request, "htmx", False) else "jobs/graph.html"
        return self.render(template, job=job, graph=job_graph(job), graph_id="job-graph-picture")


class JobInside(JobPart):
    """What unfolds below a line: the items of a loop, the steps of an item or of a sub-job."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """A list without anything around it, on the time axis of the job that `within` names."""
        job = self.job()
        outer = self._outer(job)
        steps = StepList.of(outer, address=self.address)
        if request.GET.get("only") == ONLY_PROBLEMS:
            section = steps.problems(job, after=self.number("page", default=0))
        else:
            spot = self.spot(outline_of(job))
            section = steps.section(job, spot, page=max(self.number("page", default=1), 1))
        return self.render("jobs/_inside.html", section=section, job=job, outer=outer)

    def _outer(self, job: Job) -> Job:
        within = self.number("within", default=job.pk)
        if within == job.pk:
            return job
        outer = self.rows().only(
            "workspace_id", "root_id", "kind", "started_at", "created_at", "finished_at", "status"
        )
        return self.found(outer.filter(pk__in=[within]))


def state_context(page: Page, job: Job, failure: Failure | None) -> Mapping[str, Any]:
    """What `_state.html` shows."""
    outermost = job.root_id is None
    usual = usual_duration(job) if outermost else None
    return {
        "job": job,
        "glance": glance_of(job, outline_of(job)),
        "failure": failure,
        "controls": controls_of(job, page.actor.role) if outermost else None,
        "usual": usual,
        "is_long": usual is not None and usual.is_passed_by(job),
        "ancestors": ancestors_of(job),
        "sub_jobs": sub_jobs_of(job),
        "reruns": reruns_of(job) if outermost else [],
    }


def graph_context(job: Job) -> Mapping[str, Any]:
    """The picture, where it says more than a list. A straight line is drawn when somebody asks for it; so is that of a
    failed job, whose reader wants the failure and then the list.
    """
    straight = not any(list(step.bodies()) for step in outline_of(job).definition.steps)
    folded = straight or job.status == JobStatus.FAILED
    return {"graph": None if folded else job_graph(job), "graph_id": "job-graph-picture"}


def steps_context(page: JobPart, job: Job, failure: Failure | None) -> Mapping[str, Any]:
    """What `_steps.html` shows."""
    only = page.request.GET.get("only") == ONLY_PROBLEMS
    steps = StepList.of(job, None if only else failure, address=page.address)
    outline = outline_of(job)
    spot: Spot = page.spot(outline)
    if only:
        section = steps.problems(job, after=page.number("page", default=0))
    else:
        section = steps.section(job, spot, page=max(page.number("page", default=1), 1))
    return {
        "job": job,
        "outer": job,
        "section": section,
        "spot": spot,
        "only_problems": only,
        "axis": steps.axis,
    }
