"""The pages of jobs, below `/jobs/`; the Overview at `/` is in `config/urls.py`."""

from django.urls import path

from jobs.pages.evidence import EvidencePage
from jobs.pages.overview import OverviewRegion

app_name = "jobs"
urlpatterns = [
    path("now/", OverviewRegion.as_view(), name="now"),
    path("<int:pk>/evidence/", EvidencePage.as_view(), name="evidence"),
]
