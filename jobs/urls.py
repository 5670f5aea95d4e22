"""The pages of jobs, below `/jobs/`; the Overview at `/` is in `config/urls.py`."""

from django.urls import path, re_path

from jobs.pages.evidence import EvidencePage
from jobs.pages.files import FilePage
from jobs.pages.overview import OverviewRegion
from jobs.pages.step import StepPage, StepValue
from jobs.pages.values import ValuesFile, ValuesPage

app_name = "jobs"
urlpatterns = [
    path("now/", OverviewRegion.as_view(), name="now"),
    re_path(r"^files/(?P<id>file_[0-9a-f]{32})/$", FilePage.as_view(), name="file"),
    path("<int:pk>/values/", ValuesPage.as_view(), name="values"),
    path("<int:pk>/values/<slug:kind>.json", ValuesFile.as_view(), name="values_file"),
    path("<int:pk>/steps/", StepPage.as_view(), name="step"),
    path("<int:pk>/steps/value/", StepValue.as_view(), name="step_value"),
    path("<int:pk>/evidence/", EvidencePage.as_view(), name="evidence"),
]
