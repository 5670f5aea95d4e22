"""Which versions a definition calls, directly and through others, as they are active now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.canonical import loads
from workflows.definition.model import Definition, WorkflowStep
from workflows.models import Workflow, WorkflowVersion
from workflows.selectors import versions_named

MAX_DEPTH = 10
"""How deep sub-jobs may be nested: a workflow, what it calls, what that calls, and so on."""


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What the calls of one definition come to. `present` are the workflows of its workspace that it names, by slug;
    `callees` the active versions of these; `reachable` them and all that they call. `depth` counts levels of calls.
    """

    present: Mapping[str, Workflow] = field(default_factory=dict)
    callees: Mapping[str, WorkflowVersion] = field(default_factory=dict)
    reachable: tuple[WorkflowVersion, ...] = ()
    depth: int = 0


def slugs_called(definition: Definition) -> set[str]:
    """The slugs of the workflows that its steps call."""
    return {step.workflow for step in definition.walk() if isinstance(step, WorkflowStep) and step.workflow}


def calls_of(definition: Definition, *, workspace_id: int) -> Calls:
    """Look up what `definition` calls: one query, and one for each level of calls below."""
    slugs = slugs_called(definition)
    if not slugs:
        return Calls()
    rows = Workflow.objects.filter(workspace=workspace_id, slug__in=slugs).select_related("active_version")
    present = {workflow.slug: workflow for workflow in rows}
    callees = {}
    for slug, workflow in present.items():
        if workflow.active_version is not None:
            workflow.active_version.workflow = workflow
            callees[slug] = workflow.active_version
    reachable: dict[int, WorkflowVersion] = {}
    level, depth = list(callees.values()), 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        reachable |= {version.pk: version for version in level}
        pins = {
            (slug, pin["number"])
            for version in level
            for slug, pin in loads(version.manifest)["workflows"].items()
        }
        level = versions_named(workspace_id, sorted(pins))
    return Calls(present=present, callees=callees, reachable=tuple(reachable.values()), depth=depth)
