"""`csv.read`."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from common.canonical import Json
from integrations.actions import ActionContext
from integrations.connectors.csv.dialect import detect_delimiter, detect_encoding, require_encoding
from integrations.schemas import FILE, config_schema
from integrations.tables.cells import COLUMNS_SCHEMA, ON_BAD_CELL_SCHEMA
from integrations.tables.reading import ReadingOptions, read_table, unreadable

MAX_LINE_CHARACTERS = 1_000_000

CONFIG_SCHEMA = config_schema(
    {
        "file": {**FILE, "title": "CSV file"},
        "delimiter": {
            "title": "Delimiter",
            "description": "auto, or the one character between cells.",
            "anyOf": [{"const": "auto"}, {"type": "string", "pattern": '^[^\\r\\n"]$'}],
            "default": "auto",
        },
        "header": {"title": "The first row names the columns", "type": "boolean", "default": True},
        "encoding": {
            "title": "Encoding",
            "description": "auto: by byte order mark, else UTF-8, else Windows-1252.",
            "type": "string",
            "default": "auto",
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
        "skipped": {"type": "integer", "title": "Empty and skipped rows"},
    },
    "required": ["rows", "columns", "skipped"],
}


def run(config: dict[str, Json], context: ActionContext) -> Json:
    """Read the file. Raises `StepError`: `bad_response`, `wrong_type`, `limit_exceeded`."""
    file = config["file"]
    with context.files.open({"id": file} if isinstance(file, str) else file) as content:
        encoding = config.get("encoding", "auto")
        encoding = detect_encoding(content, context) if encoding == "auto" else require_encoding(encoding)
        options = ReadingOptions(
            header_row=1 if config.get("header", True) else 0,
            types=config.get("columns", {}),
            on_bad_cell=config.get("on_bad_cell", "fail"),
        )
        table = read_table(_records(content, encoding, config.get("delimiter", "auto")), options, context)
    return {"rows": table.rows, "columns": table.columns, "skipped": table.skipped}


def _records(content: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with its number, the header being 1."""
    number = 0
    text = io.TextIOWrapper(content, encoding=encoding, newline="")
    try:
        if delimiter == "auto":
            delimiter = detect_delimiter(text.read(65_536))
            content.seek(0)
            text.detach()
            text = io.TextIOWrapper(content, encoding=encoding, newline="")
        for number, record in enumerate(csv.reader(_lines(text), delimiter=delimiter, strict=True), start=1):
            yield number, record
    except csv.Error as error:
        raise unreadable(
            f"Row {number + 1} is not CSV: {error}. Often a quotation mark in a text is not doubled, or not closed.",
            row=number + 1,
        ) from error
    except UnicodeError as error:
        raise unreadable(
            f"After row {number} the file is not text in {encoding}. Name its encoding, or save it as UTF-8.",
            row=number + 1,
        ) from error


def _lines(text: TextIO) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_LINE_CHARACTERS):
        number += 1
        if len(line) == MAX_LINE_CHARACTERS:
            raise unreadable(
                f"Line {number} has more than {MAX_LINE_CHARACTERS:,} characters: this is not a table.",
                row=number,
            )
        yield line
