"""`/workflows/SLUG/callers/`: who calls an earlier version of it, and bringing them along."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from workflows import services
from workflows.behind import callers_behind
from workflows.models import ActivationRequest, Workflow
from workflows.pages.buttons import why_not
from workflows.pages.detail import WorkflowPage
from workflows.services.callers import Brought
from workspaces.permissions import Permission


class CallersPage(WorkflowPage):
    """Those that are behind, each after what it calls."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW, "post": Permission.WORKFLOW_ACTIVATE}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """With a button for each, and one for all."""
        return self._page(self.workflow(slug))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Activate anew the one that `only` names, or all; those that no longer fit are shown with the reasons."""
        workflow = self.workflow(slug)
        only = request.POST.getlist("only")
        brought = services.bring_callers_along(actor=self.actor, workflow=workflow, only=only or None)
        self._tell(brought)
        refused = [each for each in brought if each.refusal]
        if refused:
            return self._page(workflow, refused=refused, status=409)
        return HttpResponseRedirect(reverse("workflows:callers", args=[slug]))

    def _tell(self, brought: Sequence[Brought]) -> None:
        for each in brought:
            words = {"name": each.workflow.name}
            if isinstance(each.done, ActivationRequest):
                messages.success(
                    self.request, _("You asked to activate %(name)s anew; somebody else decides.") % words
                )
            elif each.done is not None:
                words["number"] = str(each.done.version.number)
                messages.success(self.request, _("%(name)s is active as version %(number)s.") % words)
        if not brought:
            messages.info(self.request, _("There was nothing to activate anew."))

    def _page(
        self, workflow: Workflow, *, refused: Sequence[Brought] = (), status: int = 200
    ) -> HttpResponse:
        behind = callers_behind(workflow)
        concerned = [each.workflow.pk for each in behind]
        waiting: dict[int, ActivationRequest] = {}
        if concerned:
            rows = ActivationRequest.objects.open().filter(workflow__in=concerned).for_lists()
            waiting = {row.workflow_id: row for row in rows}
        return self.render(
            "workflows/callers.html",
            status=status,
            workflow=workflow,
            rows=[(each, waiting.get(each.workflow.pk)) for each in behind],
            refused=refused,
            takes_two=self.actor.workspace.four_eyes,
            why_not=why_not(self.actor, Permission.WORKFLOW_ACTIVATE),
        )
