"""Several expressions as one program for the sandbox.

Plain paths are read here, before: the program gets their values as variables. A path that cannot be read fails only
if its expression really comes to it (`steps.a.output.x if inputs.all else 0`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.canonical import Json
from common.errors import StepError
from workflows.expressions.convert import TAGGED, parse_result, to_json, to_text
from workflows.expressions.explain import explained
from workflows.expressions.library import source_of
from workflows.expressions.paths import resolve
from workflows.expressions.plain import read_json
from workflows.expressions.references import Reference
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import Expression, Fields, Items, Text, Value


@dataclass(frozen=True)
class _Slot:
    """Where the result with that number goes."""

    number: int


@dataclass(frozen=True, kw_only=True)
class Program:
    """Source and inputs for one call of the sandbox, whose result `results` reads.

    `errors` are the paths that could not be read, by number; `lines` the expression that stands on each line.
    """

    source: str
    inputs: dict[str, object]
    trees: dict[str, object]
    errors: tuple[StepError, ...]
    lines: dict[int, str]
    shown: tuple[str, ...]
    """By number of the result, the source of its expression."""

    def results(self, raw: object) -> dict[str, Json]:
        """What the sandbox returned, by the names of the parts. Raises `StepError` for a result that is not JSON."""
        if not isinstance(raw, list) or len(raw) != len(self.shown):
            raise StepError("expression_error", "The expressions gave no result.", detail={"available": []})
        found = [parse_result(text, shown=shown) for text, shown in zip(raw, self.shown, strict=True)]
        # Most results are JSON as they come; only the others are walked through.
        plain = [
            to_json(value) if text.startswith(TAGGED) else value
            for text, value in zip(raw, found, strict=True)
        ]
        return {name: _put(tree, found, plain) for name, tree in self.trees.items()}

    def explain(self, error: StepError) -> StepError:
        """The sandbox's error, told with the expression it happened in."""
        return explained(error, lines=self.lines, errors=self.errors)


def compile_program(parts: Mapping[str, Value | Expression], scope: Scope) -> Program:
    """One program for all `parts`. Raises `StepError` when a plain path that stands alone cannot be read."""
    writer = _Writer(scope=scope)
    trees = {
        name: writer.tree(part.tree if isinstance(part, Value) else part) for name, part in parts.items()
    }
    trees |= {name: part.raw for name, part in parts.items() if isinstance(part, Value) and part.constant}
    return writer.program(trees)


@dataclass(frozen=True)
class _Joined:
    """A text whose parts are put together at the end."""

    parts: tuple[str | _Slot, ...]


@dataclass(kw_only=True)
class _Writer:
    """Writes the program, one line for each expression."""

    scope: Scope
    lines: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    errors: list[StepError] = field(default_factory=list)
    inputs: dict[str, object] = field(default_factory=dict)
    names: dict[Reference, str] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)

    def program(self, trees: dict[str, object]) -> Program:
        library = source_of(self.functions)
        first = library.count("\n") + 1
        results = "[" + ", ".join(f"_r{number}" for number in range(len(self.lines))) + "]"
        return Program(
            source=library + "\n".join([*self.lines, results]),
            inputs=self.inputs,
            trees=trees,
            errors=tuple(self.errors),
            lines={first + number: shown for number, shown in enumerate(self.shown)},
            shown=tuple(self.shown),
        )

    def tree(self, tree: object) -> object:
        if isinstance(tree, Expression):
            return self._result(tree) if tree.reference is None else read_json(tree.reference, self.scope)
        if isinstance(tree, Text):
            return _Joined(tuple(part if isinstance(part, str) else self._text(part) for part in tree.parts))
        if isinstance(tree, Fields):
            return Fields(tuple((key, self.tree(member)) for key, member in tree.members))
        if isinstance(tree, Items):
            return Items(tuple(self.tree(member) for member in tree.members))
        return tree

    def _text(self, expression: Expression) -> str | _Slot:
        if expression.reference is not None:
            return to_text(resolve(expression.reference, self.scope))
        return self._result(expression)

    def _result(self, expression: Expression) -> _Slot:
        code = "".join(
            piece if isinstance(piece, str) else self._variable(expression.references[piece])
            for piece in expression.code
        )
        number = len(self.lines)
        self.lines.append(f"_r{number} = _out({code})")
        self.shown.append(expression.source)
        self.functions |= {"_out"} | expression.needs | expression.calls
        return _Slot(number)

    def _variable(self, reference: Reference) -> str:
        """What stands for the reference in the program: a variable, or a call that fails."""
        if reference not in self.names:
            self.names[reference] = self._bound(reference)
        return self.names[reference]

    def _bound(self, reference: Reference) -> str:
        try:
            value = resolve(reference, self.scope)
        except StepError as error:
            self.errors.append(error)
            self.functions.add("_fail")
            return f"_fail({len(self.errors) - 1})"
        name = f"_v{len(self.inputs)}"
        self.inputs[name] = value
        return name


def _put(tree: object, found: list[object], plain: list[Json]) -> Json:
    """The part with its results in place: `plain` where a value stands alone, the text of `found` inside a text."""
    if isinstance(tree, _Slot):
        return plain[tree.number]
    if isinstance(tree, _Joined):
        return "".join(
            to_text(found[part.number]) if isinstance(part, _Slot) else part for part in tree.parts
        )
    if isinstance(tree, Fields):
        return {key: _put(member, found, plain) for key, member in tree.members}
    if isinstance(tree, Items):
        return [_put(member, found, plain) for member in tree.members]
    return tree
