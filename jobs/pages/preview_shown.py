"""The person's last preview, sealed into the form that asks a second person to activate the draft."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse

from jobs.pages.preview import workflow_of
from jobs.previews.last import preview_to_show
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class ShownPreview(Page):
    """A fragment of the form; without a script, a way back to the form with the preview in its address."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_PREVIEW}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """The field with the preview, and what it says; nothing where there is none."""
        workflow = workflow_of(self, slug)
        shown = preview_to_show(self.actor, workflow)
        if getattr(request, "htmx", False):
            same = shown is not None and shown.draft == workflow.draft_digest
            return self.render("workflows/_preview_field.html", preview=shown, same=same)
        query = {"preview": shown.sealed()} if shown else {}
        return HttpResponseRedirect(reverse("workflows:activate", args=[slug], query=query))
