"""The pages of jobs, below `/jobs/`; the Overview at `/` is in `config/urls.py`."""

from django.urls import path

from jobs.pages.of_workflow import JobsOfWorkflow
from jobs.pages.overview import OverviewRegion
from jobs.pages.samples import SamplesPage

app_name = "jobs"
urlpatterns = [
    path("now/", OverviewRegion.as_view(), name="now"),
    path("of-workflow/<slug:slug>/", JobsOfWorkflow.as_view(), name="of_workflow"),
    path("samples/", SamplesPage.as_view(), name="samples"),
]
