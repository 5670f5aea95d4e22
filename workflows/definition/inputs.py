"""What a job is given and what it gives: checked as a whole, with every error at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from common.canonical import Json
from common.errors import FieldError
from workflows.definition.model import Input, Output
from workflows.definition.show_when import simple_value
from workflows.definition.typed import typed_inputs
from workflows.definition.value_check import FileLookup, Refused, ValueCheck
from workflows.definition.value_types import TYPES
from workflows.definition.wording import clean, quoted, suggest
from workflows.expressions.syntax import Expression

Evaluate = Callable[[Expression, Mapping[str, object]], object]
"""The value of an expression over a scope such as `{"inputs": {…}}`. May raise `StepError`."""

_MAX_UNKNOWN = 50
"""Unknown names that are told; more would be looked up and told to nobody's use."""


@dataclass(frozen=True, kw_only=True)
class Validated:
    """`values` has every input: as given, its default, or null. It is complete only without `errors`. `hidden` are
    the inputs that their `show_when` hides.
    """

    values: dict[str, Json]
    errors: list[FieldError]
    hidden: frozenset[str] = frozenset()


def validate_inputs(
    inputs: tuple[Input, ...],
    given: Json,
    *,
    files: FileLookup,
    today: date,
    path: str = "inputs",
    evaluate: Evaluate | None = None,
) -> Validated:
    """Check what was given for `inputs`. Never raises for what was given.

    An input that `show_when` hides counts as not given and is not required. A `show_when` that is more than plain
    paths and comparisons needs `evaluate`; without it the input is shown and not required.
    """
    check = ValueCheck(today=today, files=files)
    if not isinstance(given, dict):
        check.wrong_type(path, "an object of inputs", given)
        return Validated(values={}, errors=check.errors)
    values, hidden = _check_members(check, inputs, given, path, evaluate)
    return Validated(values=values, errors=check.errors, hidden=hidden)


def check_value(one: Input, raw: Json, *, path: str, files: FileLookup, today: date) -> list[FieldError]:
    """What in one value does not fit its input."""
    check = ValueCheck(today=today, files=files)
    _check_one(check, one, raw, path, needed=one.required)
    return check.errors


def _check_members(
    check: ValueCheck, inputs: tuple[Input, ...], given: dict[str, Json], path: str, evaluate: Evaluate | None
) -> tuple[dict[str, Json], frozenset[str]]:
    """The values, and the inputs that are hidden."""
    known = {one.key for one in inputs}
    unknown = [str(name) for name in given if name not in known]
    for name in unknown[:_MAX_UNKNOWN]:
        fix = suggest(name, known, otherwise="Take it out.")
        check.refuse(f"{path}.{clean(name)}", "unknown", f"there is no {quoted(name)} here. {fix}")
    values: dict[str, Json] = dict.fromkeys(one.key for one in inputs)
    hidden: set[str] = set()
    visible_first = sorted(inputs, key=lambda one: one.show_when is not None)
    for one in visible_first:
        shown = True if one.show_when is None else _is_shown(inputs, one.show_when, values, evaluate)
        raw = given.get(one.key) if shown is not False else None
        if shown is False:
            hidden.add(one.key)
        found = _check_one(check, one, raw, f"{path}.{one.key}", needed=one.required and shown is True)
        values[one.key] = None if isinstance(found, Refused) else found
    return values, frozenset(hidden)


def _check_one(check: ValueCheck, one: Input, raw: Json, path: str, *, needed: bool) -> Json | Refused:
    if (
        raw == ""
        and isinstance(raw, str)
        and (one.default is not None or needed or one.secret or one.type != "text")
    ):
        raw, empty = None, True
    else:
        empty = False
    if raw is None:
        raw = one.default
    if raw is None:
        if needed:
            came = "an empty text" if empty else "nothing"
            return check.refuse(
                path, "required", f"expected a value for '{one.label or one.key}', got {came}"
            )
        return None
    if one.type == "table":
        return _check_table(check, one, raw, path)
    return TYPES[one.type](check, one, raw, path)


def _check_table(check: ValueCheck, one: Input, raw: Json, path: str) -> Json | Refused:
    if not isinstance(raw, list):
        return check.wrong_type(path, "a list of rows", raw)
    before = len(check.errors)
    check.count(path, len(raw), one.constraints, of="items")
    rows: list[Json] = []
    for index, row in enumerate(raw):
        where = f"{path}[{index}]"
        if isinstance(row, dict):
            rows.append(_check_members(check, one.columns, row, where, None)[0])
        else:
            check.wrong_type(where, "a row: an object", row)
    return rows if len(check.errors) == before else Refused()


def _is_shown(
    inputs: tuple[Input, ...], condition: Expression, values: dict[str, Json], evaluate: Evaluate | None
) -> bool | None:
    """None: it cannot be told."""
    scope = {"inputs": typed_inputs(inputs, values)}
    found, value = simple_value(condition.source, scope)
    if found:
        return bool(value)
    return None if evaluate is None else bool(evaluate(condition, scope))


def validate_outputs(
    outputs: tuple[Output, ...], values: Mapping[str, Json], *, path: str = "outputs"
) -> list[FieldError]:
    """What in the outputs of a job does not have its declared type, or is null and required."""
    check = ValueCheck(today=date.min, files=_as_it_is)
    for output in outputs:
        value, where = values.get(output.key), f"{path}.{output.key}"
        if value is None:
            if output.required:
                check.refuse(
                    where, "required", f"expected a value for '{output.label or output.key}', got nothing"
                )
        else:
            _check_output(check, output, value, where)
    return check.errors


_CHOSEN = {"choice": "text", "multiple_choice": "list"}


def _check_output(check: ValueCheck, output: Output, value: Json, path: str) -> None:
    if output.type == "file":
        _check_file_value(check, value, path)
    elif output.type == "files":
        if not isinstance(value, list):
            check.wrong_type(path, "a list of files", value)
        else:
            for index, one in enumerate(value):
                _check_file_value(check, one, f"{path}[{index}]")
    elif output.type == "table":
        if not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
            check.wrong_type(path, "a list of rows", value)
    else:
        type_ = _CHOSEN.get(output.type, output.type)
        TYPES[type_](check, Input(key=output.key, type=type_), value, path)


def _check_file_value(check: ValueCheck, value: Json, path: str) -> None:
    if not (isinstance(value, dict) and isinstance(value.get("id"), str)):
        check.wrong_type(path, "a file", value)


def _as_it_is(_file_id: str) -> None:
    """Files of outputs are values already; none is looked up."""
