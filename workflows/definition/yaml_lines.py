"""In which line of a YAML text the thing stands that a path names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

_PARSER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_MOST_PLACES = 200_000
"""Places that are noted; of a text with more, the later ones are not found."""


@dataclass
class _Open:
    """A list or an object that is being walked. `count` is the position of a list's next item."""

    path: str
    is_list: bool
    count: int = 0
    key: str | None = None

    def inner(self) -> str:
        if self.is_list:
            return f"{self.path}[{self.count}]"
        return f"{self.path}.{self.key}" if self.path else str(self.key)

    def advance(self) -> None:
        self.count += 1
        self.key = None


@dataclass
class Lines:
    """The lines of the documents of one text, each by path as problems name it: `steps[2].config.url`."""

    documents: list[dict[str, int]] = field(default_factory=list)

    def of(self, path: str, *, document: int = 0) -> int | None:
        """The line of `path`, from 1; of what is not there, that of what it would stand in. None: not in this text."""
        if not 0 <= document < len(self.documents):
            return None
        found = self.documents[document]
        while path and path not in found:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return found.get(path)


def lines_of(text: str) -> Lines:
    """Where everything in `text` stands; empty documents are left out, as `load_documents` leaves them. Of a text that
    is no YAML, what comes before the mistake.
    """
    found = Lines()
    parser = _PARSER(text)
    try:
        _walk(iter(parser.get_event, None), found)
    except yaml.YAMLError:
        pass
    finally:
        parser.dispose()
    return found


def _walk(events: Iterator[Any], found: Lines) -> None:
    stack: list[_Open] = []
    places: dict[str, int] = {}
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            stack, places = [], {}
        elif isinstance(event, yaml.DocumentEndEvent):
            if places:
                found.documents.append(places)
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            if stack:
                stack[-1].advance()
        elif isinstance(event, yaml.NodeEvent):
            _note(event, stack, places)


def _note(event: Any, stack: list[_Open], places: dict[str, int]) -> None:
    line = event.start_mark.line + 1
    if stack and not stack[-1].is_list and stack[-1].key is None:
        stack[-1].key = str(getattr(event, "value", ""))
        if len(places) < _MOST_PLACES:
            places[stack[-1].inner()] = line  # the line of its name, where a person looks for it
        return
    path = stack[-1].inner() if stack else ""
    if (
        not stack
        and isinstance(event, yaml.ScalarEvent)
        and event.implicit[0]
        and event.value in ("", "~", "null")
    ):
        return  # an empty document
    if len(places) < _MOST_PLACES:
        places.setdefault(path, line)
    if isinstance(event, yaml.CollectionStartEvent):
        stack.append(_Open(path=path, is_list=isinstance(event, yaml.SequenceStartEvent)))
    elif stack:
        stack[-1].advance()
