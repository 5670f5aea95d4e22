"""`/workflows/SLUG/build/`: editing a draft. Every control is a plain form; with a script it saves by itself."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, replace_url, trigger_client_event

from workflows.builder.paths import NoSuchPlace
from workflows.builder.view import view_of
from workflows.models import Workflow
from workflows.pages.builder_clash import Clash
from workflows.pages.builder_edits import Edit, Refused
from workflows.pages.detail import WorkflowPage
from workflows.services.locking import refuse_archived
from workspaces.permissions import Permission


class BuilderPage(WorkflowPage):
    """The draft as an outline with one part's form beside it."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT, "post": Permission.WORKFLOW_EDIT}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """`at` names the part whose form is shown; `add` a list that something is added to, `index` where; after
        `added` the first field that is still empty has the focus.
        """
        workflow = self.workflow(slug)
        refuse_archived(workflow)
        query = request.GET
        return self._show(
            workflow,
            at=query.get("at", ""),
            add=query.get("add", ""),
            index=query.get("index", ""),
            added="added" in query,
        )

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Do what the pressed button says; without one, save the form."""
        workflow = self.workflow(slug)
        try:
            edit = Edit(workflow=workflow, actor=self.actor, form=request.POST)
            at = edit.done()
        except Clash as clash:
            return self._show(self.workflow(slug), at=clash.at, status=409, clash=clash)
        except Refused as refused:
            return self._show(self.workflow(slug), at=refused.at, status=refused.status, refused=str(refused))
        address = reverse("workflows:builder", args=[slug], query={"at": at})
        if not self._is_part():
            return HttpResponseRedirect(address)
        if request.POST.get("do", "").startswith(("add", "take")):
            # A new form may take scripts that the page does not have.
            return HttpResponseClientRedirect(
                reverse("workflows:builder", args=[slug], query={"at": at, "added": 1})
            )
        answer = self._show(self.workflow(slug), at=at)
        return trigger_client_event(replace_url(answer, address), "draft-saved")

    def _show(self, workflow: Workflow, *, at: str, status: int = 200, **more: Any) -> HttpResponse:
        places = {name: more.pop(name, "") for name in ("add", "index")}
        try:
            view = view_of(workflow, at=at, **places)
        except NoSuchPlace:
            more.setdefault("gone", True)
            view = view_of(workflow)
        template = "workflows/builder/_builder.html" if self._is_part() else "workflows/builder/page.html"
        return self.render(template, status=status, workflow=workflow, view=view, words=_words(), **more)

    def _is_part(self) -> bool:
        """Whether the script asked, which puts the answer into the page."""
        return bool(getattr(self.request, "htmx", False))


def _words() -> dict[str, str]:
    """What the script says of saving."""
    return {
        "saving": _("Saving…"),
        "saved": _("Saved"),
        "unsaved": _("Not saved yet"),
        "offline": _("Not saved: the server does not answer. It is tried again."),
    }
