"""The API's addresses of this app, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from workspaces.api.me import MeView

router = SimpleRouter()
urlpatterns = [path("me/", MeView.as_view(), name="me"), *router.urls]
