"""Plain paths: what they are and how they look in Python's syntax tree."""

import ast
from dataclasses import dataclass

from workflows.expressions.functions import STEP_FIELDS
from workflows.expressions.scan import ExpressionSyntaxError


class Soft(str):
    """A part of a path that was asked for with `.get('…')`: null when it is not there."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A plain path such as `steps.rows.output.rows[0].name`: nothing to compute. A part that is `Soft` may be absent."""

    source: str
    root: str
    parts: tuple[str | int, ...]


def path_part(node: ast.expr) -> str | int | None:
    """The last part of a path: `.name`, `['name']`, `[0]`, `[-1]`, `.get('name')`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _key(node.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        key = _key(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        return Soft(key) if isinstance(key, str) else None
    return None


def _key(node: ast.expr) -> str | int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _key(node.operand)
        return -number if isinstance(number, int) else None
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str | int)
        and not isinstance(node.value, bool)
    ):
        return node.value
    return None


def check_step(parts: tuple[str | int, ...], node: ast.expr) -> None:
    if len(parts) < 2 or not isinstance(parts[0], str) or parts[1] not in STEP_FIELDS:
        raise ExpressionSyntaxError(
            f"{shown(node)}: a step is read as steps.KEY.output; instead of output also "
            + ", ".join(sorted(STEP_FIELDS - {"output"}))
            + ".",
            position(node),
        )


def shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 80 else text[:77] + "…"


def position(node: ast.AST) -> int:
    return max(getattr(node, "col_offset", 1) - 1, 0) if getattr(node, "lineno", 1) == 1 else 0
