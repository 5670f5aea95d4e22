"""Expressions and templates as they are written, parsed once and evaluated often."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from common.canonical import Json
from workflows.expressions.references import Reference, Soft
from workflows.expressions.rewrite import rewrite
from workflows.expressions.scan import (
    CLOSE,
    OPEN,
    ExpressionSyntaxError,
    check_brackets,
    expression_end,
    templates,
)

__all__ = [
    "GAP",
    "MAX_EXPRESSION_LENGTH",
    "Expression",
    "ExpressionSyntaxError",
    "Fields",
    "Items",
    "Reference",
    "Soft",
    "Text",
    "Value",
    "parse_expression",
    "parse_value",
]

MAX_EXPRESSION_LENGTH = 2_000
"""Characters of one expression."""
GAP = "_"
"""Stands where a part of an expression is still to be filled in. It is no name of anything, so it is a problem."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Expression:
    """One Python expression. `reference` is set when the whole of it is a plain path.

    `references` are the longest plain paths that it reads, `calls` the functions that it calls. `code` is the same
    expression as the sandbox runs it: pieces of source, and between them the positions in `references` of the values
    that stand there.
    """

    source: str
    reference: Reference | None = None
    references: tuple[Reference, ...] = ()
    calls: frozenset[str] = frozenset()
    code: tuple[str | int, ...] = ()
    needs: frozenset[str] = frozenset()
    """Functions of the sandbox that `code` calls beside `calls`."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)


@dataclass(frozen=True)
class Text:
    """A text with expressions in it; what they give becomes text."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True)
class Items:
    """A list, some of whose members hold expressions."""

    members: tuple[object, ...]


@dataclass(frozen=True)
class Fields:
    """An object, some of whose members hold expressions."""

    members: tuple[tuple[str, object], ...]


@dataclass(frozen=True, kw_only=True)
class Value:
    """JSON whose strings may hold `{{ … }}`. `plain`: constants and plain references only, so that no sandbox is
    needed to fill it in; `constant`: no template in it at all. `paths` says for each of `expressions` where in the
    value it stands (`json.items[2]`).
    """

    raw: Json
    expressions: tuple[Expression, ...] = ()
    plain: bool = True
    constant: bool = True
    paths: tuple[str, ...] = ()
    tree: object = field(default=None, compare=False, repr=False)
    """The value as it is filled in: `Expression`, `Text`, `Items`, `Fields`; anything else is constant."""


def parse_expression(text: str) -> Expression:
    """One expression, with or without its `{{ }}`. Raises `ExpressionSyntaxError`."""
    stripped = text.strip()
    if stripped.startswith(OPEN):
        offset = text.index(OPEN) + len(OPEN)
        end = expression_end(text, offset)
        if text[end + len(CLOSE) :].strip():
            raise ExpressionSyntaxError(
                "Here stands one expression; nothing may follow its }}.", end + len(CLOSE)
            )
        return _expression(text[offset:end], offset)
    return _expression(text, 0)


def parse_value(raw: Json) -> Value:
    """Any JSON, with the expressions of its strings. Raises `ExpressionSyntaxError`, whose `path` says where."""
    found: list[tuple[str, Expression]] = []
    tree = _tree(raw, "", found)
    return Value(
        raw=raw,
        expressions=tuple(expression for _, expression in found),
        plain=all(expression.reference for _, expression in found),
        constant=not found,
        paths=tuple(path for path, _ in found),
        tree=tree,
    )


def _expression(source: str, offset: int) -> Expression:
    try:
        return _parsed(source)
    except ExpressionSyntaxError as error:
        raise ExpressionSyntaxError(error.message, error.position + offset) from None


@lru_cache(maxsize=4096)
def _parsed(source: str) -> Expression:
    clean = source.strip()
    if not clean:
        raise ExpressionSyntaxError("The expression is empty.")
    if len(clean) > MAX_EXPRESSION_LENGTH:
        raise ExpressionSyntaxError(
            f"The expression has {len(clean)} characters; at most {MAX_EXPRESSION_LENGTH} are allowed."
        )
    check_brackets(clean)
    parts = rewrite(clean)
    return Expression(
        source=clean,
        reference=parts.whole,
        references=parts.references,
        calls=parts.calls,
        code=parts.code,
        needs=parts.needs,
    )


def _tree(raw: Json, path: str, found: list[tuple[str, Expression]]) -> object:
    """What is filled in at `path`; expressions are added to `found`."""
    before = len(found)
    tree: object
    if isinstance(raw, str):
        try:
            return _template(raw, path, found) if OPEN in raw else raw
        except ExpressionSyntaxError as error:
            raise ExpressionSyntaxError(error.message, error.position, path=path) from None
    if isinstance(raw, dict):
        members = tuple(
            (key, _tree(member, f"{path}.{key}" if path else key, found)) for key, member in raw.items()
        )
        tree = Fields(members)
    elif isinstance(raw, list):
        tree = Items(tuple(_tree(member, f"{path}[{index}]", found) for index, member in enumerate(raw)))
    else:
        return raw
    return tree if len(found) > before else raw


def _template(text: str, path: str, found: list[tuple[str, Expression]]) -> object:
    parts = tuple(_parts(text))
    found.extend((path, part) for part in parts if isinstance(part, Expression))
    if len(parts) == 1:
        return parts[0]
    return Text(parts)


def _parts(text: str) -> Iterator[str | Expression]:
    position = 0
    for start, end in templates(text):
        if start - len(OPEN) > position:
            yield text[position : start - len(OPEN)]
        yield _expression(text[start:end], start)
        position = end + len(CLOSE)
    if position < len(text):
        yield text[position:]
