"""A workbook is a ZIP of XML. It is looked through before it is opened: a bomb is refused unopened."""

import zipfile
from typing import BinaryIO
from xml.parsers import expat

from integrations.tables.reading import unreadable

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 512 << 20
MAX_ALL_AT_ONCE_BYTES = 64 << 20
"""For the parts that are held in memory as a whole: texts, styles, the workbook itself."""
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 4 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


class _PrologueOver(Exception):  # noqa: N818 - ends the parser, is no error
    pass


class _DoctypeFound(Exception):  # noqa: N818 - ends the parser
    pass


def require_harmless(content: BinaryIO) -> None:
    """Raise `StepError` `bad_response` for what is not a workbook, or unpacks to too much, or holds a document
    type (through which entities could grow). `content` is left at its beginning.
    """
    head = content.read(8)
    content.seek(0)
    if head == _OLE:
        raise unreadable(
            "The workbook is in the old .xls format or has a password. Save it as .xlsx without one."
        )
    try:
        with zipfile.ZipFile(content) as archive:
            _require_bounded(archive.infolist())
            for entry in archive.infolist():
                if entry.filename.lower().endswith((".xml", ".rels")):
                    _require_no_doctype(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise unreadable(f"The file is not an .xlsx workbook: {error}.") from error
    finally:
        content.seek(0)


def _require_bounded(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise unreadable(f"The workbook has {len(entries):,} parts; at most {MAX_ENTRIES:,} are opened.")
    total = 0
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise unreadable("The workbook is encrypted. Save it without a password.")
        total += entry.file_size
        whole = not entry.filename.startswith("xl/worksheets/") and entry.filename.endswith((".xml", ".rels"))
        ratio = entry.file_size / max(1, entry.compress_size)
        if (
            total > MAX_UNPACKED_BYTES
            or (whole and entry.file_size > MAX_ALL_AT_ONCE_BYTES)
            or (entry.file_size > _RATIO_COUNTS_FROM and ratio > MAX_RATIO)
        ):
            raise unreadable(
                "The workbook unpacks to more than may be read. Save only the sheet that is needed, or use CSV."
            )


def _require_no_doctype(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Reads as far as the first element, before which a document type would stand."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _on_doctype
    parser.StartElementHandler = _on_element
    try:
        with archive.open(entry) as part:
            while piece := part.read(16_384):
                parser.Parse(piece, False)
    except _PrologueOver:
        return
    except _DoctypeFound:
        raise unreadable("The workbook holds a document type declaration, which no workbook needs.") from None
    except expat.ExpatError as error:
        raise unreadable(f"The workbook's part {entry.filename[:100]} is damaged: {error}.") from error


def _on_doctype(*_declaration: object) -> None:
    raise _DoctypeFound


def _on_element(*_element: object) -> None:
    raise _PrologueOver
