"""What a person does with a job from its page: cancel it, resume it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Problem
from common.names import name_error
from jobs.models import Job
from jobs.pages.base import JobPart
from jobs.services import MAX_TEXT, cancel_job, resume_job
from workspaces.permissions import Permission


class CancelForm(forms.Form):
    """Why; the audit log keeps it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=MAX_TEXT,
        help_text=gettext_lazy("Optional. It is shown on the job's page and kept in the audit log."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_reason(self) -> str:
        """One line of visible text, or none."""
        text: str = self.cleaned_data["reason"]
        error = name_error(text, path="", longest=MAX_TEXT) if text else None
        if error is not None:
            raise forms.ValidationError(error.message)
        return text


class CancelJob(JobPart):
    """`/jobs/ID/cancel/`: says what a cancel does, asks why, and does it."""

    permissions: ClassVar = {"get": Permission.JOB_CANCEL, "post": Permission.JOB_CANCEL}

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The question."""
        return self.render("jobs/cancel.html", job=self.job(), form=CancelForm())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Ask the job to stop."""
        job = self.job()
        form = CancelForm(request.POST)
        if not form.is_valid():
            return self.render("jobs/cancel.html", status=422, job=job, form=form)
        try:
            job = cancel_job(actor=self.actor, job=job, reason=form.cleaned_data["reason"])
        except Problem as problem:
            return _refused(request, job, problem)
        if job.ended:
            messages.success(request, _("The job is cancelled."))
        else:
            messages.info(request, _("Cancel was asked. The job stops at its next safe point."))
        return _to_page(job)


class ResumeJob(JobPart):
    """`/jobs/ID/resume/`: goes on from the failed steps."""

    permissions: ClassVar = {"post": Permission.JOB_RESUME}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Back to the page, where the job can be watched."""
        job = self.job()
        try:
            resume_job(actor=self.actor, job=job)
        except Problem as problem:
            return _refused(request, job, problem)
        messages.success(request, _("Resumed: it goes on from its failed steps."))
        return _to_page(job)


def _refused(request: HttpRequest, job: Job, problem: Problem) -> HttpResponse:
    """A conflict is told on the job's page, which shows how things are now."""
    if problem.status != 409:
        raise problem
    messages.error(request, problem.detail)
    return _to_page(job)


def _to_page(job: Job) -> HttpResponse:
    return HttpResponseRedirect(reverse("jobs:detail", args=[job.pk]))
