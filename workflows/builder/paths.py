"""Where a part of a definition stands: `steps[2].branches[0].steps[1]`, as problems name it."""

import re

from common.canonical import Json

LONGEST = 1_000
"""Characters of a path; one of twenty nested blocks has some four hundred."""
_PART = re.compile(r"\.?([a-z_]+)|\[([0-9]{1,6})\]")

Part = str | int


class NoSuchPlace(LookupError):  # noqa: N818 - it says what is wrong
    """The definition has nothing there, or the text is no path."""


def parts_of(path: str) -> tuple[Part, ...]:
    """The names and positions on the way; none for the whole definition. Raises `NoSuchPlace`."""
    found: list[Part] = []
    position = 0
    while position < len(path) <= LONGEST:
        match = _PART.match(path, position)
        if match is None:
            break
        found.append(match[1] if match[1] else int(match[2]))
        position = match.end()
    if position != len(path):
        raise NoSuchPlace(path[:80])
    return tuple(found)


def path_of(parts: tuple[Part, ...]) -> str:
    """The parts as they are written."""
    text = "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in parts)
    return text.removeprefix(".")


def joined(path: str, part: Part) -> str:
    """`path` and one part more."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    return f"{path}.{part}" if path else part


def outer(path: str) -> str:
    """The path without its last part: of `steps[2]` it is `steps`."""
    return path_of(parts_of(path)[:-1])


def value_at(definition: Json, path: str) -> Json:
    """What stands there. Raises `NoSuchPlace`."""
    found = definition
    for part in parts_of(path):
        if isinstance(part, str):
            if not (isinstance(found, dict) and part in found):
                raise NoSuchPlace(path)
        elif not (isinstance(found, list) and part < len(found)):
            raise NoSuchPlace(path)
        found = found[part]
    return found
