"""Checks values against the types that they are for: outputs, items, defaults, dates."""

import ast
from collections.abc import Mapping
from datetime import date

from common.canonical import Json
from workflows.definition.inputs import check_value, validate_outputs
from workflows.definition.model import Definition, DelayStep, FinishStep, ForEachStep, Input, Output, Step
from workflows.definition.places import Layout
from workflows.definition.problems import ProblemList
from workflows.definition.shapes import ALL_TYPES, BY_TYPE, Shape, Shapes, types_of
from workflows.definition.temporal import parse_date, parse_moment
from workflows.definition.wording import describe, listed, quoted, suggest
from workflows.expressions.syntax import Expression, Value

_WORDS: Mapping[str, str] = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
NOT_CONSTANT = object()


def check_types(
    definition: Definition, places: Layout, shapes: Shapes, problems: ProblemList, *, today: date
) -> None:
    """Check the outputs, the defaults of inputs, and the steps whose fields must have a type."""
    for index, one in enumerate(definition.inputs):
        _check_default(one, f"inputs[{index}]", problems, today)
    for index, output in enumerate(definition.outputs):
        _check_output(output, output.value, f"outputs[{index}].value", shapes, problems)
    for step in places.steps.values():
        _check_step(step, definition, shapes, problems)


def _check_step(step: Step, definition: Definition, shapes: Shapes, problems: ProblemList) -> None:
    if isinstance(step, ForEachStep):
        types = types_of(shapes.of_expression(step.items))
        if "array" not in types:
            problems.error(
                "wrong_type",
                f"{step.where}.items",
                f"Expected a list of items, but this gives {words(types)}.",
                "Give it an expression whose value is a list.",
            )
    elif isinstance(step, DelayStep) and step.until is not None:
        _check_until(step.until, f"{step.where}.until", problems)
    elif isinstance(step, FinishStep):
        _check_finish(step, definition, shapes, problems)


def _check_until(until: Value, path: str, problems: ProblemList) -> None:
    if until.constant and not (parse_date(until.raw) or parse_moment(until.raw)):
        problems.error(
            "wrong_type",
            path,
            f"Expected a date or a moment, got {describe(until.raw)}.",
            "Write 2026-03-31, 2026-03-31T14:30:00+02:00, or {{ … }}.",
        )


def _check_finish(step: FinishStep, definition: Definition, shapes: Shapes, problems: ProblemList) -> None:
    given: dict[str, Json] = step.outputs.raw
    declared = {output.key: output for output in definition.outputs}
    for name in given:
        if name not in declared:
            problems.error(
                "unknown_output",
                f"{step.where}.outputs.{name}",
                f"The workflow has no output {quoted(name)}.",
                suggest(name, declared, otherwise="Add it to the outputs, or take it out here."),
            )
    found = shapes.of_value(step.outputs).get("properties", {})
    for key, output in declared.items():
        if output.required and given.get(key) is None:
            problems.error(
                "missing_output",
                f"{step.where}.outputs",
                f"The output {quoted(key)} is required, and this step ends the workflow without it.",
                "Give it a value here, or make the output not required.",
            )
        elif key in given:
            _check_shape(output, found.get(key, {}), f"{step.where}.outputs.{key}", problems)


def _check_output(
    output: Output, expression: Expression, path: str, shapes: Shapes, problems: ProblemList
) -> None:
    constant = constant_of(expression)
    if constant is NOT_CONSTANT:
        _check_shape(output, shapes.of_expression(expression), path, problems)
        return
    for error in validate_outputs((output,), {output.key: constant}):
        problems.error(
            "output_type",
            path,
            f"The output can never have its type: {error.message}.",
            "Change one of them.",
        )


def _check_shape(output: Output, found: Shape, path: str, problems: ProblemList) -> None:
    types = types_of(found)
    wanted = types_of(BY_TYPE[output.type]) | (frozenset() if output.required else {"null"})
    if types & wanted:
        return
    problems.error(
        "output_type",
        path,
        f"The output {quoted(output.key)} is declared as {output.type}, but this gives {words(types)}.",
        "Change the type, or the expression.",
    )


def words(types: frozenset[str]) -> str:
    """JSON types in words."""
    if types >= ALL_TYPES:
        return "anything"
    shown = types - {"integer"} if "number" in types else types
    return listed(_WORDS[name] for name in sorted(shown))


def constant_of(expression: Expression) -> object:
    """The value of an expression that is a constant, else `NOT_CONSTANT`."""
    words_of_json = {"true": True, "false": False, "null": None}
    if expression.source in words_of_json:
        return words_of_json[expression.source]
    try:
        found = ast.literal_eval(expression.source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return NOT_CONSTANT
    return found if isinstance(found, str | int | float | bool | list | dict | None) else NOT_CONSTANT


def _check_default(one: Input, path: str, problems: ProblemList, today: date) -> None:
    for index, column in enumerate(one.columns):
        _check_default(column, f"{path}.columns[{index}]", problems, today)
    if one.default is None or one.type in ("file", "files"):
        return
    # A bound that moves with the day may let the default in tomorrow.
    fixed = {name: value for name, value in one.constraints.items() if not str(value).startswith("today")}
    still = Input(key=one.key, type=one.type, constraints=fixed, columns=one.columns)
    for error in check_value(still, one.default, path="default", files=lambda _id: None, today=today):
        inside = error.path.removeprefix("default")
        problems.error(
            "invalid_value",
            f"{path}.default{inside}",
            f"The default does not fit: {error.message}.",
            "Change it.",
        )
