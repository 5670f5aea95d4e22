"""Evaluates what needs no sandbox: constants and plain paths."""

from common.canonical import Json
from workflows.expressions.convert import to_json, to_text
from workflows.expressions.paths import resolve
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import Expression, Fields, Items, Reference, Text, Value

_SIMPLE = frozenset({str, int, float, bool, type(None)})


def fill(value: Value, scope: Scope) -> Json:
    """The JSON of a value that is `plain`. Constant parts are shared with the definition, not copied.

    Raises `StepError` when a path cannot be read.
    """
    if value.constant:
        return value.raw
    return _fill(value.tree, scope)


def read(expression: Expression, scope: Scope) -> object:
    """What a plain reference stands for; dates stay dates. Raises `StepError`."""
    assert expression.reference is not None
    return resolve(expression.reference, scope)


def read_json(reference: Reference, scope: Scope) -> Json:
    """What a plain reference stands for, as JSON. Raises `StepError`."""
    value = resolve(reference, scope)
    # Outputs of steps are JSON already, and may be large.
    return value if type(value) in _SIMPLE or reference.root == "steps" else to_json(value)


def _fill(tree: object, scope: Scope) -> Json:
    if isinstance(tree, Expression):
        assert tree.reference is not None
        return read_json(tree.reference, scope)
    if isinstance(tree, Fields):
        return {key: _fill(member, scope) for key, member in tree.members}
    if isinstance(tree, Items):
        return [_fill(member, scope) for member in tree.members]
    if isinstance(tree, Text):
        return "".join(part if isinstance(part, str) else _as_text(part, scope) for part in tree.parts)
    return tree


def _as_text(expression: Expression, scope: Scope) -> str:
    assert expression.reference is not None
    return to_text(resolve(expression.reference, scope))
