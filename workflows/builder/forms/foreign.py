"""Fields that an object of a definition should not have: they are shown, and can only be taken away."""

from collections.abc import Iterator
from dataclasses import dataclass

from common.canonical import encodable
from workflows.builder.forms.base import Posted, json_text, lines_fed
from workflows.builder.nodes import Node

_OTHER = "other"
_MOST = 100
"""That are shown at once; as some are taken away, others follow."""
_LONGEST = 500


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """A field that does not belong there, with what it holds."""

    name: str
    key: str
    text: str


def foreign_in(node: Node) -> Iterator[Foreign]:
    """What the object has that it should not have."""
    for number, name in enumerate(_strange(node)[:_MOST]):
        text = json_text(node.raw[name])
        yield Foreign(name=f"{_OTHER}.{number}", key=encodable(name), text=text[:_LONGEST])


def _strange(node: Node) -> list[str]:
    known = {*node.fields, *(slot.name for slot in node.slots)}
    return [name for name in node.raw if name not in known]


def taken_away(node: Node, posted: Posted) -> set[str]:
    """The names of those that a form takes away."""
    pairs = zip(_strange(node), foreign_in(node), strict=False)
    return {
        name for name, each in pairs if each.name in posted and posted.text(each.name) == lines_fed(each.key)
    }
