"""Reading definitions of drafts and files, which come again and again while people edit."""

from functools import lru_cache

from common.canonical import Json, dumps, loads
from integrations.registry import get_action
from workflows.definition.model import Definition
from workflows.definition.parse import Parsed, parse, parse_frozen


def parsed(raw: Json) -> Parsed:
    """A definition as it can be read now; what was read lately is kept."""
    return parsed_text(dumps(raw))


@lru_cache(maxsize=64)
def parsed_text(text: str) -> Parsed:
    """The same of a definition as JSON text."""
    return parse(loads(text), actions=get_action)


@lru_cache(maxsize=64)
def frozen_text(text: str) -> Definition:
    """The definition in a text that was checked before, such as that which a preview runs. Raises `DefinitionInvalid`."""
    return parse_frozen(loads(text))
