"""The pages of jobs, below `/jobs/`; the Overview at `/` is in `config/urls.py`."""

from django.urls import path

from jobs.pages.listing import JobRows, JobsCsv, JobsPage
from jobs.pages.overview import OverviewRegion
from jobs.pages.selected import CancelSelected, RunSelectedAgain

app_name = "jobs"
urlpatterns = [
    path("", JobsPage.as_view(), name="list"),
    path("rows/", JobRows.as_view(), name="rows"),
    path("export.csv", JobsCsv.as_view(), name="csv"),
    path("cancel/", CancelSelected.as_view(), name="cancel_selected"),
    path("run-again/", RunSelectedAgain.as_view(), name="rerun_selected"),
    path("now/", OverviewRegion.as_view(), name="now"),
]
