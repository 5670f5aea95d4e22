"""Everything that is known to be wrong with a draft, and what freezing it takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.canonical import Json, loads
from integrations.actions import Action
from integrations.registry import get_action
from workflows.calls import MAX_DEPTH, Calls, calls_of
from workflows.circles import circles
from workflows.definition.checks import CalledWorkflow, CheckContext, check_definition
from workflows.definition.model import Definition, LeafStep, WorkflowStep
from workflows.definition.problems import DefinitionProblem, has_errors
from workflows.models import Workflow, WorkflowVersion
from workflows.reading import parsed_text
from workflows.selectors import frozen_of


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A draft with its problems. `definition` is None where it cannot be read."""

    raw: Json
    definition: Definition | None
    problems: tuple[DefinitionProblem, ...]
    calls: Calls

    @property
    def has_errors(self) -> bool:
        """Whether anything stops an activation."""
        return self.definition is None or has_errors(self.problems)

    @property
    def actions(self) -> list[Action]:
        """The actions of its leaf steps, in their newest versions."""
        steps = self.definition.walk() if self.definition else ()
        found = {step.type: get_action(step.type) for step in steps if isinstance(step, LeafStep)}
        return [action for action in found.values() if action is not None]

    @property
    def callees(self) -> Mapping[str, WorkflowVersion]:
        """The versions that its steps call, by slug."""
        return self.calls.callees

    @property
    def reachable(self) -> tuple[WorkflowVersion, ...]:
        """These and all versions that they call."""
        return self.calls.reachable


def check_draft(workflow: Workflow) -> Checked:
    """Check the draft of `workflow` against its workspace as it is now."""
    return check_text(workflow, workflow.draft)


def check_text(workflow: Workflow, text: str) -> Checked:
    """The same of another canonical text, as if it were the draft."""
    raw, read = loads(text), parsed_text(text)
    if read.partial is None:
        return Checked(raw=raw, definition=None, problems=read.problems, calls=Calls())
    calls = calls_of(read.partial, workspace_id=workflow.workspace_id)
    context = CheckContext(actions=get_action, resolve_workflow=_resolver(workflow, calls).get)
    problems = [
        *read.problems,
        *check_definition(read.partial, context=context),
        *_depth_problems(read.partial, calls),
    ]
    return Checked(raw=raw, definition=read.definition, problems=tuple(problems), calls=calls)


def _resolver(workflow: Workflow, calls: Calls) -> dict[str, CalledWorkflow]:
    """What `workflow` calls, by slug, as the checks see it."""
    ways = circles(workflow.slug, calls, workspace_id=workflow.workspace_id) if calls.present else {}
    found: dict[str, CalledWorkflow] = {}
    for slug, callee in calls.present.items():
        version = calls.callees.get(slug)
        frozen = frozen_of(version)[0] if version else None
        found[slug] = CalledWorkflow(
            slug=slug,
            name=callee.name,
            active=frozen is not None,
            inputs=frozen.inputs if frozen else (),
            outputs=frozen.outputs if frozen else (),
            cycle=ways.get(slug, ()),
        )
    return found


def _depth_problems(definition: Definition, calls: Calls) -> list[DefinitionProblem]:
    if calls.depth <= MAX_DEPTH:
        return []
    first = next(step for step in definition.walk() if isinstance(step, WorkflowStep))
    return [
        DefinitionProblem(
            code="too_deep",
            path=f"{first.where}.workflow",
            message=f"Workflows would call each other more than {MAX_DEPTH} levels deep.",
            fix="Let one of them call fewer levels.",
        )
    ]
