"""The first inputs of a job in a few words, written once when it is made: lists show them and read no payload."""

from collections.abc import Mapping
from typing import Final

from common.canonical import Json, dumps
from common.redaction import MASK
from workflows.definition.model import Definition, Input

LONGEST: Final = 200
_SHOWN, _LONGEST_VALUE = 3, 60
_ELLIPSIS = "…"


def summary_of(definition: Definition, values: Mapping[str, Json]) -> str:
    """`Month: 2026-10 · Ledger: ledger.csv · Rows: 12 x`: the first three inputs that have a value.

    A secret is masked, a file goes by its name, a list by its length; nothing is longer than a list has room for.
    """
    given = [(field, values.get(field.key)) for field in definition.inputs]
    said = [
        f"{field.label or field.key}: {_words(field, value)}" for field, value in given if _is_said(value)
    ]
    return _cut(" · ".join(said[:_SHOWN]), LONGEST)


def _is_said(value: Json) -> bool:
    return value not in (None, "", [], {})  # 0 and false are said


def _words(field: Input, value: Json) -> str:
    if field.secret:
        return MASK
    if isinstance(value, list):
        names = [_scalar(each) for each in value[:_SHOWN]]
        if all(names) and len(value) <= _SHOWN:
            return _cut(", ".join(names), _LONGEST_VALUE)
        return f"{len(value)} x"
    return _cut(_scalar(value) or _keys(value), _LONGEST_VALUE)


def _scalar(value: Json) -> str:
    """A plain value or a file's name in one line; empty for anything else."""
    if isinstance(value, dict) and {"id", "name", "sha256"} <= value.keys():
        value = value["name"]
    if isinstance(value, list | dict):
        return ""
    text = value if isinstance(value, str) else dumps(value)
    return " ".join(_storable(text).split())


def _keys(value: Json) -> str:
    return (
        f"{{{', '.join(_storable(str(key)) for key in list(value)[:_SHOWN])}}}"
        if isinstance(value, dict)
        else ""
    )


def _storable(text: str) -> str:
    """Without what no database takes in a text: NUL, and half of a surrogate pair."""
    return text[: _LONGEST_VALUE * 4].replace("\0", "").encode("utf-8", "ignore").decode()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}{_ELLIPSIS}"
