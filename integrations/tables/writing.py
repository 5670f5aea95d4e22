"""From rows of a job to the cells of a file."""

import re
from collections.abc import Iterator, Mapping, Sequence

from common import canonical
from common.canonical import Json
from common.errors import StepError

ROWS_SCHEMA: Json = {
    "title": "Rows",
    "description": "Objects by column name, or lists of cells.",
    "type": "array",
    "items": {"type": ["object", "array"]},
}
COLUMNS_SCHEMA: Json = {
    "title": "Columns",
    "description": "Which, and in which order. Default: all that the rows have, in the order in which they appear.",
    "type": "array",
    "items": {"type": "string"},
    "uniqueItems": True,
}
_RUNS = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)


def columns_of(rows: Sequence[Json], columns: Sequence[str] | None) -> list[str]:
    """The column names to write: the given ones, else every key of the rows. Empty for rows that are lists."""
    if columns is not None:
        return list(columns)
    return list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))


def cells_of(rows: Sequence[Json], columns: Sequence[str]) -> Iterator[list[Json]]:
    """Each row as cells in the order of `columns`; what a row does not have is null."""
    for row in rows:
        yield [row.get(name) for name in columns] if isinstance(row, Mapping) else list(row)


def cell_text(value: Json) -> str:
    """A value as text for a cell: lists and objects as JSON, empty for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical.dumps(value)


def guarded(text: str) -> str:
    """`text` with `'` before it if a spreadsheet would run it as a formula. Plain numbers stay as they are."""
    if _RUNS.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def require_writable(text: str, row: int, column: int) -> str:
    """`text`. Raises `StepError` `wrong_type` if it has half of a surrogate pair, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise StepError(
            "wrong_type",
            f"Row {row}, column {column}: the text has a character that no file can hold (half of a surrogate pair).",
            detail={"row": row, "column": column},
        ) from error
    return text
