"""The versions of a workflow: their list and what differs, one of them, and making it the draft again."""

from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.api.problems import not_found
from common.canonical import loads, meaning
from common.errors import Problem
from workflows import services
from workflows.comparing import DRAFT, Comparison, compare, older_first
from workflows.described import actions_pinned, calls_pinned
from workflows.manifest import digest_holds
from workflows.models import RequestStatus, Workflow, WorkflowVersion
from workflows.pages.activation import revision_in
from workflows.pages.buttons import Button, in_archive, new_job_on, reasons, state_buttons, why_not
from workflows.pages.detail import WorkflowPage
from workflows.sources import MOST_LINES, numbered, source_of
from workspaces.permissions import Permission

_OFFERED = 100
_REQUESTS = 20


class VersionsPage(WorkflowPage):
    """All versions, newest first; any two of them, or one and the draft, compared."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """`a` and `b` are numbers of versions or `draft`."""
        workflow = self.workflow(slug)
        versions = workflow.versions.select_related("created_by").defer("definition", "manifest")
        a, b = request.GET.get("a", ""), request.GET.get("b", "")
        offered = _offered(workflow)
        page = self.slice_of(versions, ordering=["-number"])
        rows = [(version, new_job_on(workflow, version.number, self.actor)) for version in page.items]
        buttons, make_draft = state_buttons(workflow, self.actor), _make_draft(self, workflow)
        return self.render(
            "workflows/versions.html",
            workflow=workflow,
            page=page,
            rows=rows,
            buttons=buttons,
            why_no_draft=make_draft.why_not,
            reasons=reasons([*buttons, *(new_job for _version, new_job in rows if new_job), make_draft]),
            requests=workflow.requests.for_lists().order_by("-id")[:_REQUESTS],
            offered=offered,
            a=a or (str(offered[0]) if offered else ""),
            b=b or DRAFT,
            comparison=_compared(workflow, a, b) if a and b else None,
        )


class VersionPage(WorkflowPage):
    """A version."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, request: HttpRequest, slug: str, number: int) -> HttpResponse:
        """`with` is the number of another version, or `draft`."""
        workflow = self.workflow(slug)
        version = _version(workflow, number)
        chosen = request.GET.get("with", "")
        lines = numbered(source_of(loads(version.definition), slug=slug))
        approved = workflow.requests.filter(version=version, status=RequestStatus.APPROVED)
        new_job = new_job_on(workflow, number, self.actor)
        buttons = [*([new_job] if new_job else []), _make_draft(self, workflow, number)]
        return self.render(
            "workflows/version.html",
            workflow=workflow,
            version=version,
            active=version.pk == workflow.active_version_id,
            matches=digest_holds(version),
            approvals=approved.for_lists().order_by("-id")[:_REQUESTS],
            buttons=buttons,
            reasons=reasons(buttons),
            calls=calls_pinned(version, workspace_id=workflow.workspace_id),
            pinned=actions_pinned(version),
            lines=lines,
            cut=len(lines) == MOST_LINES,
            others=[each for each in _offered(workflow) if each != number],
            chosen=chosen,
            comparison=_compared(workflow, str(number), chosen) if chosen else None,
        )


class DraftFromVersionPage(WorkflowPage):
    """Making a version the draft again: first what that replaces, then doing it."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT, "post": Permission.WORKFLOW_EDIT}

    def get(self, _request: HttpRequest, slug: str, number: int) -> HttpResponse:
        """What would be lost of the draft."""
        workflow = self.workflow(slug)
        return self._page(workflow, _version(workflow, number))

    def post(self, request: HttpRequest, slug: str, number: int) -> HttpResponse:
        """Replace the draft that was looked at; another one is shown anew."""
        workflow = self.workflow(slug)
        version = _version(workflow, number)
        try:
            services.draft_from_version(
                actor=self.actor,
                workflow=workflow,
                version=version,
                expected_revision=revision_in(request.POST),
            )
        except Problem as problem:
            if problem.code != "draft_changed":
                raise
            refused = _("Somebody changed the draft meanwhile. This is what would be replaced now.")
            return self._page(self.workflow(slug), version, refused=refused, status=409)
        messages.success(
            request,
            _("The draft is what version %(number)s holds. Jobs go on as before until it is activated.")
            % {"number": number},
        )
        return HttpResponseRedirect(reverse("workflows:detail", args=[slug]))

    def _page(
        self, workflow: Workflow, version: WorkflowVersion, *, refused: str = "", status: int = 200
    ) -> HttpResponse:
        held = meaning(loads(workflow.draft))
        kept_as = workflow.versions.filter(definition=held).order_by("-number").first()
        return self.render(
            "workflows/draft_from_version.html",
            status=status,
            workflow=workflow,
            version=version,
            same=version.definition == held,
            kept_as=kept_as,
            comparison=compare(workflow, DRAFT, str(version.number)),
            refused=refused,
        )


def _version(workflow: Workflow, number: int) -> WorkflowVersion:
    version = workflow.versions.select_related("created_by").filter(number=number).first()
    if version is None:
        raise not_found()
    return version


def _offered(workflow: Workflow) -> list[int]:
    """The newest numbers, for a choice."""
    return list(workflow.versions.order_by("-number").values_list("number", flat=True)[:_OFFERED])


def _compared(workflow: Workflow, a: str, b: str) -> Comparison:
    """The older side first. Raises `Problem` 404 for a version that is not there."""
    try:
        return compare(workflow, *older_first(a, b))
    except WorkflowVersion.DoesNotExist as error:
        raise not_found() from error


def _make_draft(page: WorkflowPage, workflow: Workflow, number: int = 0) -> Button:
    """Making a version the draft again; without a number, what stands against it for all of them."""
    url = reverse("workflows:draft_from_version", args=[workflow.slug, number])
    reason = in_archive(workflow) or why_not(page.actor, Permission.WORKFLOW_EDIT)
    return Button(label=_("Make it my draft"), icon="undo-2", url=url, why_not=reason)
