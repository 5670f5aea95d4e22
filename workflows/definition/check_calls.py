"""Checks the workflows that a definition calls, and what it gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from common.canonical import Json
from workflows.definition.check_types import words
from workflows.definition.input_types import FILE_TYPES
from workflows.definition.inputs import check_value
from workflows.definition.model import Input, Output, WorkflowStep
from workflows.definition.problems import ProblemList
from workflows.definition.shapes import BY_TYPE, Shape, Shapes, or_null, record, types_of
from workflows.definition.wording import quoted, suggest
from workflows.expressions.scan import OPEN


@dataclass(frozen=True, kw_only=True)
class CalledWorkflow:
    """A workflow of the same workspace as its caller sees it: that of its active version, if there is one.

    `cycle` names the slugs from the caller back to itself, where a call would make a circle; else it is empty.
    """

    slug: str
    active: bool
    name: str = ""
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    cycle: tuple[str, ...] = ()


def output_shape(called: CalledWorkflow | None) -> Shape:
    """What a sub-job gives: its outputs as an object."""
    if called is None or not called.active:
        return {}
    shapes = {one.key: BY_TYPE.get(one.type, {}) for one in called.outputs}
    return record(
        {one.key: shapes[one.key] if one.required else or_null(shapes[one.key]) for one in called.outputs}
    )


def check_call(
    step: WorkflowStep, called: CalledWorkflow | None, shapes: Shapes, problems: ProblemList, *, today: date
) -> None:
    """Check one `workflow` step."""
    path = f"{step.where}.workflow"
    if not step.workflow:
        return
    if called is None:
        problems.error(
            "workflow_missing",
            path,
            f"There is no workflow {quoted(step.workflow)} in this workspace.",
            "Choose another, or create or import it first.",
        )
    elif called.cycle:
        problems.error(
            "workflow_cycle",
            path,
            f"The workflow would call itself: {' → '.join(called.cycle)}.",
            "Take one of these calls out.",
        )
    elif not called.active:
        problems.error(
            "workflow_inactive",
            path,
            f"The workflow {quoted(called.name or called.slug)} is not active.",
            "Activate it first.",
        )
    else:
        _check_inputs(step, called, shapes, problems, today)


def _check_inputs(
    step: WorkflowStep, called: CalledWorkflow, shapes: Shapes, problems: ProblemList, today: date
) -> None:
    given: Mapping[str, Json] = step.inputs.raw
    known = {one.key: one for one in called.inputs}
    path = f"{step.where}.inputs"
    for name in given:
        if name not in known:
            _does_not_fit(
                f"{path}.{name}",
                f"The workflow {quoted(called.slug)} has no input {quoted(name)}.",
                suggest(name, known, otherwise="Take it out."),
                problems,
            )
    found = shapes.of_value(step.inputs).get("properties", {})
    for key, one in known.items():
        raw = given.get(key)
        if raw is not None:
            _check_input(one, raw, found.get(key, {}), f"{path}.{key}", problems, today=today)
        elif one.required and one.default is None and one.show_when is None:
            message = f"The workflow {quoted(called.slug)} needs the input {quoted(key)}."
            _does_not_fit(f"{path}.{key}", message, "Add it.", problems)


def _check_input(
    one: Input, raw: Json, found: Shape, path: str, problems: ProblemList, *, today: date
) -> None:
    if _is_constant(raw):
        if one.type not in FILE_TYPES:
            for error in check_value(one, raw, path=path, files=lambda _id: None, today=today):
                _does_not_fit(
                    error.path, f"It does not fit the input: {error.message}.", "Change it.", problems
                )
        return
    types = types_of(found)
    wanted = types_of(BY_TYPE.get(one.type, {})) | {"null"}
    if one.type in FILE_TYPES:
        wanted |= {"string"}
    if not types & wanted:
        message = f"The input {quoted(one.key)} is of type {one.type}, but this gives {words(types)}."
        _does_not_fit(path, message, "Change the expression.", problems)


def _does_not_fit(path: str, message: str, fix: str, problems: ProblemList) -> None:
    problems.error("inputs_do_not_fit", path, message, fix)


def _is_constant(raw: Json) -> bool:
    if isinstance(raw, str):
        return OPEN not in raw
    if isinstance(raw, dict):
        return all(_is_constant(inner) for inner in raw.values())
    return all(_is_constant(inner) for inner in raw) if isinstance(raw, list) else True
