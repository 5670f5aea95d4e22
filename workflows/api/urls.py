"""The API's addresses of this app, below `/api/v1/`."""

from rest_framework.routers import SimpleRouter

from workflows.api.versions import PREFIX, VersionViewSet
from workflows.api.workflows import WorkflowViewSet

router = SimpleRouter()
router.register(PREFIX, VersionViewSet, basename="version")
router.register("workflows", WorkflowViewSet, basename="workflow")
urlpatterns = [*router.urls]
