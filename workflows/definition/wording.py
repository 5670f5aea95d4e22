"""Values in words, for sentences such as "expected a number, got the text 'abc'"."""

import difflib
from collections.abc import Iterable

from common.canonical import Json

_SHOWN = 70
_COMPARED = 200


def describe(value: Json) -> str:
    """`value` in a few words: `the text 'abc'`, `the number 3`, `a list of 2`, `an object`, `nothing`."""
    if isinstance(value, str):
        return f"the text {quoted(value)}" if value else "an empty text"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool | int | float):
        return _scalar(value)
    return "an object" if isinstance(value, dict) else f"a {type(value).__name__}"


def _scalar(value: float | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**18:
        return "a number with very many digits"
    return f"the number {value}"


def quoted(text: str) -> str:
    """`text` in quotes, cut where it is long, with nothing in it that could break a line or a page."""
    return f"'{clean(text)}'"


def capital(text: str) -> str:
    """`text` as the start of a sentence; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def clean(text: str) -> str:
    """`text` cut where it is long, with nothing in it that could break a line or a page."""
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else "�" for char in shown)


def listed(words: Iterable[str], *, last: str = "or") -> str:
    """`a, b or c`."""
    words = list(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest to a mistyped one; empty where none is near."""
    near = difflib.get_close_matches(word[:80], list(known)[:_COMPARED], n=1, cutoff=0.6)
    return near[0] if near else ""


def suggest(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """A fix for a mistyped word."""
    near = did_you_mean(word, known)
    return f"Did you mean {quoted(near)}?" if near else otherwise
