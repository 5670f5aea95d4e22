"""Conditions: rows made of an expression, and an expression of rows.

What is read and written again means the same. `read` gives None for what rows cannot say.
"""

import ast
from collections.abc import Mapping

from workflows.builder.condition_rows import (
    MAX_ROWS,
    Comparison,
    Condition,
    Join,
    Kind,
    Line,
    Row,
    from_form,
)
from workflows.builder.condition_values import (
    is_nothing,
    is_null,
    operand,
    parsed,
    source_of,
    typed,
    typed_list,
    written,
    written_list,
)
from workflows.expressions.syntax import GAP, ExpressionSyntaxError, parse_expression

__all__ = ["MAX_ROWS", "Comparison", "Condition", "Join", "Kind", "Line", "Row", "posted", "read", "write"]

_FORMS: Mapping[Comparison, str] = {
    Comparison.EQUALS: "{left} == {right}",
    Comparison.IS_NOT: "{left} != {right}",
    Comparison.GREATER: "{left} > {right}",
    Comparison.AT_LEAST: "{left} >= {right}",
    Comparison.LESS: "{left} < {right}",
    Comparison.AT_MOST: "{left} <= {right}",
    Comparison.CONTAINS: "{right} in {left}",
    Comparison.CONTAINS_NOT: "{right} not in {left}",
    Comparison.ONE_OF: "{left} in {right}",
    Comparison.NOT_ONE_OF: "{left} not in {right}",
    Comparison.STARTS_WITH: "{left}.startswith({right})",
    Comparison.EMPTY: '{left} in [null, "", []]',
    Comparison.NOT_EMPTY: '{left} not in [null, "", []]',
    Comparison.TRUE: "{left}",
    Comparison.FALSE: "not {left}",
}
_COMPARED: Mapping[type[ast.cmpop], Comparison] = {
    ast.Eq: Comparison.EQUALS,
    ast.NotEq: Comparison.IS_NOT,
    ast.Gt: Comparison.GREATER,
    ast.GtE: Comparison.AT_LEAST,
    ast.Lt: Comparison.LESS,
    ast.LtE: Comparison.AT_MOST,
}
_MEMBERS: Mapping[type[ast.cmpop], tuple[Comparison, Comparison, Comparison]] = {
    ast.In: (Comparison.EMPTY, Comparison.CONTAINS, Comparison.ONE_OF),
    ast.NotIn: (Comparison.NOT_EMPTY, Comparison.CONTAINS_NOT, Comparison.NOT_ONE_OF),
}
_NULL_TESTS: Mapping[type[ast.cmpop], Comparison] = {
    ast.Is: Comparison.EQUALS,
    ast.IsNot: Comparison.IS_NOT,
}


class _Unsaid(Exception):  # noqa: N818 - it steers, and is caught below
    """Rows cannot say this."""


def posted(data: Mapping[str, str], name: str) -> str | None:
    """The expression that the rows of a form say; None where its text counts: with `NAME~mode` other than `rows`, and
    where the rows are still those of `NAME~was`, the expression that they were made of.
    """
    if data.get(f"{name}~mode") != "rows":
        return None
    said = write(from_form(data, name))
    before = read(data.get(f"{name}~was", ""))
    return None if before is not None and write(before) == said else said


def write(condition: Condition) -> str:
    """The condition as an expression; empty without rows. A side that is not filled in is written as `_`."""
    groups = [f" {condition.join.other} ".join(map(_written, group)) for group in condition.groups]
    if len(groups) > 1:
        groups = [
            f"({text})" if len(group) > 1 else text
            for text, group in zip(groups, condition.groups, strict=True)
        ]
    return f" {condition.join} ".join(groups)


def read(expression: str) -> Condition | None:
    """The condition that an expression is, with or without its braces; without rows for an empty one."""
    if not expression.strip():
        return Condition()
    try:
        source = parse_expression(expression).source
    except ExpressionSyntaxError:
        return None
    node = parsed(source)
    if node is None:
        return None
    reader = _Reader(f"({source}\n)")
    try:
        return reader.condition(node)
    except _Unsaid:
        return None


def _written(row: Row) -> str:
    many = row.comparison in (Comparison.ONE_OF, Comparison.NOT_ONE_OF)
    right = (written_list if many else written)(row.kind, row.right)
    left = operand(row.left, before_dot=row.comparison is Comparison.STARTS_WITH)
    return _FORMS[row.comparison].format(left=left, right=right)


class _Reader:
    """Reads rows from the tree of `source`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows = 0

    def condition(self, node: ast.expr) -> Condition:
        """Raises `_Unsaid`, as everything here."""
        if not isinstance(node, ast.BoolOp):
            return Condition(groups=((self._row(node),),))
        join = Join.AND if isinstance(node.op, ast.And) else Join.OR
        return Condition(groups=tuple(self._group(part) for part in _flat(node)), join=join)

    def _group(self, node: ast.expr) -> tuple[Row, ...]:
        if isinstance(node, ast.BoolOp):
            return tuple(self._row(part) for part in _flat(node))
        return (self._row(node),)

    def _row(self, node: ast.expr) -> Row:
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise _Unsaid
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self._asked(node.operand, Comparison.FALSE)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        return self._started(node) or self._asked(node, Comparison.TRUE)

    def _asked(self, node: ast.expr, comparison: Comparison) -> Row:
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            raise _Unsaid
        return Row(left=self._left(node), comparison=comparison)

    def _started(self, node: ast.expr) -> Row | None:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return None
        one = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)
        if node.func.attr != "startswith" or not one:
            return None
        kind, right = self._typed(node.args[0])
        return Row(
            left=self._left(node.func.value), comparison=Comparison.STARTS_WITH, kind=kind, right=right
        )

    def _compared(self, node: ast.Compare) -> Row:
        sign, right = type(node.ops[0]), node.comparators[0]
        if len(node.ops) > 1:
            raise _Unsaid
        if sign in _MEMBERS:
            return self._member(node.left, right, *_MEMBERS[sign])
        comparison = _NULL_TESTS.get(sign) if is_null(right) else _COMPARED.get(sign)
        comparison = comparison or _COMPARED.get(sign)
        if comparison is None:
            raise _Unsaid
        kind, text = self._typed(right)
        return Row(left=self._left(node.left), comparison=comparison, kind=kind, right=text)

    def _member(
        self, left: ast.expr, right: ast.expr, empty: Comparison, contains: Comparison, one_of: Comparison
    ) -> Row:
        if is_nothing(right):
            return Row(left=self._left(left), comparison=empty)
        kind, text = self._typed(left)
        wanted = kind is not Kind.EXPRESSION or not text
        if wanted and not isinstance(right, ast.List | ast.Tuple | ast.Constant):
            return Row(left=self._left(right), comparison=contains, kind=kind, right=text)
        items = [self._typed(one) for one in right.elts] if isinstance(right, ast.List | ast.Tuple) else []
        kind, text = typed_list(right, self._text(right), items)
        return Row(left=self._left(left), comparison=one_of, kind=kind, right=text)

    def _typed(self, node: ast.expr) -> tuple[Kind, str]:
        return typed(node, self._text(node))

    def _left(self, node: ast.expr) -> str:
        text = self._text(node)
        return "" if text == GAP else text

    def _text(self, node: ast.expr) -> str:
        """A part as it is written; on one line, where the whole has several."""
        found = ast.get_source_segment(self._source, node) or ""
        return ast.unparse(node) if not found or "\n" in found or "\r" in found else source_of(found)


def _flat(node: ast.BoolOp) -> list[ast.expr]:
    """The parts of a chain of one word, whatever parentheses stand inside it. Raises `_Unsaid` for more levels than
    rows have.
    """
    found: list[ast.expr] = []
    for part in node.values:
        if isinstance(part, ast.BoolOp) and type(part.op) is type(node.op):
            found += _flat(part)
        else:
            found.append(part)
    return found
