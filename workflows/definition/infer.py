"""What an expression can give, as far as its text says so. Where in doubt: anything."""

import ast
from collections.abc import Mapping

from workflows.definition.shapes import MISSING, UNKNOWN, Shape, Shapes, at, shape, types_of
from workflows.expressions.syntax import Expression, Reference

_CALLS: Mapping[str, Shape] = {
    **dict.fromkeys(("str", "money", "format", "b64"), shape("string")),
    **dict.fromkeys(("len", "int"), shape("integer")),
    "float": shape("number"),
    **dict.fromkeys(("bool", "any", "all"), shape("boolean")),
    **dict.fromkeys(("sorted", "list"), shape("array")),
    "dict": shape("object"),
    **dict.fromkeys(("date", "datetime"), shape("string")),
}
_NODES: Mapping[type[ast.expr], Shape] = {
    ast.JoinedStr: shape("string"),
    ast.Compare: shape("boolean"),
    ast.List: shape("array"),
    ast.ListComp: shape("array"),
    ast.Tuple: shape("array"),
    ast.Dict: shape("object"),
    ast.DictComp: shape("object"),
}
_CONSTANTS: Mapping[type, Shape] = {
    bool: shape("boolean"),
    int: shape("integer"),
    float: shape("number"),
    str: shape("string"),
    type(None): shape("null"),
}
_WORDS: Mapping[str, Shape] = {"true": shape("boolean"), "false": shape("boolean"), "null": shape("null")}


def infer(expression: Expression, shapes: Shapes) -> Shape:
    """The shape of what an expression gives."""
    if expression.reference is not None:
        return of_reference(expression.reference, shapes)
    try:
        return _of(ast.parse(f"({expression.source}\n)", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNKNOWN


def of_reference(reference: Reference, shapes: Shapes) -> Shape:
    """The shape of a plain path."""
    parts = reference.parts
    if reference.root == "inputs" and parts:
        found, rest = shapes.inputs.get(str(parts[0]), UNKNOWN), parts[1:]
    elif reference.root == "steps" and parts[1:2] == ("output",):
        found, rest = shapes.of_step(str(parts[0])), parts[2:]
    elif reference.root == "steps" and parts[1:] == ("status",):
        return shape("string")
    elif reference.root == "index" and not parts:
        return shape("integer")
    else:
        return UNKNOWN
    for part in rest:
        found = at(found, part)
        if found is MISSING:
            return UNKNOWN
    return (
        found if not any(not isinstance(part, int) and type(part) is not str for part in parts) else UNKNOWN
    )


def _of(node: ast.expr) -> Shape:
    if isinstance(node, ast.Constant):
        return _CONSTANTS.get(type(node.value), UNKNOWN)
    if isinstance(node, ast.IfExp | ast.BoolOp):
        return _either(node)
    if isinstance(node, ast.Name):
        return _WORDS.get(node.id, UNKNOWN)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _of_call(node.func.id, node)
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return shape("boolean") if is_not else _NODES.get(type(node), UNKNOWN)


def _of_call(name: str, node: ast.Call) -> Shape:
    if (
        name in ("sum", "round")
        and not node.keywords
        and not any(isinstance(a, ast.Starred) for a in node.args)
    ):
        if name == "sum":
            return shape("number") if len(node.args) == 1 else UNKNOWN
        return shape("integer" if len(node.args) == 1 else "number")
    return _CALLS.get(name, UNKNOWN)


def _either(node: ast.IfExp | ast.BoolOp) -> Shape:
    parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
    found = [_of(part) for part in parts]
    if any("type" not in one for one in found):
        return UNKNOWN
    return {"type": sorted(frozenset[str]().union(*(types_of(one) for one in found)))}
