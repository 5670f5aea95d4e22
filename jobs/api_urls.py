"""The API's addresses of this app, below `/api/v1/`."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from jobs.api.evidence import EvidenceView
from jobs.api.files import FileViewSet
from jobs.api.jobs import JobViewSet
from jobs.api.parts import AuditView, OutputsView, StepsView
from jobs.api.previews import PreviewView
from workflows.api.workflows import SLUG

router = SimpleRouter()
router.register("jobs", JobViewSet, basename="job")
router.register("files", FileViewSet, basename="file")

_JOB = rf"^jobs/(?P<id>{JobViewSet.lookup_value_regex})"
urlpatterns = [
    re_path(rf"{_JOB}/steps/$", StepsView.as_view(), name="job-steps"),
    re_path(rf"{_JOB}/outputs/$", OutputsView.as_view(), name="job-outputs"),
    re_path(rf"{_JOB}/evidence/$", EvidenceView.as_view(), name="job-evidence"),
    re_path(rf"{_JOB}/audit/$", AuditView.as_view(), name="job-audit"),
    re_path(rf"^workflows/(?P<slug>{SLUG})/preview/$", PreviewView.as_view(), name="workflow-preview"),
    *router.urls,
]
