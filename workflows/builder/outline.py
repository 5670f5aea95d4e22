"""All parts of a definition under each other, as the Builder's left column lists them.

It is flat: a template that writes it needs no recursion. A `row` may be followed by `inside`, its lists (`open` …
`close`) and `outside`; then comes its `end`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.canonical import Json
from workflows.builder.catalogue import icon_of
from workflows.builder.nodes import KIND_WORDS, Node, NodeKind, Slot, inner_nodes, walk
from workflows.builder.paths import joined
from workflows.definition.problems import DefinitionProblem
from workflows.definition.wording import describe

MOST_ROWS = 1_200
"""Rows that are listed; the source has the rest."""
_ICONS = {
    NodeKind.BRANCH: "corner-down-right",
    NodeKind.LANE: "corner-down-right",
    NodeKind.ELSE: "corner-down-right",
    NodeKind.CATCH: "shield-alert",
    NodeKind.INPUT: "log-in",
    NodeKind.COLUMN: "columns-2",
    NodeKind.OUTPUT: "log-out",
}
_ADD: Mapping[NodeKind, Promise] = {
    NodeKind.INPUT: _("Add an input"),
    NodeKind.COLUMN: _("Add a column"),
    NodeKind.STEP: _("Add a step"),
    NodeKind.BRANCH: _("Add a branch"),
    NodeKind.LANE: _("Add a branch"),
    NodeKind.ELSE: _("Add what is done otherwise"),
    NodeKind.CATCH: _("Add what is done on an error"),
    NodeKind.OUTPUT: _("Add an output"),
}


@dataclass(kw_only=True, slots=True)
class Entry:
    """`event`: `row` (a part) and its `end`, `inside` and `outside` (around the lists of a part), `open` and `close` (a list
    of parts, at `path`), `wrong` (something else stands where a list should), `cut` (there are more rows than are
    listed). `holds`: the kind of part that a list takes; `add`: what adding to it is called, empty where it is full.
    """

    event: str
    path: str = ""
    at: str = ""
    title: str = ""
    kind: str = ""
    type: str = ""
    icon: str = ""
    key: str = ""
    holds: str = ""
    chosen: bool = False
    errors: int = 0
    warnings: int = 0
    movable: bool = False
    add: str = ""


def by_node(definition: Json, problems: Iterable[DefinitionProblem]) -> dict[str, list[DefinitionProblem]]:
    """The problems of each part, by its path: a problem belongs to the innermost part that it stands in."""
    paths = {node.path for node in walk(definition)}
    found: dict[str, list[DefinitionProblem]] = {}
    for problem in problems:
        path = problem.path
        while path not in paths:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        found.setdefault(path, []).append(problem)
    return found


def address_of(node: Node, keys: Mapping[str, int]) -> str:
    """How the page's address names a part: a step by its key, where that is its alone, so that it is found again after
    others moved; anything else by its path.
    """
    if node.kind is NodeKind.STEP and keys.get(node.key) == 1 and len(node.key) <= 63:
        return f"step:{node.key}"
    return node.path


def step_keys(definition: Json) -> Counter[str]:
    """How often each key of a step is there."""
    return Counter(node.key for node in walk(definition) if node.kind is NodeKind.STEP and node.key)


def outline(
    definition: Json, *, chosen: str, problems: Mapping[str, Sequence[DefinitionProblem]], top: Slot
) -> list[Entry]:
    """The parts in one of the workflow's own lists: its inputs, steps or outputs."""
    whole = Node(path="", kind=NodeKind.WORKFLOW, raw=definition)
    keys = step_keys(definition)
    found: list[Entry] = []
    rows = 0
    for entry in _list(whole, top, chosen, problems, keys):
        rows += entry.event == "row"
        if rows > MOST_ROWS:
            return [*_closed(found), Entry(event="cut")]
        found.append(entry)
    return found


def _list(
    owner: Node,
    slot: Slot,
    chosen: str,
    problems: Mapping[str, Sequence[DefinitionProblem]],
    keys: Mapping[str, int],
) -> Iterator[Entry]:
    path = joined(owner.path, slot.name)
    value = owner.raw.get(slot.name) if owner.is_object else None
    if not (value is None or slot.single or isinstance(value, list)):
        yield Entry(event="wrong", path=path, title=describe(value))
        return
    inner = inner_nodes(owner, slot) if owner.is_object else []
    yield Entry(
        event="open",
        path=path,
        title=str(slot.title),
        holds=slot.kind.value,
        key=owner.key,
    )
    for node in inner:
        yield _row(node, chosen, problems.get(node.path, ()), keys, movable=not slot.single)
        if node.slots:
            yield Entry(event="inside", title=node.title, path=node.path)
            for one in node.slots:
                yield from _list(node, one, chosen, problems, keys)
            yield Entry(event="outside")
        yield Entry(event="end")
    full = slot.single and inner
    inside = owner.title if owner.path else ""
    add = "" if full else str(_ADD[slot.kind])
    yield Entry(event="close", path=path, title=inside, add=add, chosen=path == chosen)


def _row(
    node: Node,
    chosen: str,
    problems: Sequence[DefinitionProblem],
    keys: Mapping[str, int],
    *,
    movable: bool,
) -> Entry:
    errors = sum(problem.level == "error" for problem in problems)
    return Entry(
        event="row",
        path=node.path,
        at=address_of(node, keys),
        title=node.title,
        kind=str(KIND_WORDS[node.kind]),
        type=node.type_words,
        icon=_ICONS.get(node.kind) or icon_of(node.type),
        key=node.key,
        holds=node.kind.value,
        chosen=node.path == chosen,
        errors=errors,
        warnings=len(problems) - errors,
        movable=movable,
    )


def _closed(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, with what they leave open closed."""
    ends = {"row": "end", "inside": "outside", "open": "close"}
    pending: list[str] = []
    for entry in entries:
        if entry.event in ends:
            pending.append(ends[entry.event])
        elif entry.event in ends.values():
            pending.pop()
    return [*entries, *(Entry(event=event) for event in reversed(pending))]
