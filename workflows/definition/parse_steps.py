"""Reading steps: which type, which fields, and what is inside blocks."""

from collections.abc import Iterable, Mapping
from typing import Any

from common.canonical import Json
from workflows.definition import model
from workflows.definition.bounds import MAX_NESTING, MAX_STEPS
from workflows.definition.fields import (
    BRANCH_FIELDS,
    CATCH_FIELDS,
    ELSE_FIELDS,
    HEAD,
    LANE_FIELDS,
    LEAF_FIELDS,
    ON_ERROR,
    Field,
    Kind,
    table,
)
from workflows.definition.not_yet import NOT_YET_AVAILABLE
from workflows.definition.read import NOTHING, UNREADABLE, Reader, ReadField, Unreadable
from workflows.definition.step_types import STEP_FIELDS, STEP_TYPES
from workflows.definition.wording import listed, quoted, suggest
from workflows.expressions.syntax import parse_expression, parse_value

LEAF_STEP_FIELDS = table((*HEAD, *LEAF_FIELDS, ON_ERROR))
_HEAD_FIELDS = table(HEAD)
_CLASSES: Mapping[str, type[model.Step]] = {
    "set": model.SetStep,
    "code": model.CodeStep,
    "delay": model.DelayStep,
    "branch": model.BranchStep,
    "parallel": model.ParallelStep,
    "for_each": model.ForEachStep,
    "repeat": model.RepeatStep,
    "try": model.TryStep,
    "workflow": model.WorkflowStep,
    "fail": model.FailStep,
    "finish": model.FinishStep,
}
EMPTY = parse_value({})
NULL = parse_expression("None")
_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "code": {"source": "", "inputs": EMPTY},
    "set": {"values": EMPTY},
    "branch": {"branches": ()},
    "parallel": {"branches": ()},
    "for_each": {"items": NULL, "steps": ()},
    "repeat": {"steps": (), "max_times": 1},
    "try": {"steps": ()},
    "workflow": {"workflow": "", "inputs": EMPTY},
    "fail": {"message": parse_value(""), "reason": parse_value(""), "details": NOTHING},
    "finish": {"outputs": EMPTY},
    "leaf": {"config": EMPTY},
}
"""What stands for a field that is not given, or that could not be read, so that the checks can read the rest."""


def read_steps(reader: Reader, raw: Json, _field: Field, path: str) -> tuple[model.Step, ...] | Unreadable:
    """A list of steps."""
    items = reader.list(raw, path, "a list of steps")
    if items is None:
        return UNREADABLE
    if reader.depth > MAX_NESTING:
        reader.problems.error(
            "too_deep",
            path,
            f"Blocks are nested deeper than {MAX_NESTING}.",
            "Move the inner ones into a workflow.",
        )
        return UNREADABLE
    reader.depth += 1
    found = [read_step(reader, item, f"{path}[{index}]") for index, item in enumerate(items)]
    reader.depth -= 1
    return tuple(step for step in found if step is not None)


def read_step(reader: Reader, raw: Json, path: str) -> model.Step | None:
    """One step, as far as it can be read; None where it has no type or key."""
    reader.steps += 1
    if reader.steps > MAX_STEPS:
        if reader.steps == MAX_STEPS + 1:
            reader.problems.error(
                "too_many_steps",
                path,
                f"There are more than {MAX_STEPS} steps.",
                "Move some into a workflow.",
            )
        return None
    if reader.object(raw, path, "a step: an object with key and type") is None:
        return None
    step_type = raw.get("type")
    if not isinstance(step_type, str):
        _no_type(reader, step_type, path)
        return None
    if step_type in NOT_YET_AVAILABLE["step type"]:
        return _step_of_later(reader, raw, path)
    if step_type in _CLASSES:
        known, class_, defaults = STEP_FIELDS[step_type], _CLASSES[step_type], _DEFAULTS.get(step_type, {})
    else:
        _check_action(reader, step_type, path)
        known, class_, defaults = LEAF_STEP_FIELDS, model.LeafStep, _DEFAULTS["leaf"]
    found: dict[str, Any] = {**defaults, **reader.fields(raw, path, known, later="step field")}
    if step_type in STEP_TYPES and STEP_TYPES[step_type].one_of:
        _check_one_of(reader, raw, path, STEP_TYPES[step_type].one_of)
    return _made(reader, class_, found, path)


def _made(reader: Reader, class_: type[model.Step], found: dict[str, Any], path: str) -> model.Step | None:
    if "key" not in found:
        return None
    first = reader.step_paths.setdefault(found["key"], path)
    if first != path:
        reader.problems.error(
            "duplicate_key",
            f"{path}.key",
            f"The key {quoted(found['key'])} is used before, at {first}.",
            "Keys of steps are unique in the whole workflow, blocks included: choose another.",
        )
    return class_(where=path, **found)


def _no_type(reader: Reader, raw: Json, path: str) -> None:
    if raw is None:
        reader.missing(f"{path}.type", _HEAD_FIELDS["type"])
    else:
        reader.wrong_type(f"{path}.type", "a type", raw)


def _step_of_later(reader: Reader, raw: dict[str, Json], path: str) -> model.Step | None:
    """A step whose type comes in a later release: its key counts, so that references to it are not problems too."""
    reader.not_yet("step type", raw["type"], f"{path}.type")
    head = {name: value for name, value in raw.items() if name in _HEAD_FIELDS}
    return _made(reader, model.LeafStep, {"config": EMPTY, **reader.fields(head, path, _HEAD_FIELDS)}, path)


def _check_action(reader: Reader, step_type: str, path: str) -> None:
    if reader.actions is None or reader.actions(step_type) is not None:
        return
    reader.problems.error(
        "unknown_step_type",
        f"{path}.type",
        f"There is no step type {quoted(step_type)}.",
        suggest(step_type, STEP_TYPES, otherwise="Choose one of the list of step types."),
    )


def _check_one_of(reader: Reader, raw: dict[str, Json], path: str, names: tuple[str, ...]) -> None:
    given = [name for name in names if raw.get(name) is not None]
    if not given:
        reader.problems.error(
            "missing_field",
            f"{path}.{names[0]}",
            f"One of {listed(names, last='and')} is needed.",
            "Add one of them.",
        )
    elif len(given) > 1:
        reader.invalid(
            f"{path}.{given[1]}", f"Only one of {listed(names, last='and')} can be given.", "Keep one."
        )


def read_branches(
    reader: Reader, raw: Json, field: Field, path: str
) -> tuple[model.Branch, ...] | Unreadable:
    """The branches of a branch step (each with `when`) or of a parallel step."""
    items = reader.list(raw, path, "a list of branches")
    if items is None:
        return UNREADABLE
    if not items:
        return reader.invalid(path, "There is no branch.", "Add at least one.")
    known = BRANCH_FIELDS if field.kind == Kind.BRANCHES else LANE_FIELDS
    found: list[model.Branch] = []
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        if reader.object(item, where, "a branch: an object with a key") is None:
            continue
        fields: dict[str, Any] = reader.fields(item, where, known)
        if "key" in fields:
            _check_branch_key(reader, fields["key"], found, field, where)
        found.append(model.Branch(**{"key": "", **fields}))
    return tuple(found)


def _check_branch_key(
    reader: Reader, key: str, before: Iterable[model.Branch], field: Field, where: str
) -> None:
    if any(branch.key == key for branch in before):
        reader.problems.error(
            "duplicate_key",
            f"{where}.key",
            f"Another branch of this step has the key {quoted(key)}.",
            "Choose another.",
        )
    if key == "else" and field.kind == Kind.BRANCHES:
        reader.problems.error(
            "reserved_name",
            f"{where}.key",
            "`else` is the name of the branch that is taken last.",
            "Choose another.",
        )


def read_else(reader: Reader, raw: Json, _field: Field, path: str) -> model.Branch | Unreadable:
    """The branch that is taken when no other is."""
    if reader.object(raw, path, "an object with steps and value") is None:
        return UNREADABLE
    fields: dict[str, Any] = reader.fields(raw, path, ELSE_FIELDS)
    return model.Branch(key="else", **fields)


def read_catches(reader: Reader, raw: Json, _field: Field, path: str) -> tuple[model.Catch, ...] | Unreadable:
    """What runs on which errors."""
    items = reader.list(raw, path, "a list of {errors, steps}")
    if items is None:
        return UNREADABLE
    found = []
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        if reader.object(item, where, "an object with errors and steps") is not None:
            fields: dict[str, Any] = reader.fields(item, where, CATCH_FIELDS)
            found.append(model.Catch(**{"errors": frozenset(), "steps": (), **fields}))
    return tuple(found)


STEP_READERS: dict[Kind, ReadField] = {
    Kind.STEPS: read_steps,
    Kind.BRANCHES: read_branches,
    Kind.LANES: read_branches,
    Kind.ELSE: read_else,
    Kind.CATCHES: read_catches,
}
