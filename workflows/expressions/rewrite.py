"""From Python's syntax tree to what the sandbox runs.

The longest plain paths (`steps.rows.output.rows`) are cut out: they are read outside, so that only what is needed
crosses into the sandbox. What is left of dots and subscripts becomes calls of `_dot` and `_at`, which read a key and
say what was there when there is none.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from workflows.expressions.functions import FUNCTION_NAMES
from workflows.expressions.references import Reference, check_step, path_part, position, shown
from workflows.expressions.scan import ExpressionSyntaxError

MAX_DEPTH = 100
"""Levels of an expression's syntax tree; the sandbox's own parser stops a little later."""


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What `rewrite` found; the fields are those of `Expression`."""

    whole: Reference | None
    references: tuple[Reference, ...]
    calls: frozenset[str]
    needs: frozenset[str]
    code: tuple[str | int, ...]


def rewrite(source: str) -> Rewritten:
    """Reads one expression. Raises `ExpressionSyntaxError`."""
    body = _parse(source)
    rewriter = _Rewriter(source)
    try:
        tree = rewriter.visit(body)
        text = ast.unparse(ast.fix_missing_locations(tree))
    except (RecursionError, MemoryError):
        raise ExpressionSyntaxError("The expression is nested too deeply.") from None
    code = rewriter.pieces(text)
    return Rewritten(
        whole=rewriter.references[0] if code == (0,) else None,
        references=tuple(rewriter.references),
        calls=frozenset(rewriter.calls),
        needs=frozenset(rewriter.needs),
        code=code,
    )


def _parse(source: str) -> ast.expr:
    try:
        body = ast.parse(f"({source}\n)", mode="eval").body
    except SyntaxError as error:
        position = max((error.offset or 1) - 2, 0) if error.lineno == 1 else 0
        raise ExpressionSyntaxError(f"This is not an expression: {error.msg}.", position) from None
    except (RecursionError, MemoryError):
        raise ExpressionSyntaxError("The expression is nested too deeply.") from None
    except ValueError as error:
        raise ExpressionSyntaxError(f"This is not an expression: {error}.") from None
    _check_depth(body)
    return body


def _check_depth(body: ast.AST) -> None:
    level: list[ast.AST] = [body]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise ExpressionSyntaxError(f"The expression is nested too deeply: more than {MAX_DEPTH} levels.")


_ALLOWED: tuple[type[ast.AST], ...] = (
    *(ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Call, ast.keyword, ast.Starred),
    *(
        ast.Dict,
        ast.Set,
        ast.List,
        ast.Tuple,
        ast.Slice,
        ast.Subscript,
        ast.Attribute,
        ast.Name,
        ast.Constant,
    ),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Lambda),
    *(ast.JoinedStr, ast.FormattedValue, ast.arguments, ast.arg),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context),
)
_REFUSED: dict[type[ast.AST], str] = {
    ast.NamedExpr: "An expression cannot assign (:=).",
    ast.Await: "An expression cannot await.",
    ast.Yield: "An expression cannot yield.",
    ast.YieldFrom: "An expression cannot yield.",
}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_CONVERSIONS = {ord("s"): "str", ord("r"): "repr", ord("a"): "ascii"}


class _Rewriter(ast.NodeTransformer):
    """Collects references and calls while it rewrites; knows which names a comprehension or lambda has made."""

    def __init__(self, source: str) -> None:
        self.references: list[Reference] = []
        self.calls: set[str] = set()
        self.needs: set[str] = set()
        self._locals: list[frozenset[str]] = []
        self._prefix = "_v"
        while self._prefix in source:
            self._prefix += "v"

    def pieces(self, text: str) -> tuple[str | int, ...]:
        """`text` cut at the places where the values of references go."""
        parts = re.split(f"{self._prefix}([0-9]+)_", text)
        return tuple(int(part) if odd % 2 else part for odd, part in enumerate(parts) if part != "")

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, _ALLOWED):
            raise ExpressionSyntaxError(
                _REFUSED.get(type(node), f"An expression cannot hold {_name(node)}."), position(node)
            )
        return super().visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, bytes | complex) or node.value is ...:
            raise ExpressionSyntaxError(f"An expression cannot hold {ast.unparse(node)}.", position(node))
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if self._is_local(node.id):
            return node
        if node.id in _WORDS:
            return ast.Constant(_WORDS[node.id])
        if node.id in FUNCTION_NAMES:  # given to another function: `sorted(names, key=len)`
            return self._function(node)
        return self._reference(node, node, ())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if path := self._path(node):
            return self._reference(node, *path)
        return self._call("_dot", self.visit(node.value), ast.Constant(node.attr), _shown(node.value))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if path := self._path(node):
            return self._reference(node, *path)
        if isinstance(node.slice, ast.Slice | ast.Tuple):
            return ast.Subscript(self.visit(node.value), self.visit(node.slice), node.ctx)
        return self._call("_at", self.visit(node.value), self.visit(node.slice), _shown(node.value))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if path := self._path(node):
            return self._reference(node, *path)
        arguments = [self.visit(argument) for argument in node.args]
        keywords = [self.visit(keyword) for keyword in node.keywords]
        if isinstance(node.func, ast.Attribute):
            if node.func.attr == "get":
                return self._call("_get", self.visit(node.func.value), *arguments, keywords=keywords)
            if node.func.attr.startswith("_"):
                raise ExpressionSyntaxError(f"There is no method {node.func.attr}.", position(node))
            called: ast.expr = ast.Attribute(self.visit(node.func.value), node.func.attr, ast.Load())
        elif isinstance(node.func, ast.Name) and not self._is_local(node.func.id):
            called = self._function(node.func)
        else:
            called = self.visit(node.func)
        return ast.Call(called, arguments, keywords)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        arguments = node.args
        self._check_names(arg.arg for arg in ast.walk(arguments) if isinstance(arg, ast.arg))
        arguments.defaults = [self.visit(default) for default in arguments.defaults]
        arguments.kw_defaults = [default and self.visit(default) for default in arguments.kw_defaults]
        with self._scope(arg.arg for arg in ast.walk(arguments) if isinstance(arg, ast.arg)):
            return ast.Lambda(arguments, self.visit(node.body))

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._comprehension(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        parts = [self.visit(part) for part in node.values]
        return ast.Call(
            ast.Attribute(ast.Constant(""), "join", ast.Load()), [ast.List(parts, ast.Load())], []
        )

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        value = self.visit(node.value)
        if node.conversion in _CONVERSIONS:
            value = ast.Call(ast.Name(_CONVERSIONS[node.conversion], ast.Load()), [value], [])
        form = self.visit(node.format_spec) if node.format_spec else ast.Constant("")
        return self._call("_format", value, form)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ast.expr:
        """Each iterable sees the names of the loops before it, not its own."""
        depth = len(self._locals)
        for generator in node.generators:
            if generator.is_async:
                raise ExpressionSyntaxError("An expression cannot await.", position(node))
            generator.iter = self.visit(generator.iter)
            targets = [name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name)]
            if any(isinstance(part, ast.Attribute | ast.Subscript) for part in ast.walk(generator.target)):
                raise ExpressionSyntaxError(
                    "A loop gives its items a plain name.", position(generator.target)
                )
            self._check_names(targets)
            self._locals.append(frozenset(targets))
            generator.ifs = [self.visit(condition) for condition in generator.ifs]
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        del self._locals[depth:]
        return node

    def _function(self, name: ast.Name) -> ast.expr:
        if name.id not in FUNCTION_NAMES:
            raise ExpressionSyntaxError(
                f"There is no function '{name.id}'; there are: {', '.join(sorted(FUNCTION_NAMES))}.",
                position(name),
            )
        self.calls.add(name.id)
        return name

    def _call(self, name: str, *arguments: ast.expr, keywords: list[ast.keyword] | None = None) -> ast.expr:
        self.needs.add(name)
        return ast.Call(ast.Name(name, ast.Load()), list(arguments), keywords or [])

    def _reference(self, node: ast.expr, name: ast.Name, parts: tuple[str | int, ...]) -> ast.expr:
        self._check_names([name.id])
        if name.id == "steps":
            check_step(parts, node)
        reference = Reference(source=ast.unparse(node), root=name.id, parts=parts)
        if reference not in self.references:
            self.references.append(reference)
        return ast.Name(f"{self._prefix}{self.references.index(reference)}_", ast.Load())

    def _path(self, node: ast.expr) -> tuple[ast.Name, tuple[str | int, ...]] | None:
        """The name and parts of a plain path; None when something has to be computed."""
        parts: list[str | int] = []
        while not isinstance(node, ast.Name):
            part = path_part(node)
            if part is None:
                return None
            parts.append(part)
            inner = node.func if isinstance(node, ast.Call) else node
            assert isinstance(inner, ast.Attribute | ast.Subscript)
            node = inner.value
        if self._is_local(node.id) or node.id in _WORDS:
            return None
        return node, tuple(reversed(parts))

    def _is_local(self, name: str) -> bool:
        return any(name in names for names in self._locals)

    @contextmanager
    def _scope(self, names: Iterable[str]) -> Iterator[None]:
        self._locals.append(frozenset(names))
        yield
        self._locals.pop()

    def _check_names(self, names: Iterable[str]) -> None:
        for name in names:
            if name.startswith("_") and name != "_":
                raise ExpressionSyntaxError(f"There is no name '{name}': names do not begin with _.")


def _shown(node: ast.expr) -> ast.Constant:
    return ast.Constant(shown(node))


def _name(node: ast.AST) -> str:
    return type(node).__name__
