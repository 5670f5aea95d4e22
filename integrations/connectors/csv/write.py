"""`csv.write`."""

import csv
import io
import tempfile

from common.canonical import Json
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

CONFIG_SCHEMA = config_schema(
    {
        "rows": ROWS_SCHEMA,
        "columns": COLUMNS_SCHEMA,
        "filename": {"title": "File name", "type": "string", "minLength": 1, "default": "table.csv"},
        "delimiter": {
            "title": "Delimiter",
            "description": "The one character between cells.",
            "type": "string",
            "pattern": '^[^\\r\\n"]$',
            "default": ",",
        },
    },
    required=("rows",),
)
OUTPUT_SCHEMA: Json = {
    "type": "object",
    "properties": {"file": {"type": "object", "title": "File"}},
    "required": ["file"],
}


def run(config: dict[str, Json], context: ActionContext) -> Json:
    """Write the rows as UTF-8, lines ended as RFC 4180 has it. Raises `StepError`."""
    rows = config["rows"]
    columns = columns_of(rows, config.get("columns"))
    with tempfile.TemporaryFile() as content:
        text = io.TextIOWrapper(content, encoding="utf-8", newline="")
        writer = csv.writer(text, delimiter=config.get("delimiter", ","))
        if columns:
            writer.writerow(_cells(columns, 1))
        for number, cells in enumerate(cells_of(rows, columns), start=2 if columns else 1):
            if number % 500 == 0:
                keep_going(context)
            writer.writerow(_cells(cells, number))
        text.detach()
        content.seek(0)
        file = context.files.create(
            name=config.get("filename", "table.csv"), media_type="text/csv", content=content
        )
    return {"file": file}


def _cells(cells: list[Json], row: int) -> list[str]:
    """Texts are guarded; what JSON calls a number or a boolean cannot be a formula."""
    return [
        guarded(require_writable(cell, row, column)) if isinstance(cell, str) else guarded_json(cell)
        for column, cell in enumerate(cells, start=1)
    ]


def guarded_json(value: Json) -> str:
    """A value that is not a text, as a cell."""
    text = cell_text(value)
    return text if isinstance(value, int | float) else guarded(text)
