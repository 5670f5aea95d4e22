"""Cells and the types that a column can be given."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from common import canonical
from common.canonical import Json

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,300}(\.0+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Cell = Json | date | datetime | time | timedelta
"""What a file has in a cell: a text from CSV, also numbers, booleans and dates from a workbook."""


class Misfit(ValueError):  # noqa: N818 - says what is wrong
    """The cell is not of its column's type. The message says what was expected."""


def typed(cell: Cell, kind: str) -> Json:
    """`cell` as a value of the type `kind`; None for an empty cell. Raises `Misfit`."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return "" if kind == "text" and isinstance(cell, str) else None
    return _CONVERSIONS[kind](cell)


def plain(cell: Cell, *, date_only: bool = False) -> Json:
    """`cell` as JSON as it is: dates as ISO texts, durations in seconds. Raises `Misfit` for NaN and infinities."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if date_only else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, float) and not math.isfinite(cell):
        raise Misfit("a finite number")
    return cell


def shown(cell: Cell) -> str:
    """A cell for messages: short, as text."""
    return text(cell)[:60]


def text(cell: Cell) -> str:
    """A cell as text: whole numbers without a fraction, `true` and `false`, dates as ISO, empty for null."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    value = plain(cell)
    return value if isinstance(value, str) else canonical.dumps(value)


def _number(cell: Cell) -> Json:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return plain(cell)
    if isinstance(cell, str) and _NUMBER.fullmatch(cell.strip()):
        stripped = cell.strip()
        number = int(stripped) if re.fullmatch(r"[+-]?\d{1,300}", stripped, re.ASCII) else float(stripped)
        return plain(number)
    raise Misfit("a number, like 1234.5")


def _integer(cell: Cell) -> Json:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    if isinstance(cell, str) and _INTEGER.fullmatch(cell.strip()):
        return int(cell.strip().partition(".")[0])
    raise Misfit("a whole number, like 12")


def _boolean(cell: Cell) -> Json:
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, str | int | float):
        found = _BOOLEANS.get(text(cell).strip().lower())
        if found is not None:
            return found
    raise Misfit("true or false (also yes, no, 1, 0)")


def _date(cell: Cell) -> Json:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str) and _DATE.fullmatch(cell.strip()):
        try:
            return date.fromisoformat(cell.strip()).isoformat()
        except ValueError:
            pass
    raise Misfit("a date, like 2026-01-31")


def _datetime(cell: Cell) -> Json:
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day).isoformat()  # noqa: DTZ001 - the file names no zone
    if isinstance(cell, str) and _DATE.match(cell.strip()):
        try:
            return datetime.fromisoformat(cell.strip()).isoformat()
        except ValueError:
            pass
    raise Misfit("a date and time, like 2026-01-31T08:30")


def _time(cell: Cell) -> Json:
    if isinstance(cell, time):
        return cell.isoformat()
    if isinstance(cell, str) and ":" in cell:
        try:
            return time.fromisoformat(cell.strip()).isoformat()
        except ValueError:
            pass
    raise Misfit("a time, like 08:30")


_CONVERSIONS: Mapping[str, Callable[[Cell], Json]] = {
    "text": text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
}

COLUMNS_SCHEMA: Json = {
    "title": "Types of columns",
    "description": "By column name. A column without a type is taken as it is.",
    "type": "object",
    "additionalProperties": {"type": "string", "enum": list(_CONVERSIONS)},
    "default": {},
}
ON_BAD_CELL_SCHEMA: Json = {
    "title": "When a cell does not fit its type",
    "description": "Fail the step, take the cell as empty (null), or skip the row.",
    "type": "string",
    "enum": ["fail", "empty", "skip"],
    "default": "fail",
}
