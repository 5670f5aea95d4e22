"""`/workflows/SLUG/build/source/`: the draft as YAML that is edited, with its problems at their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from audit.models import AuditEntry
from common.canonical import Json, loads, sha256_hex
from common.errors import Problem
from workflows.definition.fields import EXPORT_FIELDS
from workflows.definition.yaml_comments import comment_lines
from workflows.listing import last_save
from workflows.models import Workflow
from workflows.pages.detail import WorkflowPage
from workflows.rehearsal import DraftTrial, try_draft
from workflows.services.drafts import draft_text, save_draft
from workflows.services.locking import refuse_archived
from workflows.sources import DiffLine, PlacedProblem, line_diff, source_of
from workspaces.permissions import Permission

LARGEST = 1 << 20
"""Characters of a text that is edited on a page: more than a definition may have."""
_EXCERPT = 120


@dataclass(frozen=True, kw_only=True)
class ProblemLine:
    """A problem with the text of its line."""

    placed: PlacedProblem
    text: str


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """The draft that somebody else saved, beside the text that is edited. `lines` lead from theirs to that; None where
    it is too long for it.
    """

    revision: int
    saved: AuditEntry | None
    lines: Sequence[DiffLine] | None


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a form holds: the text, the revision and the digest of the text it began with, and what shall be done.

    `seen` is the revision that a conflict showed, which alone may be replaced; 0: none was shown.
    """

    do: str
    text: str
    revision: int
    seen: int
    began: str

    @property
    def untouched(self) -> bool:
        """Whether the text is the one that was loaded."""
        return self.began == sha256_hex(self.text)


class SourceEditorPage(WorkflowPage):
    """The draft as YAML, to be edited."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT, "post": Permission.WORKFLOW_EDIT}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """The draft as it is now."""
        workflow = self.workflow(slug)
        refuse_archived(workflow)
        text = source_of(loads(workflow.draft), slug="")
        return self._answer(
            workflow, _began(text, workflow), trial=try_draft(text, workflow=workflow), whole=True
        )

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """`check` keeps nothing; `save` keeps the text unless somebody saved meanwhile, `replace` also then; `edit`
        puts a conflict aside. The text comes back with every answer that did not keep it.
        """
        workflow = self.workflow(slug)
        edit = _edit_of(request)
        if len(edit.text) > LARGEST:
            refused = _("The text is larger than 1 MiB, which no workflow may be. Move data into files.")
            return self._answer(workflow, edit, refused=refused, status=422)
        trial = try_draft(edit.text, workflow=workflow)
        if edit.do not in ("save", "replace"):
            return self._answer(workflow, edit, trial=trial, compare=edit.do == "check" and edit.seen > 0)
        if edit.untouched and edit.revision == workflow.draft_revision:
            return self._kept(workflow, edit, trial)
        if trial.refused:
            return self._answer(workflow, edit, trial=trial, compare=edit.seen > 0, status=422)
        return self._save(workflow, edit, trial)

    def _save(self, workflow: Workflow, edit: Edit, trial: DraftTrial) -> HttpResponse:
        revision = edit.seen if edit.do == "replace" else edit.revision
        try:
            saved = save_draft(
                actor=self.actor,
                workflow=workflow,
                expected_revision=revision,
                definition=trial.definition,
                what=_("Edited the source"),
            )
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            return self._refused(self.workflow(workflow.slug), edit, trial, problem)
        return self._kept(saved, edit, trial)

    def _refused(self, workflow: Workflow, edit: Edit, trial: DraftTrial, problem: Problem) -> HttpResponse:
        if problem.code != "draft_changed":
            return self._answer(workflow, edit, trial=trial, refused=problem.detail, status=problem.status)
        if workflow.draft == draft_text(
            trial.definition
        ):  # an earlier attempt arrived, and its answer did not
            return self._kept(workflow, edit, trial)
        return self._answer(workflow, edit, trial=trial, compare=True, status=409)

    def _kept(self, workflow: Workflow, edit: Edit, trial: DraftTrial) -> HttpResponse:
        if not self.request.headers.get("HX-Request"):
            messages.success(
                self.request,
                _("The draft is saved as revision %(number)s.") % {"number": workflow.draft_revision},
            )
            return HttpResponseRedirect(self.request.path)
        answer = self._answer(workflow, _began(edit.text, workflow), trial=trial, saved=True)
        return trigger_client_event(answer, "source-saved", {"revision": workflow.draft_revision})

    def _answer(
        self,
        workflow: Workflow,
        edit: Edit,
        *,
        trial: DraftTrial | None = None,
        refused: str = "",
        compare: bool = False,
        saved: bool = False,
        whole: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """The page with the text of `edit`, or for htmx what stands around it."""
        stale = edit.revision != workflow.draft_revision
        conflict = _conflict(workflow, edit, trial) if stale and compare else None
        whole = whole or not self.request.headers.get("HX-Request")
        return self.render(
            "workflows/builder/source.html" if whole else "workflows/builder/_source_answer.html",
            status=status,
            workflow=workflow,
            edit=edit,
            trial=trial,
            problems=_problem_lines(edit.text, trial.all_problems if trial else ()),
            comments=comment_lines(edit.text)[:5],
            refused=refused,
            conflict=conflict,
            newer=stale and conflict is None and not saved,
            saved=saved,
        )


def _began(text: str, workflow: Workflow) -> Edit:
    """An edit that begins with `text` as the draft at its present revision."""
    return Edit(do="", text=text, revision=workflow.draft_revision, seen=0, began=sha256_hex(text))


def _edit_of(request: HttpRequest) -> Edit:
    """The form, with line feeds alone; a browser sends pairs."""
    posted = request.POST
    return Edit(
        do=posted.get("do", "check"),
        text=posted.get("text", "").replace("\r\n", "\n"),
        revision=_number(posted.get("revision", "")),
        seen=_number(posted.get("seen", "")),
        began=posted.get("began", "")[:100],
    )


def _number(given: str) -> int:
    """A revision; 0, which no draft has, for anything else."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _conflict(workflow: Workflow, edit: Edit, trial: DraftTrial | None) -> Conflict:
    theirs = source_of(loads(workflow.draft), slug="")
    ours: Json = trial.definition if trial else None
    return Conflict(
        revision=workflow.draft_revision,
        saved=last_save(workflow),
        lines=line_diff(theirs, edit.text if ours is None else source_of(_own(ours), slug="")),
    )


def _own(definition: dict[str, Json]) -> dict[str, Json]:
    """Without what only files hold, such as the slug."""
    return {name: value for name, value in definition.items() if name not in EXPORT_FIELDS}


def _problem_lines(text: str, problems: Sequence[PlacedProblem]) -> list[ProblemLine]:
    lines = text.split("\n")
    return [
        ProblemLine(
            placed=each,
            text=lines[each.line - 1].strip()[:_EXCERPT] if each.line and each.line <= len(lines) else "",
        )
        for each in problems
    ]
