"""Every URL of Workledger."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from common.api import codes
from config import health
from config.api import nothing_here
from integrations import error_page
from jobs.pages.overview import OverviewPage
from workspaces.admin_site import site
from workspaces.pages.join import join

# Swagger's page has a style element of its own, and its script puts styles into the page.
api_docs = csp_update({"style-src": UNSAFE_INLINE})(SpectacularSwaggerSplitView.as_view(url_name="schema"))
api_docs.login_required = False  # type: ignore[attr-defined] # as REST framework says of its views

urlpatterns = [
    path("", OverviewPage.as_view(), name="overview"),
    path("", include("jobs.urls")),
    path("workflows/", include("workflows.urls")),
    path("audit/", include("workspaces.audit_urls")),
    path("account/", include("workspaces.urls")),
    path("settings/", include("workspaces.settings_urls")),
    path("join/<str:token>/", join, name="join"),
    path("admin/", site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", api_docs, name="api-docs"),
    path("api/v1/", include("config.api")),
    re_path(r"^api/(?!(?:schema|docs)$)", nothing_here, name="api-missing"),
    path("docs/errors/", error_page.errors, name="errors"),
    path("docs/problems/", codes.problems, name="problems"),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.missing"
handler500 = "config.errors.failed"
