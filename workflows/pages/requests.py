"""`/workflows/SLUG/requests/N/`: what one person asks to become active, and another one's decision."""

from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.api.problems import not_found
from common.errors import Problem
from workflows import services
from workflows.change_words import in_words
from workflows.models import ActivationRequest, Workflow
from workflows.pages.activation import activated_words, after_activation, lines_changed
from workflows.pages.buttons import why_not
from workflows.pages.detail import WorkflowPage
from workflows.preview_shown import PreviewShown
from workflows.proposal import Proposal, propose
from workflows.services.freezing import NOTE_LENGTH
from workflows.sources import problems_in, source_of
from workspaces.permissions import Permission


class RequestPage(WorkflowPage):
    """A request to activate. Everybody sees it; who may activate decides, but not on their own."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW, "post": Permission.WORKFLOW_ACTIVATE}

    def get(self, _request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        """What would become active, what that changes, and the buttons."""
        return self._page(*self._found(slug, pk))

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        """`action` is `approve`, `refuse` or `withdraw`; what is refused is shown anew with the reason."""
        workflow, asked = self._found(slug, pk)
        try:
            return self._decide(request, slug, asked)
        except Problem as problem:
            workflow, asked = self._found(slug, pk)
            if problem.code == "already_decided":
                messages.info(request, problem.detail)
                return HttpResponseRedirect(reverse("workflows:request", args=[slug, pk]))
            comment = request.POST.get("comment", "")
            return self._page(workflow, asked, refused=problem.detail, comment=comment, status=problem.status)

    def _decide(self, request: HttpRequest, slug: str, asked: ActivationRequest) -> HttpResponse:
        action = request.POST.get("action", "")
        if action == "approve":
            done = services.approve(
                actor=self.actor, request=asked, expected_digest=request.POST.get("digest", "")
            )
            messages.success(request, activated_words(done))
            return HttpResponseRedirect(after_activation(slug, done))
        if action == "refuse":
            services.refuse(actor=self.actor, request=asked, comment=request.POST.get("comment", ""))
            messages.success(request, _("Refused. Who asked for it reads why on this page."))
        elif action == "withdraw":
            services.withdraw(actor=self.actor, request=asked)
            messages.success(request, _("Withdrawn. The draft is as it was."))
        else:
            raise Problem(422, "invalid", _("Choose to approve, to refuse or to withdraw."))
        return HttpResponseRedirect(reverse("workflows:request", args=[slug, asked.pk]))

    def _found(self, slug: str, pk: int) -> tuple[Workflow, ActivationRequest]:
        workflow = self.workflow(slug)
        rows = workflow.requests.select_related("workflow__workspace", "asked_by", "decided_by", "version")
        asked = rows.filter(pk=pk).first()
        if asked is None:
            raise not_found()
        return workflow, asked

    def _page(
        self,
        workflow: Workflow,
        asked: ActivationRequest,
        *,
        refused: str = "",
        comment: str = "",
        status: int = 200,
    ) -> HttpResponse:
        proposal = propose(workflow, asked.draft) if asked.is_open else None
        return self.render(
            "workflows/request.html",
            status=status,
            workflow=workflow,
            asked=asked,
            preview=_shown_preview(asked),
            is_own=asked.asked_by_id == self.actor.user.pk,
            why_no_decision=self._why_no_decision(asked),
            moved_on=workflow.draft_digest != asked.digest,
            anew=asked.revision is None,
            refused=refused,
            comment=comment,
            note_length=NOTE_LENGTH,
            **(_compared(workflow, proposal) if proposal else {}),
        )

    def _why_no_decision(self, asked: ActivationRequest) -> str:
        """Why this person may neither approve nor refuse; empty when they may."""
        if asked.asked_by_id == self.actor.user.pk:
            return _("You asked for it, so somebody else has to decide.")
        return why_not(self.actor, Permission.WORKFLOW_ACTIVATE)


def _compared(workflow: Workflow, proposal: Proposal) -> dict[str, object]:
    """What the request leads to, beside what is active."""
    source = source_of(proposal.checked.raw, slug=workflow.slug)
    active = workflow.active_version
    return {
        "proposal": proposal,
        "problems": problems_in(source, proposal.checked.problems),
        "changes": in_words(proposal.changes),
        "diff_lines": lines_changed(workflow, proposal),
        "old_name": _("version %(number)s") % {"number": active.number} if active else _("nothing"),
        "new_name": _("what was asked for"),
    }


def _shown_preview(asked: ActivationRequest) -> dict[str, object] | None:
    """The preview that was looked at, and whether it ran exactly what was asked for."""
    shown = PreviewShown.of_text(asked.preview)
    return {"shown": shown, "same": shown.draft == asked.digest} if shown else None
