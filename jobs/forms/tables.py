"""Rows of a table input: as CSV text in the form, as records of a file, and as JSON.

The text is the truth: the grid of the page reads and writes it, and without a script people type or paste it.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, cast

from django.utils.translation import gettext as _

from common.canonical import Json, dumps
from common.clock import monotonic
from common.errors import StepError
from integrations.actions import ActionContext
from integrations.connectors.csv.dialect import detect_delimiter
from integrations.registry import get_action
from integrations.tables.cells import Misfit, text, typed
from jobs.forms.typed import JSON_TYPES, Misread, to_json, to_typed, visible
from workflows.definition.model import Input
from workflows.definition.wording import clean, listed, suggest

MAX_FILE_BYTES = 10 << 20
MAX_TEXT = 2 << 20
"""Characters of a table in the form: more would not come back from it."""
_MAX_SECONDS = 20.0
_ANY_FILE = f"file_{'0' * 32}"
_WORKBOOKS = (".xlsx", ".xlsm")
Records = Sequence[Sequence[str]]


def rows_of(records: Records, table: Input, zone: tzinfo) -> list[Json]:
    """The rows as JSON. A first record that names columns orders them, else they come in the order of the
    definition. Empty records are left out. Raises `Misread`.
    """
    filled = [record for record in records if any(cell.strip() for cell in record)]
    if not filled:
        return []
    columns: Sequence[Input | None] = table.columns
    if _is_header(filled[0], table):
        columns = _named(filled[0], table)
        filled = filled[1:]
    return [_row(number, record, columns, zone) for number, record in enumerate(filled, start=1)]


def text_of(rows: Json, table: Input, zone: tzinfo) -> str:
    """Rows of JSON as the text of the form, with the names of the columns first."""
    if not isinstance(rows, list):
        return ""
    records = [[cell_text(column, row, zone) for column in table.columns] for row in rows]
    return write([[title(column) for column in table.columns], *records]) if records else ""


def cell_text(column: Input, row: Json, zone: tzinfo) -> str:
    """One cell as it is typed."""
    value = row.get(column.key) if isinstance(row, dict) else None
    if value is None:
        return ""
    if column.type in JSON_TYPES or column.type == "table":
        return visible(dumps(value))
    if column.type == "boolean":
        return "true" if value else "false"
    return "; ".join(to_typed(column, value, zone))


def title(column: Input) -> str:
    """What people see above the column."""
    return column.label or column.key


def read_text(given: str) -> Records:
    """The records of typed or pasted text, with commas, semicolons or tabs between cells. Raises `Misread`."""
    first = given.partition("\n")[0]
    delimiter = "\t" if "\t" in first else detect_delimiter(given[:65_535])
    number = 0
    records = []
    try:
        for record in csv.reader(io.StringIO(given, newline=""), delimiter=delimiter, strict=True):
            number += 1
            records.append(record)
    except csv.Error as error:
        raise Misread(
            _(
                "expected rows with commas, semicolons or tabs between cells; row %(row)s cannot be read: %(why)s"
            )
            % {"row": number + 1, "why": error}
        ) from error
    return records


def read_file(content: IO[bytes], name: str, size: int) -> Records:
    """The records of a CSV file or of the first sheet of a workbook. Slow. Raises `Misread`."""
    if size > MAX_FILE_BYTES:
        raise Misread(
            _("expected a file of at most %(most)s MiB, got %(came).1f MiB")
            % {"most": MAX_FILE_BYTES >> 20, "came": size / (1 << 20)}
        )
    workbook = PurePosixPath(name.lower()).suffix in _WORKBOOKS
    action = get_action("spreadsheet.read" if workbook else "csv.read")
    assert action is not None
    config: dict[str, Json] = {"file": _ANY_FILE, **({"header_row": 0} if workbook else {"header": False})}
    context = ActionContext(
        files=_OneFile(content), idempotency_key="", attempt=1, deadline=monotonic() + _MAX_SECONDS
    )
    try:
        found = action.run(config, context)
    except StepError as error:
        if error.code == "timeout":
            raise Misread(_("the file takes too long to read; save only the rows that are needed")) from error
        raise Misread(error.message) from error
    records = [[visible(text(cell)) for cell in row.values()] for row in found["rows"]]
    if sum(len(cell) + 1 for record in records for cell in record) > MAX_TEXT:
        raise Misread(
            _(
                "the file has %(rows)s rows, more than a form can take; use fewer rows, or start the job by the API"
            )
            % {"rows": len(records)}
        )
    return records


def in_form_order(records: Records, table: Input) -> str:
    """Records as the text of the form: the names of its columns first, cells in their order. Raises `Misread`."""
    filled = [record for record in records if any(cell.strip() for cell in record)]
    if not filled:
        return ""
    places: Sequence[int | None] = range(max(len(table.columns), *(len(record) for record in filled)))
    if _is_header(filled[0], table):
        named = _named(filled[0], table)
        filled = filled[1:]
        places = [named.index(column) if column in named else None for column in table.columns]
    rows = [
        [
            _plain(table.columns, at, record[place]) if place is not None and place < len(record) else ""
            for at, place in enumerate(places)
        ]
        for record in filled
    ]
    return write([[title(column) for column in table.columns], *rows])


def write(records: Records) -> str:
    """Records as CSV text."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(records)
    return out.getvalue()


@dataclass(frozen=True)
class _OneFile:
    """`integrations.actions.Files` with one file, whatever is asked for."""

    content: IO[bytes]

    @contextmanager
    def open(self, file: Mapping[str, Json]) -> Iterator[BinaryIO]:  # noqa: ARG002 - the protocol names it
        yield cast(BinaryIO, self.content)

    def create(self, *, name: str, media_type: str, content: Any) -> dict[str, Json]:
        raise NotImplementedError("Reading makes no file.")


def _names(table: Input) -> dict[str, Input]:
    return {
        **{title(column).strip().casefold(): column for column in table.columns},
        **{column.key: column for column in table.columns},
    }


def _is_header(record: Sequence[str], table: Input) -> bool:
    """Whether half of the cells or more are names of columns."""
    names = _names(table)
    cells = [cell.strip().casefold() for cell in record if cell.strip()]
    return 2 * sum(cell in names for cell in cells) >= max(len(cells), 1)


def _named(record: Sequence[str], table: Input) -> list[Input | None]:
    names = _names(table)
    found: list[Input | None] = []
    for cell in record:
        column = names.get(cell.strip().casefold())
        if column is None and cell.strip():
            titles = [title(each) for each in table.columns]
            fix = suggest(cell.strip(), titles, otherwise=_("Take it out."))
            raise Misread(
                _("expected the columns %(names)s, got a column '%(came)s'. %(fix)s")
                % {"names": listed(titles[:20], last=_("and")), "came": clean(cell), "fix": fix}
            )
        if column is not None and column in found:
            raise Misread(_("expected each column once, got '%(came)s' again") % {"came": clean(cell)})
        found.append(column)
    return found


def _row(number: int, record: Sequence[str], columns: Sequence[Input | None], zone: tzinfo) -> Json:
    row: dict[str, Json] = {}
    for place, cell in enumerate(record):
        column = columns[place] if place < len(columns) else None
        if column is not None:
            row[column.key] = _cell(number, column, cell, zone)
        elif cell.strip():
            raise Misread(
                _("row %(row)s: expected %(columns)s cells, got '%(came)s' beyond them")
                % {"row": number, "columns": len(columns), "came": clean(cell)}
            )
    return row


def _cell(number: int, column: Input, cell: str, zone: tzinfo) -> Json:
    stripped = _plain([column], 0, cell).strip()
    if not stripped:
        return None
    if column.type == "choice":
        return _choice(column, stripped)
    if column.type == "multiple_choice":
        return [_choice(column, part.strip()) for part in stripped.split(";") if part.strip()]
    try:
        if column.type == "boolean":
            return typed(stripped, "boolean")
        return to_json(
            replace(column, type="list") if column.type == "table" else column,
            [stripped if column.type == "date" else cell],
            zone,
        )
    except Misfit:
        return stripped
    except Misread as error:
        raise Misread(f"{_('row')} {number}, {title(column)}: {error}") from error


def _plain(columns: Sequence[Input], place: int, cell: str) -> str:
    """The cell; of a day that a workbook holds as a moment, the day."""
    is_day = place < len(columns) and columns[place].type == "date"
    return cell.removesuffix("T00:00:00") if is_day else cell


def _choice(column: Input, cell: str) -> str:
    """The value of a choice, which may be named by its label."""
    for choice in column.constraints.get("choices", ()):
        if isinstance(choice, dict) and choice.get("label") == cell:
            return str(choice["value"])
    return cell
