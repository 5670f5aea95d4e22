"""Two definitions of a workflow side by side: what leads from the older one to the newer one."""

from dataclasses import dataclass
from math import inf

from django.utils.translation import gettext as _

from common.canonical import Json
from workflows.change_words import ChangeWords, in_words
from workflows.diff import diff
from workflows.models import Workflow
from workflows.selectors import definition_of
from workflows.sources import DiffLine, line_diff, source_of_meaning

DRAFT = "draft"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What leads from the older to the newer side. `lines` is None where a text is too long for it."""

    old_name: str
    new_name: str
    changes: list[ChangeWords]
    lines: list[DiffLine] | None


def compare(workflow: Workflow, a: str, b: str) -> Comparison:
    """From `a` to `b`, each the number of a version or `draft`. Raises `WorkflowVersion.DoesNotExist`."""
    return between(
        workflow.slug,
        (definition_of(workflow, a), name_of(a)),
        (definition_of(workflow, b), name_of(b)),
    )


def older_first(a: str, b: str) -> tuple[str, str]:
    """Both in the order in which they came to be; the draft is the newest."""
    return (b, a) if _age(b) < _age(a) else (a, b)


def between(slug: str, old: tuple[Json, str], new: tuple[Json, str]) -> Comparison:
    """The same of definitions that are at hand, each with its name."""
    return Comparison(
        old_name=old[1],
        new_name=new[1],
        changes=in_words(diff(old[0], new[0])),
        lines=line_diff(source_of_meaning(old[0], slug=slug), source_of_meaning(new[0], slug=slug)),
    )


def name_of(which: str) -> str:
    """`version 3`, `the draft`."""
    return _("the draft") if which == DRAFT else _("version %(number)s") % {"number": which}


def _age(which: str) -> float:
    if which == DRAFT:
        return inf
    return int(which) if which.isascii() and which.isdigit() and len(which) < 10 else 0
