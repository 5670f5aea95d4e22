"""How much of a text fits into a box: SVG neither wraps nor cuts, and the server has no fonts to ask."""

import unicodedata
from typing import Final

from workspaces.pages.texts import plain

LINE: Final = 17
"""The height of a line of text."""
_WIDTH, _SMALL_WIDTH = 7.6, 6.6
"""Of a common letter, wide rather than narrow."""
_MOST_LINES = 2
_MOST_CHARACTERS = 500
_WIDE = frozenset("WF")


def lines_of(text: str, width: int) -> tuple[str, ...]:
    """`text` in at most two lines that fit `width`, broken between words where there are any."""
    words, lines = plain(text, _MOST_CHARACTERS).split(), [""]
    for word in words:
        joined = f"{lines[-1]} {word}".strip()
        if _width(joined) * _WIDTH <= width - 8 or not lines[-1]:
            lines[-1] = joined
        elif len(lines) < _MOST_LINES:
            lines.append(word)
        else:
            lines[-1] = joined
            break
    return tuple(shortened(line, width - 8) for line in lines)


def shortened(text: str, width: int, *, small: bool = False) -> str:
    """`text` on one line, with an ellipsis where it does not fit `width`."""
    text = plain(text, _MOST_CHARACTERS)
    letter = _SMALL_WIDTH if small else _WIDTH
    if _width(text) * letter <= width:
        return text
    while text and (_width(text) + 1) * letter > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _width(text: str) -> float:
    return sum(1.8 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in text)
