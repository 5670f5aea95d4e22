"""The comments of a YAML text, which a draft cannot keep."""

from collections.abc import Iterator
from typing import Any

import yaml

_PARSER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def comment_lines(text: str) -> list[int]:
    """The lines that have a comment, from 1. Of a text that is no YAML, those before the mistake."""
    if "#" not in text:
        return []
    found: set[int] = set()
    line, before = 1, 0
    for start, end in _values(text):
        between = text[before:start].split("\n")  # where a # can only begin a comment
        found.update(line + offset for offset, part in enumerate(between) if "#" in part)
        line += text.count("\n", before, end)
        before = end
    return sorted(found)


def _values(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each key and value goes, in order, and last the end of the text."""
    loader = _PARSER(text)
    try:
        for token in iter(loader.get_token, None):
            if not isinstance(token, yaml.ScalarToken):
                continue
            start: int = token.start_mark.index
            if token.style in ("|", ">"):
                start = max(text.find("\n", start), start)  # its first line may end in a comment
            yield start, token.end_mark.index
        yield len(text), len(text)
    except yaml.YAMLError:
        return
    finally:
        loader.dispose()
