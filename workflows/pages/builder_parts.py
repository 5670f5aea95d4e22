"""What stands beside the Builder's form: the picture of the draft, and the history of its saves."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.canonical import loads
from common.errors import Problem
from workflows.builder.outline import by_node, step_keys
from workflows.change_words import in_words
from workflows.checking import check_draft
from workflows.definition.model import Step
from workflows.diff import diff
from workflows.graph import Graph, lay_out
from workflows.models import DraftSave, Workflow
from workflows.pages.detail import WorkflowPage
from workflows.reading import parsed_text
from workflows.services.editing import restore_save
from workflows.services.locking import refuse_archived
from workflows.sources import line_diff, source_of
from workspaces.permissions import Permission


class GraphPage(WorkflowPage):
    """The picture of the draft, with the steps marked that have problems."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """A page; for a request of htmx the picture alone."""
        workflow = self.workflow(slug)
        is_part = getattr(request, "htmx", False)
        template = "workflows/builder/_graph.html" if is_part else "workflows/builder/graph.html"
        return self.render(template, workflow=workflow, graph=_graph(workflow))


class HistoryPage(WorkflowPage):
    """The last saves of the draft, each with what it changed, to be restored."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT, "post": Permission.WORKFLOW_EDIT}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """The list; `revision` names one that is compared with the draft as it is."""
        workflow = self.workflow(slug)
        chosen = request.GET.get("revision", "")
        return self._page(workflow, chosen=chosen)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Restore one, unless the draft moved on since the list was looked at."""
        workflow = self.workflow(slug)
        revision, expected = (
            _number(request.POST.get("restore", "")),
            _number(request.POST.get("revision", "")),
        )
        try:
            restore_save(actor=self.actor, workflow=workflow, revision=revision, expected_revision=expected)
        except Problem as problem:
            if problem.status not in (404, 409):
                raise
            chosen = request.POST.get("restore", "")
            return self._page(
                self.workflow(slug), chosen=chosen, refused=problem.detail, status=problem.status
            )
        return HttpResponseRedirect(reverse("workflows:builder", args=[slug]))

    def _page(self, workflow: Workflow, *, chosen: str, refused: str = "", status: int = 200) -> HttpResponse:
        refuse_archived(workflow)
        saves = list(workflow.saves.select_related("saved_by").defer("draft").order_by("-revision"))
        save = workflow.saves.filter(revision=_number(chosen)).first() if chosen else None
        return self.render(
            "workflows/builder/history.html",
            status=status,
            workflow=workflow,
            saves=saves,
            save=save,
            refused=refused,
            **(_compared(workflow, save) if save else {}),
        )


def _compared(workflow: Workflow, save: DraftSave) -> dict[str, object]:
    """What going back to a save would change."""
    now, then = loads(workflow.draft), loads(save.draft)
    return {
        "changes": in_words(diff(now, then)),
        "diff_lines": line_diff(source_of(now, slug=workflow.slug), source_of(then, slug=workflow.slug)),
        "old_name": _("the draft as it is"),
        "new_name": _("revision %(number)s") % {"number": save.revision},
    }


def _graph(workflow: Workflow) -> Graph | None:
    definition = parsed_text(workflow.draft).partial
    if definition is None or not definition.steps:
        return None
    checked = check_draft(workflow)
    keys = step_keys(checked.raw)
    address = reverse("workflows:builder", args=[workflow.slug])
    marks: dict[str, str] = {}
    at_step = {step.where: step.key for step in definition.walk()}
    for path, problems in by_node(checked.raw, checked.problems).items():
        error = next((problem for problem in problems if problem.level == "error"), None)
        inner = path
        while inner and inner not in at_step:
            inner = inner[: max(inner.rfind("."), inner.rfind("["), 0)]
        if error is not None and inner in at_step:
            marks.setdefault(at_step[inner], error.message)

    def link(step: Step) -> str:
        at = f"step:{step.key}" if keys.get(step.key) == 1 else step.where
        return f"{address}?at={at}"

    return lay_out(definition, link=link, problems=marks)


def _number(text: str) -> int:
    """0, which no revision has, for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
