"""Everything that is checked before a workflow can run."""

from collections.abc import Callable
from dataclasses import dataclass

from common.canonical import Json
from common.clock import now
from workflows.definition.check_calls import CalledWorkflow, check_call, output_shape
from workflows.definition.check_configs import check_config
from workflows.definition.check_failures import check_failures
from workflows.definition.check_names import check_names
from workflows.definition.check_references import check_references
from workflows.definition.check_secrets import check_secrets
from workflows.definition.check_types import check_types
from workflows.definition.infer import infer
from workflows.definition.model import Definition, LeafStep, WorkflowStep
from workflows.definition.parse import ActionLookup, parse
from workflows.definition.places import Layout, layout
from workflows.definition.problems import DefinitionProblem, ProblemList
from workflows.definition.shapes import Shape, Shapes

__all__ = ["CalledWorkflow", "CheckContext", "check", "check_definition", "shapes_of"]


@dataclass(frozen=True, kw_only=True)
class CheckContext:
    """What a definition is checked against: the actions there are, and the workflows of its workspace by slug.

    `resolve_workflow` gives None for a slug that its workspace does not have.
    """

    actions: ActionLookup
    resolve_workflow: Callable[[str], CalledWorkflow | None]


def check(raw: Json, *, context: CheckContext) -> list[DefinitionProblem]:
    """Everything that is wrong with a definition of any shape: in how it is written, then in what it says."""
    if isinstance(raw, Definition):
        return check_definition(raw, context=context)
    parsed = parse(raw, actions=context.actions)
    said = check_definition(parsed.partial, context=context) if parsed.partial else []
    return [*parsed.problems, *said]


def check_definition(definition: Definition, *, context: CheckContext) -> list[DefinitionProblem]:
    """What is wrong with what a definition says. It may be the `partial` of a parse with problems."""
    problems = ProblemList()
    today = now().date()
    called: dict[str, CalledWorkflow | None] = {}

    def resolve(slug: str) -> CalledWorkflow | None:
        if slug not in called:
            called[slug] = context.resolve_workflow(slug)
        return called[slug]

    places = layout(definition)
    shapes = shapes_of(definition, places, actions=context.actions, resolve_workflow=resolve)
    check_names(definition, places, problems)
    check_references(definition, places, shapes, problems)
    check_types(definition, places, shapes, problems, today=today)
    _check_leaves(places, context.actions, problems)
    for step in places.steps.values():
        check_failures(step, problems)
        if isinstance(step, WorkflowStep):
            check_call(step, resolve(step.workflow), shapes, problems, today=today)
    check_secrets(definition, resolve, problems)
    return problems.found


def shapes_of(
    definition: Definition,
    places: Layout,
    *,
    actions: ActionLookup,
    resolve_workflow: Callable[[str], CalledWorkflow | None],
) -> Shapes:
    """What is known of the values in a definition."""

    def action_output(step_type: str) -> Shape:
        action = actions(step_type)
        schema = action.output_schema if action else None
        # An action names all that its output has, even where its schema does not close the object.
        return (
            {"additionalProperties": False, **schema}
            if isinstance(schema, dict) and "properties" in schema
            else {}
        )

    return Shapes(
        definition,
        places.steps,
        action_output=action_output,
        called=lambda slug: output_shape(resolve_workflow(slug)),
        infer=infer,
    )


def _check_leaves(places: Layout, actions: ActionLookup, problems: ProblemList) -> None:
    for step in places.steps.values():
        action = actions(step.type) if isinstance(step, LeafStep) else None
        if isinstance(step, LeafStep) and action is not None:
            check_config(step, action, problems)
