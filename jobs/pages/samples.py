"""Adds the sample workflows to a workspace that wants something to try."""

from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.demo.workspace import import_missing
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class SamplesPage(Page):
    """Those that are missing; a workflow of the same slug stays as it is."""

    permissions: ClassVar = {"post": Permission.WORKFLOW_ACTIVATE}

    def post(self, _request: HttpRequest) -> HttpResponse:
        """Import and activate them, then show the list."""
        added = import_missing(self.actor.workspace, actor=self.actor)
        if added and self.actor.workspace.four_eyes:
            messages.success(
                self.request,
                _(
                    "The sample workflows %(slugs)s are here as drafts, and you asked to activate them: a second person decides."
                )
                % {"slugs": ", ".join(added)},
            )
        elif added:
            messages.success(
                self.request,
                _("The sample workflows %(slugs)s are here and active: start a job with one of them.")
                % {"slugs": ", ".join(added)},
            )
        else:
            messages.info(self.request, _("The sample workflows are here already."))
        return HttpResponseRedirect(reverse("workflows:list"))
