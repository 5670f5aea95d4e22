"""Texts from outside in which nothing hides: what cannot be seen, or turns the direction of writing, is an escape."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LABEL_CHARACTERS: Final = 200
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that count as printable and show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text. `codes`: the numbers of the characters that cannot be seen, whose escapes `text` is."""

    text: str
    codes: str = ""


def pieces_of(text: str) -> list[Piece]:
    """`text`, with escapes for what cannot be seen and for what turns the direction of writing."""
    on_one_line = text.replace("\n", " ").replace("\t", " ")  # those two are shown as what they are
    if on_one_line.isprintable() and _BLANKS.isdisjoint(on_one_line):
        return [Piece(text=text)] if text else []
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[Piece]:
    start = 0
    for number, character in enumerate(text):
        if character in "\n\t" or (character.isprintable() and character not in _BLANKS):
            continue
        if number > start:
            yield Piece(text=text[start:number])
        yield Piece(text=_escape(character), codes=str(ord(character)))
        start = number + 1
    if start < len(text):
        yield Piece(text=text[start:])


def _escape(character: str) -> str:
    escaped = json.dumps(character)[1:-1]
    return escaped if escaped.startswith("\\") else f"\\u{ord(character):04x}"


def plain(text: str, most: int = LABEL_CHARACTERS) -> str:
    """`text` for a label or an attribute: visible, on one line, not longer than `most`."""
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    return " ".join("".join(piece.text for piece in pieces_of(shown)).split())
