"""The source that the sandbox gets: the functions of `prelude` that something needs, and what they need in turn."""

import ast
import inspect
from collections.abc import Iterable
from functools import lru_cache

from workflows.expressions import prelude


class _Bare(ast.NodeTransformer):
    """Takes off docstrings and type hints: the sandbox has no use for either."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        return node


def _definitions() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """By name: the source of every definition of `prelude`, and the other names of `prelude` in it."""
    sources: dict[str, str] = {}
    uses: dict[str, frozenset[str]] = {}
    for node in ast.parse(inspect.getsource(prelude)).body:
        for name in _defined(node):
            sources[name] = ast.unparse(_Bare().visit(node))
            uses[name] = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name)) - {name}
    return sources, {name: used & sources.keys() for name, used in uses.items()}


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Import):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


_SOURCES, _USES = _definitions()
NAMES = frozenset(_SOURCES)


@lru_cache(maxsize=512)
def _closure(names: frozenset[str]) -> str:
    needed: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending.extend(_USES[name])
    return "".join(source + "\n" for name, source in _SOURCES.items() if name in needed)


def source_of(names: Iterable[str]) -> str:
    """The definitions of those `names` that are ours, each line ended; in the order of `prelude`."""
    return _closure(frozenset(names) & NAMES)
