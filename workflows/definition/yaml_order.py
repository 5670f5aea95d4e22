"""The fields of a definition in the order in which people write them."""

from collections.abc import Iterable, Mapping

from common.canonical import Json
from workflows.definition.bounds import MAX_DEPTH
from workflows.definition.fields import (
    BRANCH_FIELDS,
    CATCH_FIELDS,
    DEFINITION_FIELDS,
    ELSE_FIELDS,
    OUTPUT_FIELDS,
    RETRY_FIELDS,
    Field,
    Kind,
)
from workflows.definition.input_types import INPUT_FIELDS
from workflows.definition.parse_steps import LEAF_STEP_FIELDS
from workflows.definition.step_types import STEP_FIELDS


def in_order(definition: Json) -> Json:
    """`definition` with its fields in order: format, slug, name, …; what is not known comes last, as it was."""
    if not isinstance(definition, dict):
        return definition
    first = ("format", "slug", "name", "description", "requires")
    return _ordered(definition, DEFINITION_FIELDS, first=first, depth=0)


def _ordered(
    raw: dict[str, Json], fields: Mapping[str, Field], *, first: Iterable[str] = (), depth: int
) -> Json:
    names = dict.fromkeys(name for name in (*first, *fields, *raw) if name in raw)
    return {
        name: _member(raw[name], fields[name].kind if name in fields else None, depth + 1) for name in names
    }


def _member(raw: Json, kind: Kind | None, depth: int) -> Json:
    if depth > MAX_DEPTH or kind is None:
        return raw
    if kind in (Kind.ELSE, Kind.RETRY) and isinstance(raw, dict):
        return _ordered(raw, ELSE_FIELDS if kind == Kind.ELSE else RETRY_FIELDS, depth=depth)
    if kind in _LISTS and isinstance(raw, list):
        return [
            _ordered(item, _fields(item, kind), depth=depth) if isinstance(item, dict) else item
            for item in raw
        ]
    return raw


_LISTS = frozenset(
    {Kind.STEPS, Kind.BRANCHES, Kind.LANES, Kind.CATCHES, Kind.INPUTS, Kind.COLUMNS, Kind.OUTPUTS}
)


def _fields(item: dict[str, Json], kind: Kind) -> Mapping[str, Field]:
    type_ = item.get("type")
    if kind == Kind.STEPS:
        return STEP_FIELDS.get(type_, LEAF_STEP_FIELDS) if isinstance(type_, str) else LEAF_STEP_FIELDS
    if kind in (Kind.INPUTS, Kind.COLUMNS):
        return (
            INPUT_FIELDS.get(type_, INPUT_FIELDS["text"]) if isinstance(type_, str) else INPUT_FIELDS["text"]
        )
    if kind == Kind.OUTPUTS:
        return OUTPUT_FIELDS
    return CATCH_FIELDS if kind == Kind.CATCHES else BRANCH_FIELDS
