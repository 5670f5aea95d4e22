"""Makes a program of the source of a `code` step."""

import ast
from dataclasses import dataclass
from functools import lru_cache

from common.errors import StepError
from workflows.expressions.functions import FUNCTION_NAMES
from workflows.expressions.library import NAMES, source_of

MAX_SOURCE_LENGTH = 100_000
"""Characters of the source of a `code` step."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """`source` gives the value of its last expression as JSON; `written` are the lines in it that the author wrote."""

    source: str
    written: range


@lru_cache(maxsize=256)
def prepare(source: str) -> Prepared:
    """`source` with the functions that it calls before it, and its last expression as the result. Raises `StepError`
    (`code_error`) where it cannot be read.
    """
    tree = _parse(source)
    library = source_of(_functions(tree) | {"_out"})
    first = library.count("\n") + 1
    return Prepared(
        source=library + _with_result(source, tree) + "\n_out(_result)",
        written=range(first, first + source.count("\n") + 1),
    )


def _parse(source: str) -> ast.Module:
    if len(source) > MAX_SOURCE_LENGTH:
        raise _unreadable(
            None, f"the source has {len(source)} characters; at most {MAX_SOURCE_LENGTH} are allowed"
        )
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise _unreadable(error.lineno, f"this cannot be read: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise _unreadable(None, "the source is nested too deeply") from None
    except ValueError as error:
        raise _unreadable(None, f"this cannot be read: {error}") from None


def _unreadable(line: int | None, message: str) -> StepError:
    where = f"line {line}: " if line else ""
    return StepError("code_error", where + message, detail={"line": line})


def _functions(tree: ast.Module) -> set[str]:
    """Our functions that the source uses and does not define or import itself."""
    used, own = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else own).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            own.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
    return (used - own) & FUNCTION_NAMES & NAMES


def _with_result(source: str, tree: ast.Module) -> str:
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return source + "\n_result = None"
    lines = source.encode().splitlines(keepends=True)
    assert last.end_lineno is not None
    assert last.end_col_offset is not None
    before = b"".join(lines[: last.lineno - 1]) + lines[last.lineno - 1][: last.col_offset]
    kept = lines[last.lineno - 1 : last.end_lineno]
    kept[-1] = kept[-1][: last.end_col_offset]
    kept[0] = kept[0][last.col_offset :]
    return (before + b"_result = (" + b"".join(kept) + b"\n)").decode()
