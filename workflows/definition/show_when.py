"""The value of an expression that is no more than paths, constants and comparisons.

Forms ask for it at every key press, so it needs no sandbox; anything beyond is left to the sandbox.
"""

import ast
import operator
from collections.abc import Callable, Mapping

_COMPARE: Mapping[type[ast.cmpop], Callable[[object, object], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,  # type: ignore[dict-item] # what cannot be compared raises, and is caught
    ast.LtE: operator.le,  # type: ignore[dict-item]
    ast.Gt: operator.gt,  # type: ignore[dict-item]
    ast.GtE: operator.ge,  # type: ignore[dict-item]
    ast.In: lambda left, right: operator.contains(right, left),  # type: ignore[arg-type]
    ast.NotIn: lambda left, right: not operator.contains(right, left),  # type: ignore[arg-type]
    ast.Is: lambda left, right: left is right,
    ast.IsNot: lambda left, right: left is not right,
}
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None}


class _NotSimple(Exception):  # noqa: N818 - it steers, and is caught below
    """The expression does more."""


def simple_value(source: str, scope: Mapping[str, object]) -> tuple[bool, object]:
    """(True, value), or (False, None) for an expression that does more or cannot be evaluated."""
    try:
        return True, _value(ast.parse(source.strip(), mode="eval").body, scope)
    except (
        _NotSimple,
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        RecursionError,
        MemoryError,
    ):
        return False, None


def _value(node: ast.expr, scope: Mapping[str, object]) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return scope[node.id] if node.id in scope else _WORDS[node.id]
    if isinstance(node, ast.Attribute | ast.Subscript):
        return _member(node, scope)
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item, scope) for item in node.elts]
    return _logic(node, scope)


def _member(node: ast.Attribute | ast.Subscript, scope: Mapping[str, object]) -> object:
    whole = _value(node.value, scope)
    key = node.attr if isinstance(node, ast.Attribute) else _value(node.slice, scope)
    if isinstance(whole, dict):
        return whole[key]
    if isinstance(whole, list) and isinstance(key, int):
        return whole[key]
    raise _NotSimple


def _logic(node: ast.expr, scope: Mapping[str, object]) -> object:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _value(node.operand, scope)
    if isinstance(node, ast.BoolOp):
        result: object = None
        for part in node.values:
            result = _value(part, scope)
            if bool(result) is isinstance(node.op, ast.Or):
                break
        return result
    if isinstance(node, ast.Compare):
        left = _value(node.left, scope)
        for sign, part in zip(node.ops, node.comparators, strict=True):
            right = _value(part, scope)
            if not _COMPARE[type(sign)](left, right):
                return False
            left = right
        return True
    raise _NotSimple
