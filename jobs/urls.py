"""The pages of jobs, below `/jobs/`, and of previews, below `/workflows/SLUG/preview/` with their regions below
`/jobs/previews/`; the Overview at `/` is in `config/urls.py`.
"""

from django.urls import include, path, re_path

from jobs.pages.evidence import EvidencePage
from jobs.pages.files import FilePage
from jobs.pages.job import JobGraph, JobInside, JobPage, JobState, JobSteps
from jobs.pages.job_audit import JobAudit, JobAuditEntry, VerifyJobAudit
from jobs.pages.job_control import CancelJob, ResumeJob
from jobs.pages.listing import JobRows, JobsCsv, JobsPage
from jobs.pages.new import NewJobPage
from jobs.pages.new_parts import ReadyPage, ShownPage, TablePage, UploadPage
from jobs.pages.of_workflow import JobsOfWorkflow
from jobs.pages.overview import OverviewRegion
from jobs.pages.preview import ForgetPin, PreviewPage
from jobs.pages.preview_run import (
    PinOutput,
    PreviewAt,
    PreviewInside,
    PreviewRunPage,
    PreviewState,
    PreviewStep,
    PreviewSteps,
    PreviewStepValue,
    StopPreview,
)
from jobs.pages.preview_samples import UseSamples
from jobs.pages.preview_scope import ScopePage
from jobs.pages.preview_shown import ShownPreview
from jobs.pages.samples import SamplesPage
from jobs.pages.selected import CancelSelected, RunSelectedAgain
from jobs.pages.step import StepPage, StepValue
from jobs.pages.values import ValuesFile, ValuesPage

app_name = "jobs"
_jobs = [
    path("", JobsPage.as_view(), name="list"),
    path("rows/", JobRows.as_view(), name="rows"),
    path("export.csv", JobsCsv.as_view(), name="csv"),
    path("cancel/", CancelSelected.as_view(), name="cancel_selected"),
    path("run-again/", RunSelectedAgain.as_view(), name="rerun_selected"),
    path("now/", OverviewRegion.as_view(), name="now"),
    path("of-workflow/<slug:slug>/", JobsOfWorkflow.as_view(), name="of_workflow"),
    path("samples/", SamplesPage.as_view(), name="samples"),
    re_path(r"^files/(?P<id>file_[0-9a-f]{32})/$", FilePage.as_view(), name="file"),
    path("<int:pk>/", JobPage.as_view(), name="detail"),
    path("<int:pk>/state/", JobState.as_view(), name="state"),
    path("<int:pk>/step-list/", JobSteps.as_view(), name="step_list"),
    path("<int:pk>/inside/", JobInside.as_view(), name="inside"),
    path("<int:pk>/graph/", JobGraph.as_view(), name="graph"),
    path("<int:pk>/cancel/", CancelJob.as_view(), name="cancel"),
    path("<int:pk>/resume/", ResumeJob.as_view(), name="resume"),
    path("<int:pk>/audit/", JobAudit.as_view(), name="audit"),
    path("<int:pk>/audit/verify/", VerifyJobAudit.as_view(), name="audit_verify"),
    path("<int:pk>/audit/<int:seq>/", JobAuditEntry.as_view(), name="audit_entry"),
    path("<int:pk>/values/", ValuesPage.as_view(), name="values"),
    path("<int:pk>/values/<slug:kind>.json", ValuesFile.as_view(), name="values_file"),
    path("<int:pk>/steps/", StepPage.as_view(), name="step"),
    path("<int:pk>/steps/value/", StepValue.as_view(), name="step_value"),
    path("<int:pk>/evidence/", EvidencePage.as_view(), name="evidence"),
    path("new/", NewJobPage.as_view(), name="new"),
    path("new/file/", UploadPage.as_view(), name="new_file"),
    path("new/table/", TablePage.as_view(), name="new_table"),
    path("new/shown/", ShownPage.as_view(), name="new_shown"),
    path("new/ready/", ReadyPage.as_view(), name="new_ready"),
]
_regions_of_previews = [
    path("", PreviewAt.as_view(), name="preview_detail"),
    path("state/", PreviewState.as_view(), name="preview_state"),
    path("step-list/", PreviewSteps.as_view(), name="preview_step_list"),
    path("inside/", PreviewInside.as_view(), name="preview_inside"),
    path("steps/", PreviewStep.as_view(), name="preview_step"),
    path("steps/value/", PreviewStepValue.as_view(), name="preview_step_value"),
    path("stop/", StopPreview.as_view(), name="preview_stop"),
    path("pin/", PinOutput.as_view(), name="preview_pin"),
]
_previews = [
    path("", PreviewPage.as_view(), name="preview"),
    path("pins/", ForgetPin.as_view(), name="preview_forget_pin"),
    path("samples/", UseSamples.as_view(), name="preview_samples"),
    path("scope/", ScopePage.as_view(), name="preview_scope"),
    path("shown/", ShownPreview.as_view(), name="activation_preview"),
    path("<int:pk>/", PreviewRunPage.as_view(), name="preview_run"),
]
urlpatterns = [
    path("jobs/", include(_jobs)),
    path("jobs/previews/<int:pk>/", include(_regions_of_previews)),
    path("workflows/<slug:slug>/preview/", include(_previews)),
]
