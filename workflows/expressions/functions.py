"""The names that an expression can use. This list makes the documentation and the Builder's help."""

from dataclasses import dataclass
from typing import Literal

from workflows.expressions import prelude

ROOTS = frozenset({"inputs", "steps", "step", "job", "workspace", "index", "last", "error"})
"""What is in scope beside the item of a for_each."""

STEP_FIELDS = frozenset({"output", "status", "error", "errors", "failed", "callback_url"})
"""What can be read after `steps.KEY.`."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of expressions, and of code. `group` is Python's own, or ours."""

    name: str
    signature: str
    summary: str
    example: str
    result: str
    """What the example gives, as it is written in Python."""
    group: Literal["python", "workledger"] = "workledger"


def _python(name: str, signature: str, summary: str, example: str, result: str) -> Function:
    return Function(
        name=name, signature=signature, summary=summary, example=example, result=result, group="python"
    )


def _ours(name: str, signature: str, example: str, result: str) -> Function:
    """One of `prelude`, where its first docstring paragraph is the summary."""
    summary = " ".join((getattr(prelude, name).__doc__ or "").split("\n\n")[0].split())
    return Function(name=name, signature=signature, summary=summary, example=example, result=result)


FUNCTIONS: tuple[Function, ...] = (
    _ours("first", "first(a, b, …)", "first(null, 'no name')", "'no name'"),
    _ours("date", "date(value)", "date('2026-01-31')", "datetime.date(2026, 1, 31)"),
    _ours(
        "datetime",
        "datetime(value)",
        "datetime('2026-01-31T12:00:00Z')",
        "datetime.datetime(2026, 1, 31, 12, 0, tzinfo=datetime.timezone.utc)",
    ),
    _ours("days", "days(n)", "date('2026-01-31') + days(1)", "datetime.date(2026, 2, 1)"),
    _ours(
        "add_months", "add_months(date, n)", "add_months(date('2026-01-31'), 1)", "datetime.date(2026, 2, 28)"
    ),
    _ours(
        "working_days",
        "working_days(start, n or end, holidays=[])",
        "working_days(date('2026-01-30'), 1)",
        "datetime.date(2026, 2, 2)",
    ),
    _ours("decimal", "decimal(value)", "decimal('0.1') + decimal('0.2')", "decimal.Decimal('0.3')"),
    _ours("money", "money(amount, currency='')", "money(1234.5, 'EUR')", "'EUR 1,234.50'"),
    _ours("format", "format(value, form)", "format(1234.5, ',.1f')", "'1,234.5'"),
    _ours(
        "regex",
        "regex(pattern, text, replace=None, all=False)",
        "regex('[0-9]+', 'Invoice 2041')",
        "'2041'",
    ),
    _ours("json", "json(value) or json(text, parse=True)", "json({'a': [1, null]})", "'{\"a\": [1, null]}'"),
    _ours("b64", "b64(text, decode=False)", "b64('user:pass')", "'dXNlcjpwYXNz'"),
    _python("len", "len(value)", "How many items, keys or characters there are.", "len([1, 2])", "2"),
    _python("sum", "sum(numbers)", "The sum of a list.", "sum([1, 2.5])", "3.5"),
    _python("min", "min(list) or min(a, b, …)", "The smallest.", "min(3, 1)", "1"),
    _python(
        "max",
        "max(list) or max(a, b, …)",
        "The largest; default= for an empty list.",
        "max([], default=0)",
        "0",
    ),
    _python("sorted", "sorted(list, key=None, reverse=False)", "A sorted list.", "sorted([2, 1])", "[1, 2]"),
    _python("any", "any(list)", "Whether one of them is true.", "any(n > 1 for n in [1, 2])", "True"),
    _python("all", "all(list)", "Whether all of them are true.", "all(n > 1 for n in [1, 2])", "False"),
    _python(
        "round", "round(number, digits)", "Rounded; halves go to the even digit.", "round(2.567, 2)", "2.57"
    ),
    _python("abs", "abs(number)", "Without its sign.", "abs(-2)", "2"),
    _python("int", "int(value)", "A whole number, from a number or a text.", "int('12')", "12"),
    _python("float", "float(value)", "A number, from a number or a text.", "float('1.5')", "1.5"),
    _python("str", "str(value)", "A text.", "str(12)", "'12'"),
    _python("bool", "bool(value)", "False for null, 0 and everything empty, else true.", "bool('')", "False"),
    _python("list", "list(values)", "A list.", "list('ab')", "['a', 'b']"),
    _python("dict", "dict(pairs) or dict(name=value)", "An object.", "dict(a=1)", "{'a': 1}"),
    _python("set", "set(values)", "A set: no duplicates. A result cannot be one.", "len(set([1, 1]))", "1"),
    _python("zip", "zip(a, b)", "Pairs from two lists.", "list(zip([1], ['a']))", "[(1, 'a')]"),
    _python("range", "range(n)", "The numbers from 0 up to, not with, n.", "list(range(2))", "[0, 1]"),
    _python(
        "enumerate",
        "enumerate(values)",
        "Pairs of a number and a value.",
        "list(enumerate('a'))",
        "[(0, 'a')]",
    ),
)

FUNCTION_NAMES = frozenset(function.name for function in FUNCTIONS)

METHOD_NAMES = frozenset(name for kind in (str, dict, list) for name in dir(kind) if not name.startswith("_"))
"""Keys that are also methods of text, objects or lists: worth a warning, for `x.items` is the key and `x.items()`
the method.
"""
