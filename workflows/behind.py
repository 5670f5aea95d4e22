"""Which active workflows go on with an earlier version of another one, and in which order they can be brought along."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.canonical import loads
from workflows.models import Workflow


@dataclass(frozen=True, kw_only=True)
class Behind:
    """An active workflow (version `number`) whose jobs reach the versions `reaches` of another one, directly or through
    others, which is active in a newer one. `after`: the slugs of those that it calls and that are behind themselves.
    """

    workflow: Workflow
    number: int
    reaches: Sequence[int]
    after: Sequence[str]


def callers_behind(workflow: Workflow) -> list[Behind]:
    """The workflows that are behind the active version of `workflow`, each after those that it calls. One query.

    The manifest of a version lists everything that its jobs can reach, so no chain of callers is walked.
    """
    if workflow.active_version is None:
        return []
    now = workflow.active_version.number
    rows = (
        Workflow.objects.filter(
            workspace=workflow.workspace_id,
            # As the canonical text has it, whose keys are sorted: an entry of the closure ends with its slug.
            active_version__manifest__contains=f'"slug":"{workflow.slug}"}}',
        )
        .select_related("active_version", "workspace")
        .defer("draft", "active_version__definition")
        .order_by("slug")
    )
    found: dict[str, tuple[Workflow, list[int], set[str]]] = {}
    for row in rows:
        assert row.active_version is not None
        manifest = loads(row.active_version.manifest)
        reached = [pin["number"] for pin in manifest["closure"] if pin["slug"] == workflow.slug]
        if any(number != now for number in reached):
            found[row.slug] = row, [number for number in reached if number != now], {*manifest["workflows"]}
    return _callees_first(found)


def _callees_first(found: dict[str, tuple[Workflow, list[int], set[str]]]) -> list[Behind]:
    ordered: list[Behind] = []
    left = dict(found)
    while left:
        # Where workflows call each other in a circle, which drafts with problems alone can, any is as good as another.
        ready = [slug for slug, (_, _, calls) in left.items() if not calls & left.keys()] or list(left)[:1]
        for slug in ready:
            row, reaches, calls = left[slug]
            assert row.active_version is not None
            after = sorted(calls & found.keys())
            ordered.append(
                Behind(workflow=row, number=row.active_version.number, reaches=reaches, after=after)
            )
        for slug in ready:
            del left[slug]
    return ordered
