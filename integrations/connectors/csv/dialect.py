"""How a CSV file is written: its encoding and its delimiter, found out from the file itself."""

import codecs
import csv
from typing import BinaryIO

from common.errors import StepError
from integrations.actions import ActionContext
from integrations.pacing import keep_going
from integrations.tables.reading import unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_FOR_FILES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
_PIECE_BYTES = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")


def detect_encoding(content: BinaryIO, context: ActionContext) -> str:
    """The encoding of `content`, which is left at its beginning. Raises `StepError` `bad_response`."""
    head = content.read(4096)
    content.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    zeros = [index for index, byte in enumerate(head) if byte == 0]
    if len(zeros) * 3 > len(head) > 1:  # mostly Latin letters, two bytes each, without a mark
        return "utf-16-le" if zeros[0] % 2 else "utf-16-be"
    for name in ("utf-8", "cp1252"):
        if _decodes(content, name, context):
            return name
    raise unreadable(
        "The file is text neither in UTF-8 nor in Windows-1252. Name its encoding, or save it as UTF-8."
    )


def require_encoding(name: str) -> str:
    """`name`, if it is an encoding of text. Raises `StepError` `wrong_type`."""
    try:
        found = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError):
        raise _unknown(name) from None
    if found.name in _NOT_FOR_FILES:
        raise _unknown(name)
    return "utf-8-sig" if found.name == "utf-8" else name


def detect_delimiter(sample: str) -> str:
    """The delimiter under which the first records have the same number of cells, and most of them. A comma if
    there is but one column.
    """
    best, best_score = ",", (0.0, 1)
    for delimiter in _DELIMITERS:
        counts = _cell_counts(sample, delimiter)
        if not counts or counts[0] < 2:
            continue
        alike = sum(count == counts[0] for count in counts) / len(counts)
        if (alike, counts[0]) > best_score:
            best, best_score = delimiter, (alike, counts[0])
    return best


def _cell_counts(sample: str, delimiter: str) -> list[int]:
    """The number of cells of each of the first records; the last one may be cut off and does not count."""
    counts: list[int] = []
    lines = sample.splitlines(keepends=True)
    whole = lines if len(sample) < 65_536 or len(lines) < 2 else lines[:-1]
    try:
        for record in csv.reader(whole, delimiter=delimiter):
            if record:
                counts.append(len(record))
            if len(counts) == 50:
                break
    except csv.Error:
        pass  # what was counted until here decides; reading the file will name the row
    return counts


def _decodes(content: BinaryIO, encoding: str, context: ActionContext) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := content.read(_PIECE_BYTES):
            keep_going(context)
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        content.seek(0)
    return True


def _unknown(name: str) -> StepError:
    return StepError(
        "wrong_type", f"'{name[:60]}' is not an encoding of text. Examples: utf-8, utf-16, windows-1252."
    )
