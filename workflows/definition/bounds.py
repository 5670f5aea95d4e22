"""The bounds of a definition as a whole, checked before anything else looks at it."""

import json
import math

from common.canonical import Json
from workflows.definition.problems import ProblemList
from workflows.definition.wording import describe

MAX_BYTES = 1 << 20
MAX_STEPS = 1000
MAX_NESTING = 20
MAX_DEPTH = 128
"""Of objects and lists inside each other: 20 blocks and what their steps hold."""
_MAX_PATH = 4000
"""Characters of a path: it is written out for every value below, so that long names would cost their square."""
MAX_INTEGER = 1 << 53


def within_bounds(raw: Json, problems: ProblemList) -> bool:
    """Whether `raw` is JSON of a size and depth that can be read. Adds a problem for each thing that is not.

    It walks with a stack of its own, so that no depth breaks it, and an object that holds itself is merely too deep.
    """
    before = len(problems.found)
    pending: list[tuple[Json, str, str | int, int]] = [(raw, "", "", 0)]
    seen = 0
    while pending and len(problems.found) - before < 20:
        value, outer, part, depth = pending.pop()
        seen += 1
        path = _joined(outer, part)
        if seen > MAX_BYTES or depth > MAX_DEPTH or len(path) > _MAX_PATH:
            _tell_excess(path, depth, problems)
            return False
        if isinstance(value, dict):
            fine = [
                (inner, path, key, depth + 1) for key, inner in value.items() if _is_name(key, path, problems)
            ]
            pending.extend(fine)
        elif isinstance(value, list):
            pending.extend((inner, path, index, depth + 1) for index, inner in enumerate(value))
        else:
            _check_scalar(value, path, problems)
    if len(problems.found) == before and _size(raw) > MAX_BYTES:
        problems.error("too_large", "", _TOO_LARGE, "Split the workflow in two, or move data into files.")
    return len(problems.found) == before


def depth_of(raw: Json) -> int:
    """How many objects and lists lie inside each other."""
    deepest, pending = 0, [(raw, 1)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, dict | list):
            deepest = max(deepest, depth)
            pending.extend(
                (inner, depth + 1) for inner in (value.values() if isinstance(value, dict) else value)
            )
    return deepest


def _joined(outer: str, part: str | int) -> str:
    if isinstance(part, int):
        return f"{outer}[{part}]"
    return f"{outer}.{part}" if outer else part


def _size(raw: Json) -> int:
    return len(json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode())


def _tell_excess(path: str, depth: int, problems: ProblemList) -> None:
    if depth > MAX_DEPTH:
        message, fix = f"Values are nested deeper than {MAX_DEPTH} levels.", "Make it flatter."
    elif len(path) > _MAX_PATH:
        message, fix = "The names on the way to a value are too long.", "Shorten them."
    else:
        problems.error("too_large", "", _TOO_LARGE, "Split the workflow in two, or move data into files.")
        return
    problems.error("too_deep", _short(path), message, fix)


_TOO_LARGE = "The definition is larger than 1 MiB."


def _is_name(key: object, path: str, problems: ProblemList) -> bool:
    if not isinstance(key, str):
        problems.error(
            "not_json", _short(path), f"A name here is {describe(key)}, not a text.", "Write it in quotes."
        )
    elif not _encodes(key):
        problems.error(
            "not_json", _short(path), "A name here holds half a character.", "Remove that character."
        )
    else:
        return True
    return False


def _check_scalar(value: Json, path: str, problems: ProblemList) -> None:
    if isinstance(value, str):
        if not _encodes(value):
            problems.error(
                "not_json", _short(path), "The text holds half a character.", "Remove that character."
            )
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            problems.error(
                "too_large",
                _short(path),
                "The whole number is beyond ±9007199254740992, where other programs lose digits.",
                "Write it as a text, in quotes.",
            )
    elif isinstance(value, float):
        if not math.isfinite(value):
            problems.error("not_json", _short(path), "The number is not finite.", "Write a number.")
    else:
        problems.error(
            "not_json", _short(path), f"{describe(value)} is not JSON.", "Write a text or a number."
        )


def _encodes(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _short(path: str) -> str:
    return path if len(path) <= 200 else path[:199] + "…"
