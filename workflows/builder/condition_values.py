"""The right side of a condition's row: how a value that was typed in is written in an expression, and read from it."""

import ast
import json
import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from workflows.builder.condition_rows import Kind
from workflows.expressions.syntax import GAP, ExpressionSyntaxError, parse_expression

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|\Z)')
"""A value between commas, in quotes where a comma is part of it."""
_LONGEST_NUMBER = 100
_NOT_TYPED = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
"""What a field of one line cannot hold; a text with it is shown as an expression."""
_TIGHT = (
    *(ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.JoinedStr),
    *(ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp),
)
"""Expressions that bind tighter than any sign or dot beside them."""


def source_of(text: str) -> str:
    """An expression without braces around it; as it stands where it cannot be read."""
    try:
        return parse_expression(text).source
    except ExpressionSyntaxError:
        return text.strip()


def parsed(source: str) -> ast.expr | None:
    """The syntax tree of one expression; None where it is none."""
    try:
        clean = parse_expression(source).source
    except ExpressionSyntaxError:
        return None
    return ast.parse(f"({clean}\n)", mode="eval").body


def operand(text: str, *, before_dot: bool = False) -> str:
    """An expression as it stands beside a sign, or before a dot: in parentheses where others would bind tighter."""
    source = source_of(text)
    if not source:
        return GAP
    node = parsed(source)
    # What cannot be read is written as it is: parentheses could make something else of it.
    tight = node is None or isinstance(node, _TIGHT) or _is_text(node)
    if not before_dot:
        sign = isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not)
        tight = tight or sign or isinstance(node, ast.BinOp | ast.Constant)
    return source if tight else f"({source})"


def written(kind: Kind, right: str) -> str:
    """One value. What is no number or no date is written as the text that it is."""
    clean = right.strip()
    if kind is Kind.EXPRESSION:
        return operand(right)
    if kind is Kind.TEXT:
        return _quoted(right)
    if not clean:
        return GAP
    if kind is Kind.NUMBER:
        number = re.sub(r"^\+?(-?)0+(?=\d)", r"\1", clean).removeprefix("+")
        return number if _is_number(number) else _quoted(right)
    if kind is Kind.BOOLEAN:
        return _booleans().get(clean.lower()) or _quoted(right)
    return f"date({_quoted(clean)})"


def written_list(kind: Kind, right: str) -> str:
    """A list of values, which stand between commas; or the expression of a list."""
    if kind is Kind.EXPRESSION or not right.strip():
        return operand(right if kind is Kind.EXPRESSION else "")
    return f"[{', '.join(written(kind, one) for one in _split(right))}]"


def typed(node: ast.expr, source: str) -> tuple[Kind, str]:
    """What a value is, and how it is typed in; `source` is how it stands in the expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not _NOT_TYPED.search(node.value):
        return Kind.TEXT, node.value
    if _is_number(source):
        return Kind.NUMBER, source
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return Kind.BOOLEAN, _("yes") if node.value else _("no")
    if isinstance(node, ast.Name) and node.id in ("true", "false"):
        return Kind.BOOLEAN, _("yes") if node.id == "true" else _("no")
    if (text := _date_in(node)) is not None:
        return Kind.DATE, text
    return Kind.EXPRESSION, "" if source == GAP else source


def typed_list(node: ast.expr, source: str, items: Sequence[tuple[Kind, str]]) -> tuple[Kind, str]:
    """The same of a list; `items` are what its members are."""
    kinds = {kind for kind, _ in items}
    if not isinstance(node, ast.List | ast.Tuple) or len(kinds) != 1 or Kind.EXPRESSION in kinds:
        return Kind.EXPRESSION, "" if source == GAP else source
    return kinds.pop(), _joined([text for _, text in items])


def is_nothing(node: ast.expr) -> bool:
    """Whether it is the list `[null, "", []]`, by which rows ask whether something is empty."""
    if not isinstance(node, ast.List | ast.Tuple) or len(node.elts) != 3:
        return False
    found = {"null" if is_null(one) else ast.unparse(one) for one in node.elts}
    return found == {"null", "''", "[]"}


def is_null(node: ast.expr) -> bool:
    """Whether it is null, however it is written."""
    if isinstance(node, ast.Name):
        return node.id == "null"
    return isinstance(node, ast.Constant) and node.value is None


def _booleans() -> dict[str, str]:
    return {
        **dict.fromkeys(("true", "yes", _("yes").lower(), "1"), "true"),
        **dict.fromkeys(("false", "no", _("no").lower(), "0"), "false"),
    }


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_number(source: str) -> bool:
    return len(source) <= _LONGEST_NUMBER and _NUMBER.fullmatch(source) is not None


def _date_in(node: ast.expr) -> str | None:
    """The text of `date("2026-01-31")`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "date"):
        return None
    if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Constant):
        return None
    text = node.args[0].value
    return text if isinstance(text, str) and _DATE.fullmatch(text) else None


def _quoted(text: str) -> str:
    """A text as Python reads it: JSON's escapes are Python's."""
    return re.sub(
        "[\x7f\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)
    )


def _split(right: str) -> list[str]:
    found, position = [], 0
    while match := _PART.match(right, position):
        found.append(match[2].strip() if match[1] is None else match[1].replace('""', '"'))
        position = match.end()
        if not match[3]:
            break
    return found


def _joined(values: Sequence[str]) -> str:
    """Values between commas; one that could be taken for more, or for less, stands in quotes."""
    bare = [bool(value) and value == value.strip() and not set(value) & set('",') for value in values]
    shown = [
        value if as_it_is else '"' + value.replace('"', '""') + '"'
        for value, as_it_is in zip(values, bare, strict=True)
    ]
    return ", ".join(shown)
