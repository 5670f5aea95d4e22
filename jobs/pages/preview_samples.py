"""`/workflows/SLUG/preview/samples/`: the samples of the gallery for a preview of a copy."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse

from jobs.pages.preview import workflow_of
from jobs.previews.samples import keep_gallery_samples
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class UseSamples(Page):
    """Fills the form with them."""

    permissions: ClassVar = {"post": Permission.WORKFLOW_PREVIEW}

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Back to the form, which shows what is kept."""
        keep_gallery_samples(actor=self.actor, workflow=workflow_of(self, slug))
        panel = "?panel=1&until=" if getattr(request, "htmx", False) else ""
        return HttpResponseRedirect(reverse("jobs:preview", args=[slug]) + panel)
