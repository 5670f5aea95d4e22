"""`spreadsheet.read`."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, time
from typing import Any, BinaryIO

from openpyxl import Workbook, load_workbook

from common.canonical import Json
from common.errors import StepError
from integrations.actions import ActionContext
from integrations.connectors.spreadsheet.archive import require_harmless
from integrations.pacing import keep_going
from integrations.schemas import FILE, config_schema
from integrations.tables.cells import COLUMNS_SCHEMA, ON_BAD_CELL_SCHEMA, Cell
from integrations.tables.reading import ReadingOptions, Table, read_table, unreadable

MAX_ROWS = 1_048_576
"""As many as a sheet has."""
_TIME_IN_FORMAT = re.compile(r"[hHsS]")

CONFIG_SCHEMA = config_schema(
    {
        "file": {**FILE, "title": "Workbook"},
        "sheet": {
            "title": "Sheet",
            "description": "Its name, or its number from 1. Default: the first.",
            "anyOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1}],
        },
        "header_row": {
            "title": "Row that names the columns",
            "description": "Counted from 1; rows above are left out. 0: there is none.",
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_ROWS,
            "default": 1,
        },
        "columns": COLUMNS_SCHEMA,
        "on_bad_cell": ON_BAD_CELL_SCHEMA,
    },
    required=("file",),
)
OUTPUT_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": {"type": "object"}, "title": "Rows"},
        "columns": {"type": "array", "items": {"type": "string"}, "title": "Columns"},
        "sheets": {"type": "array", "items": {"type": "string"}, "title": "Names of all sheets"},
    },
    "required": ["rows", "columns", "sheets"],
}


def run(config: dict[str, Json], context: ActionContext) -> Json:
    """Read one sheet. Raises `StepError`: `bad_response`, `wrong_type`, `limit_exceeded`."""
    file = config["file"]
    options = ReadingOptions(
        header_row=config.get("header_row", 1),
        types=config.get("columns", {}),
        on_bad_cell=config.get("on_bad_cell", "fail"),
    )
    with context.files.open({"id": file} if isinstance(file, str) else file) as content:
        require_harmless(content)
        keep_going(context)
        with closing(_opened(content)) as workbook:
            sheet = _sheet(workbook, config.get("sheet", 1))
            table = _table(sheet, options, context)
            return {"rows": table.rows, "columns": table.columns, "sheets": list(workbook.sheetnames)}


def _opened(content: BinaryIO) -> Workbook:
    try:
        return load_workbook(content, read_only=True, data_only=True, keep_links=False)
    except Exception as error:
        # openpyxl lets whatever a damaged file provokes pass: KeyError, TypeError, ParseError and more.
        raise unreadable(f"The file cannot be read as an .xlsx workbook: {_reason(error)}.") from error


def _sheet(workbook: Workbook, wanted: Json) -> Any:
    names = workbook.sheetnames
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if isinstance(wanted, int) and wanted <= len(workbook.worksheets):
        return workbook.worksheets[wanted - 1]
    if wanted in sheets:
        return sheets[wanted]
    raise unreadable(f"The workbook has no sheet '{wanted}'. Its sheets: {', '.join(names[:20]) or 'none'}.")


def _table(sheet: Any, options: ReadingOptions, context: ActionContext) -> Table:
    sheet.reset_dimensions()  # what the file claims about its size may be wrong by millions
    try:
        return read_table(_records(sheet), options, context)
    except StepError:
        raise
    except Exception as error:
        # As when opening: a damaged sheet may provoke anything in the parser.
        raise unreadable(f"The sheet '{sheet.title}' is damaged: {_reason(error)}.") from error


def _records(sheet: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > MAX_ROWS:
            raise unreadable(f"The sheet has more than {MAX_ROWS:,} rows.", row=number)
        yield number, [_value(cell) for cell in cells]


def _value(cell: Any) -> Cell:
    """A cell's value; a date whose format shows no time is a date."""
    value = cell.value
    if (
        isinstance(value, datetime)
        and value.time() == time.min
        and not _TIME_IN_FORMAT.search(cell.number_format)
    ):
        return value.date()
    return value


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200].rstrip(".")
