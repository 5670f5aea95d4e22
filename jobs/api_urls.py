"""The API's addresses of this app, below `/api/v1/`."""

from rest_framework.routers import SimpleRouter

from jobs.api.files import FileViewSet
from jobs.api.jobs import JobViewSet

router = SimpleRouter()
router.register("jobs", JobViewSet, basename="job")
router.register("files", FileViewSet, basename="file")
urlpatterns = router.urls
