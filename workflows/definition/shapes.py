"""What is known beforehand about values: a small language of shapes, written as JSON Schema.

Only a few words of JSON Schema are understood (`type`, `properties`, `additionalProperties`, `items`, `const`);
whatever says more is taken for anything. An unknown shape is `{}`.
"""

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Final

from common.canonical import Json
from workflows.definition import model
from workflows.definition.model import Input
from workflows.expressions.syntax import Expression, Fields, Items, Text, Value

Shape = Mapping[str, Json]
UNKNOWN: Final[Shape] = {}
MISSING: Final[Shape] = {"not": {}}
"""A part that cannot be there."""

_MAX_DEPTH = 50
"""Steps that are looked at to know what one gives."""
ALL_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_BEYOND = ("anyOf", "oneOf", "allOf", "not", "if", "$ref", "$dynamicRef", "patternProperties", "prefixItems")


def types_of(shape: Shape) -> frozenset[str]:
    """The JSON types that a value of the shape can have."""
    if any(word in shape for word in ("anyOf", "oneOf", "allOf", "$ref", "if", "not")):
        return ALL_TYPES
    found = shape.get("type")
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list):
        return ALL_TYPES
    return frozenset(found) | ({"integer"} if "number" in found else frozenset())


def shape(type_: str, **more: Json) -> Shape:
    """A shape of one type."""
    return {"type": type_, **more}


def record(members: Mapping[str, Shape]) -> Shape:
    """An object with exactly these members."""
    return {"type": "object", "properties": dict(members), "additionalProperties": False}


def or_null(inner: Shape) -> Shape:
    """The shape, or null."""
    types = types_of(inner)
    return inner if types == ALL_TYPES else {**inner, "type": sorted(types | {"null"})}


def at(whole: Shape, part: str | int) -> Shape:
    """The shape of a member or item; `MISSING` where there cannot be one."""
    if any(word in whole for word in _BEYOND):
        return UNKNOWN
    types = types_of(whole) - {"null"}
    if isinstance(part, str) and types == {"object"}:
        return _member(whole, part)
    if types == {"array"}:
        items = whole.get("items")
        return (items if isinstance(items, dict) else UNKNOWN) if isinstance(part, int) else MISSING
    if types and types <= {"boolean", "integer", "number"}:
        return MISSING
    return UNKNOWN


def _member(whole: Shape, part: str) -> Shape:
    properties = whole.get("properties")
    if isinstance(properties, dict) and part in properties:
        found = properties[part]
        return found if isinstance(found, dict) else UNKNOWN
    more = whole.get("additionalProperties", True)
    if more is False:
        return MISSING
    return more if isinstance(more, dict) else UNKNOWN


def closed_names(whole: Shape) -> list[str]:
    """The names that an object has, where it can have no others."""
    properties = whole.get("properties")
    return sorted(properties) if isinstance(properties, dict) else []


FILE: Final[Shape] = record(
    {
        "id": shape("string"),
        "name": shape("string"),
        "media_type": shape("string"),
        "bytes": shape("integer"),
        "sha256": shape("string"),
    }
)
ERROR: Final[Shape] = or_null(
    record(
        {
            **{
                name: shape("string")
                for name in ("code", "message", "step", "path", "reason", "happened", "fix")
            },
            **{name: shape("string") for name in ("prevent", "help_url")},
            "detail": UNKNOWN,
        }
    )
)
BY_TYPE: Mapping[str, Shape] = {
    **dict.fromkeys(("text", "date", "time", "datetime", "choice", "email", "url"), shape("string")),
    "number": shape("number"),
    "integer": shape("integer"),
    "boolean": shape("boolean"),
    "duration": {"type": ["number", "string"]},
    "multiple_choice": shape("array", items=shape("string")),
    "file": FILE,
    "files": shape("array", items=FILE),
    "table": shape("array", items=shape("object")),
    "object": shape("object"),
    "list": shape("array"),
}
"""The shapes of the types of inputs and outputs, as JSON."""


def of_input(one: Input) -> Shape:
    """What an input can be."""
    found = BY_TYPE.get(one.type, UNKNOWN)
    schema = one.constraints.get("schema")
    if one.type == "table":
        found = shape("array", items=record({column.key: of_input(column) for column in one.columns}))
    elif one.type == "object" and isinstance(schema, dict):
        found = {**schema, "type": "object"}
    elif one.type == "list" and isinstance(schema, dict):
        found = shape("array", items=schema)
    always = one.default is not None or (one.required and one.show_when is None)
    return found if always else or_null(found)


class Shapes:
    """The shapes of a definition's inputs and of its steps' outputs, worked out when they are asked for."""

    def __init__(
        self,
        definition: model.Definition,
        steps: Mapping[str, model.Step],
        *,
        action_output: Callable[[str], Shape],
        called: Callable[[str], Shape],
        infer: "Callable[[Expression, Shapes], Shape]",
    ) -> None:
        self.inputs: dict[str, Shape] = {one.key: of_input(one) for one in definition.inputs}
        self._steps = steps
        self._action_output = action_output
        self._called = called
        self._infer = infer
        self._found: dict[str, Shape] = {}
        self._depth = 0

    def of_step(self, key: str) -> Shape:
        """What the output of a step can be. What depends on itself, or on very many others, is unknown."""
        if key in self._found or key not in self._steps or self._depth >= _MAX_DEPTH:
            return self._found.get(key, UNKNOWN)
        self._found[key] = UNKNOWN
        self._depth += 1
        self._found[key] = self._of(self._steps[key])
        self._depth -= 1
        return self._found[key]

    def of_expression(self, expression: Expression) -> Shape:
        """What an expression can give."""
        return self._infer(expression, self)

    def _of(self, step: model.Step) -> Shape:
        found = self._output(step)
        return or_null(found) if step.when is not None or step.on_error == "continue" else found

    def _output(self, step: model.Step) -> Shape:
        if isinstance(step, model.LeafStep):
            return self._action_output(step.type)
        if isinstance(step, model.SetStep):
            return self.of_value(step.values)
        if isinstance(step, model.WorkflowStep):
            return self._called(step.workflow)
        if isinstance(step, model.DelayStep):
            return record({})
        return self._of_block(step)

    def _of_block(self, step: model.Step) -> Shape:
        if isinstance(step, model.BranchStep):
            return record({"taken": {"type": ["string", "null"]}, "value": self._of_ways(step)})
        if isinstance(step, model.ParallelStep):
            lanes = {branch.key: branch.value for branch in step.branches}
            return record(
                {key: or_null(self.of_expression(one)) if one else UNKNOWN for key, one in lanes.items()}
            )
        if isinstance(step, model.ForEachStep | model.RepeatStep):
            return shape("array", items=self.of_expression(step.collect) if step.collect else UNKNOWN)
        if isinstance(step, model.TryStep):
            return record({"failed": shape("boolean"), "error": ERROR})
        return UNKNOWN

    def _of_ways(self, step: model.BranchStep) -> Shape:
        """What a branch gives: a value of one of its ways; null where no way is taken, or the way gives nothing."""
        values = [branch.value for branch in (*step.branches, step.otherwise) if branch is not None]
        found = [self.of_expression(value) if value else shape("null") for value in values]
        if step.otherwise is None:
            found.append(shape("null"))
        if any("type" not in one or types_of(one) == ALL_TYPES for one in found):
            return UNKNOWN
        return {"type": sorted(frozenset[str]().union(*(types_of(one) for one in found)))}

    def of_value(self, value: Value) -> Shape:
        """What a value can be once its templates are filled in."""
        return self._of_tree(value.tree if value.tree is not None else value.raw)

    def _of_tree(self, tree: object) -> Shape:
        if isinstance(tree, Expression):
            return self.of_expression(tree)
        if isinstance(tree, Text):
            return shape("string")
        if isinstance(tree, Fields):
            return record({name: self._of_tree(member) for name, member in tree.members})
        return shape("array") if isinstance(tree, Items) else of_constant(tree)


def of_constant(value: object) -> Shape:
    """The shape of a constant."""
    if isinstance(value, dict):
        return record({str(name): of_constant(member) for name, member in value.items()})
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", NoneType: "null"}
    return shape(names[type(value)]) if type(value) in names else UNKNOWN
