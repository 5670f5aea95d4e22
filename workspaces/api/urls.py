"""The API's addresses of this app, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from workspaces.api.audit import AuditViewSet
from workspaces.api.me import MeView
from workspaces.api.members import MemberViewSet
from workspaces.api.tokens import TokenViewSet

router = SimpleRouter()
router.register("tokens", TokenViewSet, basename="token")
router.register("members", MemberViewSet, basename="member")
router.register("audit", AuditViewSet, basename="audit")

urlpatterns = [path("me/", MeView.as_view(), name="me"), *router.urls]
