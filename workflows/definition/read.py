"""Reading fields: from JSON of any shape to typed values, with a problem for everything that is not right.

A reader never raises for what a definition holds. What cannot be read becomes `UNREADABLE`, and the rest is read on.
"""

from collections.abc import Callable, Mapping
from typing import Final

from common.canonical import Json
from integrations.actions import Action
from workflows.definition.fields import EXPORT_FIELDS, Field, Kind
from workflows.definition.not_yet import FIX as NOT_YET_FIX
from workflows.definition.not_yet import NOT_YET_AVAILABLE
from workflows.definition.problems import ProblemList
from workflows.definition.wording import describe, listed, quoted, suggest
from workflows.expressions.syntax import (
    MAX_EXPRESSION_LENGTH,
    Expression,
    ExpressionSyntaxError,
    Value,
    parse_expression,
    parse_value,
)


class Unreadable:
    """The mark of a field whose value could not be read; its problem has been told."""


UNREADABLE: Final = Unreadable()
NOTHING: Final = parse_value(None)
ReadField = Callable[["Reader", Json, Field, str], object]


class Reader:
    """One reading of one definition: the problems so far, and what must be counted over the whole."""

    def __init__(
        self, *, actions: Callable[[str], Action | None] | None, readers: "Mapping[Kind, ReadField]"
    ) -> None:
        self.actions = actions
        self.problems = ProblemList()
        self.step_paths: dict[str, str] = {}
        self.steps = 0
        self.depth = 0
        self.readers = readers

    def wrong_type(self, path: str, expected: str, raw: Json) -> Unreadable:
        """Tell that a value is of the wrong kind."""
        self.problems.error(
            "wrong_type", path, f"Expected {expected}, got {describe(raw)}.", f"Write {expected}."
        )
        return UNREADABLE

    def invalid(self, path: str, message: str, fix: str) -> Unreadable:
        """Tell that a value is outside what its field allows."""
        self.problems.error("invalid_value", path, message, fix)
        return UNREADABLE

    def not_yet(self, group: str, word: str, path: str) -> None:
        """Tell that this release does not have something yet."""
        self.problems.error("not_yet_available", path, NOT_YET_AVAILABLE[group][word], NOT_YET_FIX)

    def fields(
        self, raw: dict[str, Json], path: str, known: Mapping[str, Field], *, later: str = ""
    ) -> dict[str, object]:
        """The fields of an object by the names of its value object; those that are absent or null or unreadable are
        left out. Unknown and missing ones are told. `later` names the group of fields that come in later releases.
        """
        result: dict[str, object] = {}
        for name, value in raw.items():
            if self.problems.full:
                break
            field = known.get(name)
            if field is None:
                self._unknown(name, f"{path}.{name}" if path else name, known, later)
            elif later and name in NOT_YET_AVAILABLE[later] and value is not None:
                self.not_yet(later, name, f"{path}.{name}")
            elif value is not None:
                found = self.readers[field.kind](self, value, field, f"{path}.{name}" if path else name)
                if found is not UNREADABLE:
                    result[field.target] = found
        for name, field in known.items():
            if field.required and raw.get(name) is None:
                self.missing(f"{path}.{name}" if path else name, field)
        return result

    def missing(self, path: str, field: Field) -> None:
        """Tell that a needed field is not there."""
        self.problems.error(
            "missing_field", path, f"The field {quoted(field.name)} is missing.", f"Add it: {field.help}"
        )

    def object(self, raw: Json, path: str, what: str) -> dict[str, Json] | None:
        """`raw` if it is an object, else None and a problem. `what` says what was expected."""
        if isinstance(raw, dict):
            return raw
        self.wrong_type(path, what, raw)
        return None

    def list(self, raw: Json, path: str, what: str) -> list[Json] | None:
        """`raw` if it is a list, else None and a problem."""
        if isinstance(raw, list):
            return raw
        self.wrong_type(path, what, raw)
        return None

    def _unknown(self, name: str, path: str, known: Mapping[str, Field], later: str) -> None:
        if later and name in NOT_YET_AVAILABLE[later]:
            self.not_yet(later, name, path)
            return
        fix = (
            "It belongs to an export file, beside the definition: take it out here."
            if name in EXPORT_FIELDS and later == "workflow field"
            else suggest(name, known, otherwise=f"Take it out. There is {listed(known, last='and')}.")
        )
        self.problems.error("unknown_field", path, f"There is no field {quoted(name)} here.", fix)

    def expression(self, raw: Json, path: str) -> Expression | Unreadable:
        """An expression, with or without braces. A constant that is not a text stands for itself."""
        text = raw if isinstance(raw, str) else _literal(raw)
        if text is None:
            return self.wrong_type(path, "an expression", raw)
        if not text.strip():
            self.problems.error(
                "expression_invalid", path, "The expression is empty.", "Write one, or take it out."
            )
            return UNREADABLE
        try:
            return parse_expression(text)
        except ExpressionSyntaxError as error:
            return self._does_not_parse(path, text, error)

    def value(self, raw: Json, path: str) -> Value | Unreadable:
        """JSON whose strings may hold `{{ … }}`."""
        try:
            return parse_value(raw)
        except ExpressionSyntaxError as error:
            if isinstance(raw, str):
                return self._does_not_parse(path, raw, error)
            for name, inner in _parts(raw, path):
                self.value(inner, name)
            return UNREADABLE

    def _does_not_parse(self, path: str, text: str, error: ExpressionSyntaxError) -> Unreadable:
        if len(text) > MAX_EXPRESSION_LENGTH and f"at most {MAX_EXPRESSION_LENGTH}" in error.message:
            code, fix = "expression_too_long", "Put parts of it into a set step, or use a code step."
        else:
            code, fix = "expression_invalid", f"Correct it at character {error.position + 1}."
        self.problems.error(code, path, error.message, fix)
        return UNREADABLE


def _parts(raw: Json, path: str) -> "list[tuple[str, Json]]":
    if isinstance(raw, dict):
        return [(f"{path}.{name}", inner) for name, inner in raw.items()]
    if isinstance(raw, list):
        return [(f"{path}[{index}]", inner) for index, inner in enumerate(raw)]
    return []


def _literal(raw: Json) -> str | None:
    """A number or boolean as the expression that gives it: YAML and forms have `when: true`."""
    if isinstance(raw, bool | int | float):
        return repr(raw)
    return None
