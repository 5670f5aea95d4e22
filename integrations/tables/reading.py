"""From the rows of a file to objects with typed values, in bounded memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from common.canonical import Json
from common.errors import StepError
from integrations.actions import ActionContext
from integrations.pacing import keep_going
from integrations.tables.cells import Cell, Misfit, plain, shown, typed

MAX_COLUMNS = 16_384
_ROWS_BETWEEN_LOOKS = 500


@dataclass(kw_only=True)
class Table:
    """What was read: objects by column name; `skipped` counts empty rows and those left out for a bad cell."""

    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, Json]] = field(default_factory=list)
    skipped: int = 0


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """`header_row` counts from 1; 0: there is none. `types` by column name."""

    header_row: int
    types: Mapping[str, str]
    on_bad_cell: str


def read_table(
    records: Iterable[tuple[int, Sequence[Cell]]], options: ReadingOptions, context: ActionContext
) -> Table:
    """The table of `records`, which come with their row numbers as a spreadsheet shows them. Raises `StepError`:
    `wrong_type` for a bad cell, `bad_response` for rows that do not fit, `limit_exceeded`.
    """
    table = Table()
    named = False
    size = 0
    for number, cells in records:
        if number % _ROWS_BETWEEN_LOOKS == 0:
            keep_going(context)
        if number < options.header_row:
            continue
        if not named:
            table.columns = _names(cells, options)
            named = True
            if options.header_row:
                continue
        if all(cell is None or cell == "" for cell in cells):
            table.skipped += 1
            continue
        row = _row(number, cells, table.columns, options)
        if row is None:
            table.skipped += 1
            continue
        table.rows.append(row)
        size += sum(len(k) + (len(v) if isinstance(v, str) else 8) + 6 for k, v in row.items())
        if size > settings.MAX_OUTPUT_BYTES:
            raise _too_large(number)
    if not named and options.types:
        _require_columns([], options)
    return table


def unreadable(message: str, *, row: int | None = None, column: str | None = None) -> StepError:
    """The `bad_response` for a file that cannot be read, at a row and column where that is known."""
    return StepError("bad_response", message, detail={"row": row, "column": column})


def _names(cells: Sequence[Cell], options: ReadingOptions) -> list[str]:
    """Unique names: an empty one becomes `column_3`, a second `total` becomes `total_2`."""
    if len(cells) > MAX_COLUMNS:
        raise unreadable(f"The table has {len(cells):,} columns; at most {MAX_COLUMNS:,} are read.", row=1)
    taken: dict[str, None] = {}
    for place, cell in enumerate(cells, start=1):
        name = shown_name(cell) if options.header_row else ""
        name = name or f"column_{place}"
        unique, again = name, 2
        while unique in taken:
            unique, again = f"{name}_{again}", again + 1
        taken[unique] = None
    names = list(taken)
    _require_columns(names, options)
    return names


def shown_name(cell: Cell) -> str:
    """A header cell as a column's name: its text without surrounding space."""
    return str(typed(cell, "text") or "").strip()


def _require_columns(names: Sequence[str], options: ReadingOptions) -> None:
    for wanted in options.types:
        if wanted not in names:
            there = ", ".join(names[:20]) or "none"
            raise unreadable(
                f"The table has no column '{wanted}', for which a type is set. Its columns: {there}.",
                row=options.header_row or 1,
                column=wanted,
            )


def _row(
    number: int, cells: Sequence[Cell], names: Sequence[str], options: ReadingOptions
) -> dict[str, Json] | None:
    """The row as an object; None if it is to be skipped. Cells that are missing at the end are empty."""
    for cell in cells[len(names) :]:
        if cell not in (None, ""):
            raise unreadable(
                f"Row {number} has {len(cells)} cells, but there are {len(names)} columns. "
                "Often a delimiter in a text is not quoted.",
                row=number,
                column=f"column_{len(names) + 1}",
            )
    row: dict[str, Json] = {}
    for place, name in enumerate(names):
        cell = cells[place] if place < len(cells) else _like(cells)
        kind = options.types.get(name)
        try:
            row[name] = typed(cell, kind) if kind else plain(cell)
        except Misfit as error:
            if options.on_bad_cell == "skip":
                return None
            if options.on_bad_cell == "fail":
                raise _bad_cell(number, name, cell, error) from error
            row[name] = None
    return row


def _like(cells: Sequence[Cell]) -> Cell:
    """The empty cell of this kind of file: text in CSV, null in a workbook."""
    return "" if cells and all(isinstance(cell, str) for cell in cells) else None


def _bad_cell(number: int, name: str, cell: Cell, error: Misfit) -> StepError:
    try:
        value = shown(cell)
    except Misfit:
        value = str(cell)
    return StepError(
        "wrong_type",
        f"Row {number}, column '{name}': expected {error}, got '{value}'.",
        detail={"row": number, "column": name, "value": value},
    )


def _too_large(number: int) -> StepError:
    limit = settings.MAX_OUTPUT_BYTES
    return StepError(
        "limit_exceeded",
        f"The table is too large to be read at once: at row {number:,} it has more than {limit:,} bytes. "
        "Split the file, or take out columns that are not needed.",
        detail={"max_bytes": limit, "row": number},
    )
