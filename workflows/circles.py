"""Workflows that would call themselves, directly or through others."""

from collections.abc import Mapping

from common.canonical import loads
from workflows.calls import MAX_DEPTH, Calls, slugs_called
from workflows.models import Workflow
from workflows.reading import parsed_text


def circles(own: str, calls: Calls, *, workspace_id: int) -> dict[str, tuple[str, ...]]:
    """For each slug called whose call would lead back to `own`: the slugs on the way, `own` at both ends.

    A callee that is active is followed through the versions that it pins; one that is not, through drafts, so that
    two drafts that call each other are told so instead of each waiting for the other to be activated. Drafts take
    a query for each level of calls.
    """
    inactive = {slug for slug in calls.present if slug not in calls.callees and slug != own}
    pinned = _pinned(calls)
    drafted = _drafted(inactive, calls.present, workspace_id=workspace_id) if inactive else {}
    found: dict[str, tuple[str, ...]] = {}
    for slug in {own, *calls.present}:
        edges = drafted if slug in inactive else pinned
        way = (own,) if slug == own else _way(slug, own, edges)
        if way:
            found[slug] = (own, *way)
    return found


def _way(start: str, goal: str, edges: Mapping[str, set[str]]) -> tuple[str, ...]:
    """A shortest way along calls from `start` to `goal`, both included; empty where there is none."""
    before: dict[str, str] = {start: ""}
    level = [start]
    while level and goal not in before:
        following = [(called, slug) for slug in level for called in sorted(edges.get(slug, ()))]
        level = []
        for called, slug in following:
            if called not in before:
                before[called] = slug
                level.append(called)
    way: list[str] = []
    slug = goal if goal in before else ""
    while slug:
        way.append(slug)
        slug = before[slug]
    return tuple(reversed(way))


def _pinned(calls: Calls) -> dict[str, set[str]]:
    """Which slugs the reachable versions of each slug call."""
    edges: dict[str, set[str]] = {}
    for version in calls.reachable:
        edges.setdefault(version.workflow.slug, set()).update(loads(version.manifest)["workflows"])
    return edges


def _drafted(slugs: set[str], known: Mapping[str, Workflow], *, workspace_id: int) -> dict[str, set[str]]:
    """Which slugs each workflow calls that `slugs` reach: by its active version, or else by its draft."""
    edges: dict[str, set[str]] = {}
    level = [known[slug] for slug in slugs]
    while level and len(edges) < MAX_DEPTH * 100:
        edges |= {workflow.slug: _called_by(workflow) for workflow in level}
        missing = {slug for workflow in level for slug in edges[workflow.slug]} - edges.keys()
        rows = Workflow.objects.filter(workspace=workspace_id, slug__in=missing, archived_at=None)
        level = list(rows.select_related("active_version")) if missing else []
    return edges


def _called_by(workflow: Workflow) -> set[str]:
    if workflow.active_version is not None:
        return set(loads(workflow.active_version.manifest)["workflows"])
    read = parsed_text(workflow.draft).partial
    return slugs_called(read) if read else set()
