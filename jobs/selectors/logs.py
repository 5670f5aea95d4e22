"""The end of a log, which is where a reader looks first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workspaces.pages.texts import Piece, pieces_of
from workspaces.pages.values import MOST_CHARACTERS

MOST_LINES: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class LogPart:
    """The last lines; the first of them has the number `first`. `cut`: there are earlier ones."""

    first: int
    lines: Sequence[Sequence[Piece]]
    cut: bool


def log_part(text: str) -> LogPart:
    """At most `MOST_LINES` lines and `MOST_CHARACTERS` characters from the end of `text`."""
    lines = text.removesuffix("\n").split("\n")
    kept, room = 0, MOST_CHARACTERS
    for line in reversed(lines[-MOST_LINES:]):
        room -= len(line)
        if room < 0 and kept:
            break
        kept += 1
    shown = lines[len(lines) - kept :]
    cut = kept < len(lines) or room < 0
    return LogPart(
        first=len(lines) - kept + 1,
        lines=[pieces_of(line[-MOST_CHARACTERS:]) for line in shown],
        cut=cut,
    )
