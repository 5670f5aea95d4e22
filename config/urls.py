"""Every URL of Workledger."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from common.api import codes
from config import health
from config.api import nothing_here
from integrations import error_page
from workspaces.admin_site import site

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("api/v1/", include("config.api")),
    re_path(r"^api/(?!(?:schema|docs)$)", nothing_here),
    path("docs/errors/", error_page.errors, name="errors"),
    path("docs/problems/", codes.problems, name="problems"),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.missing"
handler500 = "config.errors.failed"
