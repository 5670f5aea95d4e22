"""The API's addresses of this app, below `/api/v1/`."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from workflows.api.activation_requests import ActivationRequestViewSet
from workflows.api.step_types import StepTypesView
from workflows.api.transfer import ExportView, ImportView
from workflows.api.versions import PREFIX, VersionViewSet
from workflows.api.workflows import SLUG, WorkflowViewSet

router = SimpleRouter()
router.register(PREFIX, VersionViewSet, basename="version")
router.register("workflows", WorkflowViewSet, basename="workflow")
router.register("activation-requests", ActivationRequestViewSet, basename="activation-request")
urlpatterns = [
    path("step-types/", StepTypesView.as_view(), name="step-types"),
    path("workflows/import/", ImportView.as_view(), name="workflow-import"),
    re_path(rf"^workflows/(?P<slug>{SLUG})/export/$", ExportView.as_view(), name="workflow-export"),
    *router.urls,
]
