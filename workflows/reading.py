"""Reading definitions of drafts and files, which come again and again while people edit."""

from functools import lru_cache

from common.canonical import Json, dumps, loads
from integrations.registry import get_action
from workflows.definition.parse import Parsed, parse


def parsed(raw: Json) -> Parsed:
    """A definition as it can be read now; what was read lately is kept."""
    return parsed_text(dumps(raw))


@lru_cache(maxsize=64)
def parsed_text(text: str) -> Parsed:
    """The same of a definition as JSON text."""
    return parse(loads(text), actions=get_action)
