"""`/workflows/SLUG/versions/N/`: a frozen version, and what changed between it and another one or the draft."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.api.problems import not_found
from common.canonical import Json, loads
from workflows.change_words import ChangeWords, in_words
from workflows.described import actions_pinned, calls_pinned
from workflows.diff import diff
from workflows.manifest import digest_holds
from workflows.models import Workflow, WorkflowVersion
from workflows.pages.detail import WorkflowPage
from workflows.selectors import definition_of
from workflows.sources import MOST_LINES, DiffLine, line_diff, numbered, source_of, source_of_meaning
from workspaces.permissions import Permission

_OFFERED = 100


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What leads from the older to the newer side. `lines` is None where a text is too long for it."""

    old_name: str
    new_name: str
    changes: list[ChangeWords]
    lines: list[DiffLine] | None


class VersionPage(WorkflowPage):
    """A version."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, request: HttpRequest, slug: str, number: int) -> HttpResponse:
        """`with` is the number of another version, or `draft`."""
        workflow = self.workflow(slug)
        version = workflow.versions.select_related("created_by").filter(number=number).first()
        if version is None:
            raise not_found()
        chosen = request.GET.get("with", "")
        text = source_of(loads(version.definition), slug=slug)
        lines = numbered(text)
        numbers = workflow.versions.order_by("-number").values_list("number", flat=True)
        return self.render(
            "workflows/version.html",
            workflow=workflow,
            version=version,
            active=version.pk == workflow.active_version_id,
            matches=digest_holds(version),
            calls=calls_pinned(version, workspace_id=workflow.workspace_id),
            pinned=actions_pinned(version),
            lines=lines,
            cut=len(lines) == MOST_LINES,
            others=[each for each in numbers[:_OFFERED] if each != number],
            chosen=chosen,
            comparison=_compared(workflow, version, chosen) if chosen else None,
        )


def _compared(workflow: Workflow, version: WorkflowVersion, chosen: str) -> Comparison:
    """The older side first; the draft is the newest. Raises `Problem` 404 for a version that is not there."""
    try:
        other = definition_of(workflow, chosen)
    except WorkflowVersion.DoesNotExist as error:
        raise not_found() from error
    this = (loads(version.definition), _("version %(number)s") % {"number": version.number})
    if chosen == "draft":
        return _between(workflow.slug, this, (other, _("the draft")))
    that = (other, _("version %(number)s") % {"number": int(chosen)})
    sides = (that, this) if int(chosen) < version.number else (this, that)
    return _between(workflow.slug, *sides)


def _between(slug: str, old: tuple[Json, str], new: tuple[Json, str]) -> Comparison:
    return Comparison(
        old_name=old[1],
        new_name=new[1],
        changes=in_words(diff(old[0], new[0])),
        lines=line_diff(source_of_meaning(old[0], slug=slug), source_of_meaning(new[0], slug=slug)),
    )
