"""`spreadsheet.write`."""

import contextlib
import re
import tempfile
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from common.canonical import Json
from common.errors import StepError
from integrations.actions import ActionContext
from integrations.pacing import keep_going
from integrations.schemas import config_schema
from integrations.tables.writing import (
    COLUMNS_SCHEMA,
    ROWS_SCHEMA,
    cell_text,
    cells_of,
    columns_of,
    guarded,
    require_writable,
)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CELL_CHARACTERS = 32_767
_MAX_EXACT = 2**53
_FORBIDDEN_IN_TITLE = re.compile(r"[\\*?:/\[\]\x00-\x1f]")

CONFIG_SCHEMA = config_schema(
    {
        "filename": {"title": "File name", "type": "string", "minLength": 1, "default": "workbook.xlsx"},
        "sheets": {
            "title": "Sheets",
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"title": "Name", "type": "string", "minLength": 1, "maxLength": 31},
                    "rows": ROWS_SCHEMA,
                    "columns": COLUMNS_SCHEMA,
                },
                "required": ["name", "rows"],
                "additionalProperties": False,
            },
        },
    },
    required=("sheets",),
)
OUTPUT_SCHEMA: Json = {
    "type": "object",
    "properties": {"file": {"type": "object", "title": "File"}},
    "required": ["file"],
}


def run(config: dict[str, Json], context: ActionContext) -> Json:
    """Write the workbook. Raises `StepError`: `wrong_type`, `limit_exceeded`."""
    _require_names([sheet["name"] for sheet in config["sheets"]])
    workbook = Workbook(write_only=True)
    try:
        for sheet in config["sheets"]:
            _write_sheet(workbook, sheet, context)
        with tempfile.TemporaryFile() as content:
            workbook.save(content)
            content.seek(0)
            name = config.get("filename", "workbook.xlsx")
            return {"file": context.files.create(name=name, media_type=MEDIA_TYPE, content=content)}
    except BaseException:
        _abandon(workbook)
        raise


def _abandon(workbook: Workbook) -> None:
    """End the sheets that were begun, and remove their temporary files: openpyxl does so at `save` only."""
    for sheet in workbook.worksheets:
        writer = getattr(sheet, "_writer", None)
        if writer is None:
            continue
        if not getattr(sheet, "closed", True):
            sheet.close()
        with contextlib.suppress(OSError, ValueError):
            writer.cleanup()


def _require_names(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if _FORBIDDEN_IN_TITLE.search(name) or name.startswith("'") or name.endswith("'"):
            raise StepError(
                "wrong_type", f"'{name}' is not the name of a sheet: \\ * ? : / [ ] may not be in it."
            )
        if name.lower() in seen:
            raise StepError("wrong_type", f"Two sheets are named '{name}'. Give each its own name.")
        require_writable(name, 0, 0)
        seen.add(name.lower())


def _write_sheet(workbook: Workbook, sheet: Mapping[str, Json], context: ActionContext) -> None:
    rows = sheet["rows"]
    columns = columns_of(rows, sheet.get("columns"))
    if len(rows) >= MAX_ROWS or len(columns) > MAX_COLUMNS:
        raise StepError(
            "limit_exceeded",
            f"The sheet '{sheet['name']}' would have {len(rows):,} rows and {len(columns):,} columns; a sheet has at "
            f"most {MAX_ROWS - 1:,} and {MAX_COLUMNS:,}.",
        )
    worksheet = workbook.create_sheet(sheet["name"])
    first: list[list[Json]] = [list(columns)] if columns else []
    for number, cells in enumerate([*first, *cells_of(rows, columns)], start=1):
        if number % 500 == 0:
            keep_going(context)
        if len(cells) > MAX_COLUMNS:
            raise StepError(
                "limit_exceeded", f"Row {number} has {len(cells):,} cells; a sheet has {MAX_COLUMNS:,}."
            )
        worksheet.append(
            [_cell(worksheet, value, number, place) for place, value in enumerate(cells, start=1)]
        )


def _cell(worksheet: WriteOnlyWorksheet, value: Json, row: int, column: int) -> object:
    """Numbers and booleans as they are; everything else as a text, which is never a formula."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) <= _MAX_EXACT:
        return value
    text = require_writable(cell_text(value), row, column)
    if len(text) > MAX_CELL_CHARACTERS:
        raise StepError(
            "limit_exceeded",
            f"Row {row}, column {column}: the text has {len(text):,} characters; a cell holds {MAX_CELL_CHARACTERS:,}.",
            detail={"row": row, "column": column},
        )
    cell = WriteOnlyCell(worksheet, value=ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
    cell.data_type = "s"
    cell.quotePrefix = guarded(text) != text
    return cell
