"""Putting a workflow into use and out of it: each a page that says what it means, and a button that does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Problem
from workflows import services
from workflows.change_words import in_words
from workflows.models import ActivationRequest, Workflow, WorkflowStatus
from workflows.pages.detail import WorkflowPage
from workflows.preview_shown import PreviewShown
from workflows.proposal import Proposal, propose
from workflows.selectors import callers_of
from workflows.services.freezing import NOTE_LENGTH, Activation
from workflows.sources import DiffLine, line_diff, problems_in, source_of, source_of_meaning
from workspaces.permissions import Permission


class ActivatePage(WorkflowPage):
    """What activating the draft would come to, and doing it; or asking for it, where that takes two people."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_ACTIVATE, "post": Permission.WORKFLOW_ACTIVATE}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """Problems, or what changes for whom."""
        return self._page(self.workflow(slug))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Activate the draft as it was looked at, or ask for it; another one is shown anew, and the note is kept."""
        workflow = self.workflow(slug)
        note = request.POST.get("note", "")
        if len(note) > NOTE_LENGTH:
            refused = _("The note has at most %(count)s characters.") % {"count": NOTE_LENGTH}
            return self._page(workflow, note=note, refused=refused, status=422)
        try:
            done = services.activate_or_ask(
                actor=self.actor,
                workflow=workflow,
                note=note.strip(),
                expected_revision=revision_in(request.POST),
                preview=PreviewShown.opened(request.POST.get("preview", ""), workflow_id=workflow.pk),
            )
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            return self._page(self.workflow(slug), note=note, refused=problem.detail, status=problem.status)
        if isinstance(done, ActivationRequest):
            messages.success(request, _("You asked for it. Somebody else who may activate decides."))
            return HttpResponseRedirect(reverse("workflows:request", args=[slug, done.pk]))
        messages.success(request, activated_words(done))
        return HttpResponseRedirect(after_activation(slug, done))

    def _page(
        self, workflow: Workflow, *, note: str = "", refused: str = "", status: int = 200
    ) -> HttpResponse:
        proposal = propose(workflow)
        source = source_of(proposal.checked.raw, slug=workflow.slug)
        active = workflow.active_version
        open_request = workflow.requests.open().for_lists().first()
        sealed = self.request.POST.get("preview") or self.request.GET.get("preview", "")
        preview = PreviewShown.opened(sealed, workflow_id=workflow.pk)
        return self.render(
            "workflows/activate.html",
            status=status,
            workflow=workflow,
            proposal=proposal,
            takes_two=self.actor.workspace.four_eyes,
            open_request=open_request,
            is_own=open_request is not None and open_request.asked_by_id == self.actor.user.pk,
            preview=preview,
            preview_same=preview is not None and preview.draft == workflow.draft_digest,
            nothing_new=active is not None and proposal.same_as == active.number,
            problems=problems_in(source, proposal.checked.problems),
            changes=in_words(proposal.changes),
            diff_lines=lines_changed(workflow, proposal),
            old_name=_("version %(number)s") % {"number": active.number} if active else "",
            new_name=_("the draft"),
            note=note,
            note_length=NOTE_LENGTH,
            refused=refused,
        )


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What a change of a workflow's state is called and means. `needed`: the states it can be done in."""

    title: str
    meaning: str
    button: str
    done: str
    needed: frozenset[WorkflowStatus]
    too_late: str
    dangerous: bool = True


class _StatePage(WorkflowPage):
    """A change of state: what it means, whom it concerns, and the button."""

    def words(self, workflow: Workflow) -> _Words:
        raise NotImplementedError

    def change(self, workflow: Workflow) -> None:
        raise NotImplementedError

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """What it means."""
        workflow = self.workflow(slug)
        words = self.words(workflow)
        callers = callers_of(workflow) if words.dangerous else []
        return self.render(
            "workflows/state.html",
            workflow=workflow,
            words=words,
            callers=callers,
            too_late=workflow.status not in words.needed,
        )

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Do it; where somebody was quicker, say so."""
        workflow = self.workflow(slug)
        words = self.words(workflow)
        if workflow.status in words.needed:
            self.change(workflow)
            messages.success(request, words.done)
        else:
            messages.info(request, words.too_late)
        return HttpResponseRedirect(reverse("workflows:detail", args=[slug]))


class DeactivatePage(_StatePage):
    """Letting no new job start."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_ACTIVATE, "post": Permission.WORKFLOW_ACTIVATE}

    def words(self, workflow: Workflow) -> _Words:
        return _Words(
            title=_("Deactivate %(name)s?") % {"name": workflow.name},
            meaning=_(
                "No new job of it starts from then on, neither from here nor by the API. Jobs that are queued, "
                "running or waiting finish as they are. Its versions and its draft stay; activating puts it into "
                "use again."
            ),
            button=_("Deactivate"),
            done=_("%(name)s is no longer active: no new job starts, and those that are there finish.")
            % {"name": workflow.name},
            needed=frozenset({WorkflowStatus.ACTIVE}),
            too_late=_("%(name)s is not active, so nothing was changed.") % {"name": workflow.name},
        )

    def change(self, workflow: Workflow) -> None:
        services.deactivate(actor=self.actor, workflow=workflow)


class ArchivePage(_StatePage):
    """Putting a workflow away."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_ARCHIVE, "post": Permission.WORKFLOW_ARCHIVE}

    def words(self, workflow: Workflow) -> _Words:
        return _Words(
            title=_("Archive %(name)s?") % {"name": workflow.name},
            meaning=_(
                "No new job of it starts, its draft can no longer be changed, and the list shows it under Archived "
                "alone. Jobs that are there finish. Nothing is deleted: its versions, its jobs and their history "
                "stay, and it can be restored."
            ),
            button=_("Archive"),
            done=_("%(name)s is in the archive.") % {"name": workflow.name},
            needed=frozenset({WorkflowStatus.ACTIVE, WorkflowStatus.DRAFT}),
            too_late=_("%(name)s is in the archive already.") % {"name": workflow.name},
        )

    def change(self, workflow: Workflow) -> None:
        services.archive(actor=self.actor, workflow=workflow)


class RestorePage(_StatePage):
    """Taking a workflow out of the archive."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_ARCHIVE, "post": Permission.WORKFLOW_ARCHIVE}

    def words(self, workflow: Workflow) -> _Words:
        return _Words(
            title=_("Restore %(name)s?") % {"name": workflow.name},
            meaning=_(
                "It comes back as a draft that can be changed. It runs no jobs until somebody activates it."
            ),
            button=_("Restore"),
            done=_("%(name)s is a draft again. Activate it to run jobs.") % {"name": workflow.name},
            needed=frozenset({WorkflowStatus.ARCHIVED}),
            too_late=_("%(name)s is not in the archive, so nothing was changed.") % {"name": workflow.name},
            dangerous=False,
        )

    def change(self, workflow: Workflow) -> None:
        services.restore(actor=self.actor, workflow=workflow)


def lines_changed(workflow: Workflow, proposal: Proposal) -> list[DiffLine] | None:
    """What leads from the active version to what is proposed, line by line; nothing where none is active."""
    if workflow.active_version is None:
        return []
    before = source_of(proposal.before, slug=workflow.slug)
    return line_diff(before, source_of_meaning(proposal.checked.raw, slug=workflow.slug))


def activated_words(activation: Activation) -> str:
    """What activating came to, and who is left behind by it."""
    version = activation.version
    sentence = (
        _("Version %(number)s is frozen and active, with the digest %(digest)s. New jobs run it.")
        if activation.created
        else _("Version %(number)s, which holds exactly this, is active, with the digest %(digest)s.")
    ) % {"number": version.number, "digest": version.digest}
    if not activation.callers:
        return sentence
    slugs = ", ".join(caller.workflow.slug for caller in activation.callers)
    rest = ngettext(
        "%(slugs)s goes on calling an earlier version until it is activated anew.",
        "%(slugs)s go on calling earlier versions until they are activated anew.",
        len(activation.callers),
    )
    return f"{sentence} {rest % {'slugs': slugs}}"


def after_activation(slug: str, activation: Activation) -> str:
    """Where to go on: to the callers that are left behind, if there are any, else to the workflow."""
    return reverse("workflows:callers" if activation.callers else "workflows:detail", args=[slug])


def revision_in(form: Mapping[str, Any]) -> int:
    """The revision that was looked at; 0, which no draft has, where the form names none."""
    given = str(form.get("revision", ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
