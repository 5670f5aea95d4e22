"""The pages of jobs, below `/jobs/`; the Overview at `/` is in `config/urls.py`."""

from django.urls import path

from jobs.pages.new import NewJobPage
from jobs.pages.new_parts import FilePage, ReadyPage, ShownPage, TablePage
from jobs.pages.overview import OverviewRegion

app_name = "jobs"
urlpatterns = [
    path("now/", OverviewRegion.as_view(), name="now"),
    path("new/", NewJobPage.as_view(), name="new"),
    path("new/file/", FilePage.as_view(), name="new_file"),
    path("new/table/", TablePage.as_view(), name="new_table"),
    path("new/shown/", ShownPage.as_view(), name="new_shown"),
    path("new/ready/", ReadyPage.as_view(), name="new_ready"),
]
