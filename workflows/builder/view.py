"""What the Builder's page shows of a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from common.canonical import Json
from workflows.builder.catalogue import Offer, OfferGroup, step_offers, value_offers
from workflows.builder.forms.fields import Known
from workflows.builder.forms.form import NodeForm, form_of
from workflows.builder.nodes import KIND_WORDS, Node, NodeKind, Place, Slot, node_at, place_at, walk
from workflows.builder.outline import Entry, address_of, by_node, outline, step_keys
from workflows.builder.paths import NoSuchPlace, parts_of, path_of
from workflows.builder.proposals import OfferedOutput, offered_outputs
from workflows.builder.scope import scope_at
from workflows.checking import Checked, check_draft
from workflows.definition.problems import DefinitionProblem
from workflows.models import DraftSave, Workflow
from workflows.reading import parsed_text
from workflows.selectors import frozen_of

STEP = "step:"
"""How an address begins that names a step by its key."""
_MOST_PLACES = 200
_MOST_PROBLEMS = 100


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of the three lists of the outline."""

    slot: Slot
    entries: Sequence[Entry]
    count: int


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A problem, and the part that it is about: how the page's address names it, and what people call it."""

    problem: DefinitionProblem
    at: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Adding:
    """The menu of what can be added to a list. `index`: before which part; empty: at the end."""

    place: Place
    owner: Node
    index: str
    groups: Sequence[OfferGroup] = ()
    values: Sequence[Offer] = ()
    outputs: Sequence[OfferedOutput] = ()
    """What the steps give, to be taken as outputs."""


@dataclass(frozen=True, kw_only=True)
class After:
    """Where a step that comes after another one is put."""

    path: str
    index: int


@dataclass(frozen=True, kw_only=True)
class BuilderView:
    """The whole page. Of `form` and `adding` one is there. `problems` are the first hundred of all."""

    workflow: Workflow
    checked: Checked
    parts: Sequence[Part]
    problems: Sequence[Listed]
    node: Node
    at: str
    form: NodeForm | None
    adding: Adding | None
    places: Sequence[tuple[str, str]]
    last_save: DraftSave | None
    undo: DraftSave | None
    begun: bool = True
    """Whether there is a step at all."""

    @property
    def after(self) -> After | None:
        """Where the next step goes, seen from the one that is shown."""
        parts = parts_of(self.node.path)
        if self.node.kind is not NodeKind.STEP or not isinstance(parts[-1], int):
            return None
        return After(path=path_of(parts[:-1]), index=parts[-1] + 1)

    @property
    def unlisted(self) -> int:
        """How many problems are not among `problems`."""
        return len(self.checked.problems) - len(self.problems)

    @property
    def errors(self) -> int:
        """How many problems stop an activation."""
        return sum(problem.level == "error" for problem in self.checked.problems)


def find(definition: Json, at: str) -> Node:
    """The part that an address names. Raises `NoSuchPlace`."""
    if not at.startswith(STEP):
        return node_at(definition, at)
    key = at.removeprefix(STEP)
    for node in walk(definition):
        if node.kind is NodeKind.STEP and node.key == key:
            return node
    raise NoSuchPlace(at)


def view_of(workflow: Workflow, *, at: str = "", add: str = "", index: str = "") -> BuilderView:
    """The page that shows the part `at`, or the menu of what can be added to the list `add`. Raises `NoSuchPlace`."""
    checked = check_draft(workflow)
    definition = checked.raw
    node = find(definition, at)
    adding = _adding(workflow, checked, add, index) if add else None
    problems = by_node(definition, checked.problems)
    keys = step_keys(definition)
    whole = node_at(definition, "")
    chosen = adding.place.path if adding else node.path
    form = None if adding else form_of(node, known_for(workflow, node), problems.get(node.path, ()))
    saves = list(workflow.saves.select_related("saved_by").defer("draft").order_by("-revision")[:2])
    return BuilderView(
        workflow=workflow,
        checked=checked,
        parts=[
            Part(
                slot=slot,
                entries=outline(definition, chosen=chosen, problems=problems, top=slot),
                count=_count(whole, slot),
            )
            for slot in whole.slots
        ],
        problems=list(islice(_listed(definition, problems, keys), _MOST_PROBLEMS)),
        node=node,
        at=address_of(node, keys),
        form=form,
        adding=adding,
        places=_places(definition, node) if form else [],
        last_save=saves[0] if saves and saves[0].revision == workflow.draft_revision else None,
        undo=saves[1] if len(saves) > 1 and saves[0].revision == workflow.draft_revision else None,
        begun=bool(_count(whole, whole.slots[1])) if whole.slots else False,
    )


def known_for(workflow: Workflow, node: Node) -> Known:
    """What the form of a part takes from elsewhere."""
    if node.kind is NodeKind.STEP and node.type == "workflow":
        rows = Workflow.objects.of(workflow.workspace).exclude(pk=workflow.pk)
        active = rows.exclude(active_version=None).select_related("active_version").order_by("name")
        found = list(active.defer("draft")[:500])
        called = next((one for one in found if one.slug == node.raw.get("workflow")), None)
        inputs: tuple[str, ...] = ()
        if called is not None and called.active_version is not None:
            inputs = tuple(one.key for one in frozen_of(called.active_version)[0].inputs)
        names = [(one.slug, f"{one.name} ({one.slug})") for one in found]
        return Known(workflows=names, suggested={"inputs": inputs})
    if node.kind is NodeKind.STEP and node.type == "finish":
        return Known(suggested={"outputs": _keys_of_outputs(workflow)})
    return Known(value_type=node.type)


def _keys_of_outputs(workflow: Workflow) -> tuple[str, ...]:
    definition = parsed_text(workflow.draft).partial
    return tuple(output.key for output in definition.outputs) if definition else ()


def _adding(workflow: Workflow, checked: Checked, path: str, index: str) -> Adding:
    definition = checked.raw
    place = place_at(definition, path)
    owner = node_at(definition, place.owner)
    number = index if index.isascii() and index.isdigit() and len(index) < 7 else ""
    kind = place.slot.kind
    if kind is NodeKind.STEP:
        return Adding(place=place, owner=owner, index=number, groups=step_offers())
    offers = value_offers(columns=kind is NodeKind.COLUMN)
    given: Sequence[OfferedOutput] = ()
    if kind is NodeKind.OUTPUT:
        scope = scope_at(parsed_text(workflow.draft).partial, path, calls=checked.calls)
        given = offered_outputs(definition, scope)
    return Adding(place=place, owner=owner, index=number, values=offers, outputs=given)


def _count(whole: Node, slot: Slot) -> int:
    value = whole.raw.get(slot.name)
    return len(value) if isinstance(value, list) else 0


def _listed(
    definition: Json, problems: Mapping[str, Sequence[DefinitionProblem]], keys: Mapping[str, int]
) -> Iterator[Listed]:
    for path, found in problems.items():
        node = node_at(definition, path)
        title = _("The workflow") if not path else f"{KIND_WORDS[node.kind]} {node.title}"
        for problem in found:
            yield Listed(problem=problem, at=address_of(node, keys), title=title)


def _places(definition: Json, node: Node) -> list[tuple[str, str]]:
    """The lists that a part could be moved into."""
    if not node.path.endswith("]"):
        return []
    found = []
    for owner in walk(definition):
        if owner.path == node.path or owner.path.startswith((f"{node.path}.", f"{node.path}[")):
            continue
        for slot in owner.slots:
            if slot.kind is node.kind and not slot.single:
                place = Place(owner=owner.path, slot=slot)
                name = str(slot.title) if not owner.path else _("in %(name)s") % {"name": owner.title}
                detail = f": {slot.title}" if owner.path and slot.title else ""
                found.append((place.path, f"{name}{detail}"))
                if len(found) == _MOST_PLACES:
                    return found
    return found if len(found) > 1 else []
