"""The form of one part of a definition: its controls in groups, and what comes back from it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.canonical import Json
from integrations.registry import get_action
from workflows.builder.forms import words
from workflows.builder.forms.base import ABSENT, Control, Editor, Posted
from workflows.builder.forms.composed import Part
from workflows.builder.forms.config import config_parts, is_advanced
from workflows.builder.forms.fields import Known, editor_of
from workflows.builder.forms.foreign import Foreign, foreign_in, taken_away
from workflows.builder.forms.simple import Choice, JsonText
from workflows.builder.nodes import Node, NodeKind
from workflows.builder.paths import joined
from workflows.definition.fields import Field, Kind
from workflows.definition.input_types import COLUMN_TYPES, INPUT_FIELDS
from workflows.definition.problems import DefinitionProblem
from workflows.words import VALUE_TYPES

PREFIX = "f"
"""Names of fields in the form begin with it: `f.name`, `f.config.url`."""
_VALUES = frozenset({NodeKind.INPUT, NodeKind.COLUMN, NodeKind.OUTPUT})
_HEAD = ("name", "label", "key")
_RUNNING = ("when", "on_error", "retry", "timeout", "idempotent")
_LATER = frozenset({"connection", "format"})
"""Fields that are shown only where they are there: a connection cannot be chosen yet, and the format is always 1."""
_ADVANCED = frozenset(
    {
        "priority",
        "concurrency",
        "spread",
        "max_failures",
        "on_item_error",
        "section",
        "show_when",
        "reason",
        "details",
        "on_exhausted",
        "delay",
        "sources",
        "max_bytes",
        "pattern",
        "secret",
        "multiline",
        "min_length",
        "max_length",
        "min_items",
        "max_items",
    }
)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Controls under a heading; `folded` ones are opened by whoever needs them."""

    title: str
    controls: Sequence[Control]
    folded: bool = False

    @property
    def open(self) -> bool:
        """Whether it is shown unfolded at once: where something in it is filled or wrong."""
        return any(each.problems or each.filled for control in self.controls for each in control.all())


@dataclass(frozen=True, kw_only=True)
class NodeForm:
    """The form of a part. `problems` are those that no control shows; `foreign` fields can only be taken away."""

    node: Node
    head: Sequence[Control]
    groups: Sequence[Group]
    foreign: Sequence[Foreign]
    problems: Sequence[DefinitionProblem]

    @property
    def has_code(self) -> bool:
        """Whether a field of it is edited as code."""
        controls = [*self.head, *(control for group in self.groups for control in group.controls)]
        return any(each.language for control in controls for each in control.all())


@dataclass(frozen=True, kw_only=True)
class _Item:
    """One editable field: where it is in the object, and its editor."""

    at: tuple[str, ...]
    field: str
    label: str
    editor: Editor
    help: str = ""
    required: bool = False
    advanced: bool = False


def form_of(node: Node, known: Known, problems: Iterable[DefinitionProblem] = ()) -> NodeForm:
    """The form that shows a part, with its problems at their controls."""
    if not node.is_object:
        control = JsonText().control(node.raw, name=f"{PREFIX}~raw", path=node.path)
        control.label = _("What stands there")
        rest = _placed([control], problems)
        return NodeForm(
            node=node, head=[], groups=[Group(title="", controls=[control])], foreign=[], problems=rest
        )
    items = list(_items(node, known))
    controls = {item.at: _control(item, node) for item in items}
    rest = _placed(controls.values(), problems)
    head = [controls[item.at] for item in items if item.field in _HEAD and len(item.at) == 1]
    head.sort(key=lambda control: _HEAD.index(control.name.removeprefix(f"{PREFIX}.")))
    return NodeForm(
        node=node, head=head, groups=_groups(items, controls), foreign=list(foreign_in(node)), problems=rest
    )


def answer_of(node: Node, known: Known, posted: Posted) -> Json:
    """The part as the form that came back has it: what was not touched is as it was."""
    if not node.is_object:
        found = JsonText().answer(posted, f"{PREFIX}~raw", node.raw)
        return node.raw if found is ABSENT else found
    taken = taken_away(node, posted)
    raw = {name: value for name, value in node.raw.items() if name not in taken}
    for item in _items(node, known):
        was = _in(raw, item.at)
        value = item.editor.answer(posted, _name(item), was)
        if value is not was:
            raw = _with(raw, item.at, value)
    return _of_new_type(node, raw)


def _items(node: Node, known: Known) -> Iterator[_Item]:
    for name, one in node.fields.items():
        if name in _LATER and node.raw.get(name) in (None, 1):
            continue
        if one.kind is Kind.TYPE:
            if node.kind in _VALUES:
                yield _Item(
                    at=(name,), field=name, label=words.label_of(name), editor=_types(node), required=True
                )
            continue
        action = get_action(node.type) if name == "config" else None
        config = node.raw.get("config")
        if action is not None and (config is None or isinstance(config, dict)):
            yield from (
                _of_config(part, action.config_schema, node.type)
                for part in config_parts(action.config_schema)
            )
            continue
        owners = (node.type, "workflow_step" if node.type == "workflow" else "", node.kind.value)
        yield _Item(
            at=(name,),
            field=name,
            label=words.label_of(name, *owners),
            editor=editor_of(one, known),
            help=words.help_of(name, str(words.HELPS.get(name, one.help)), *owners),
            required=one.required,
            advanced=_is_advanced(node, one),
        )


def _of_config(part: Part, schema: Json, action: str) -> _Item:
    return _Item(
        at=("config", part.name),
        field="config",
        label=part.label,
        editor=part.editor,
        help=words.help_of(part.name, part.help, action),
        required=part.required,
        advanced=is_advanced(part, schema),
    )


def _is_advanced(node: Node, one: Field) -> bool:
    if node.kind is NodeKind.WORKFLOW:
        return one.name in ("priority", "timeout")
    return one.name in _ADVANCED


def _types(node: Node) -> Editor:
    names = COLUMN_TYPES if node.kind is NodeKind.COLUMN else tuple(INPUT_FIELDS)
    return Choice(values=[(name, str(VALUE_TYPES[name])) for name in names], nothing=_("Choose a type"))


def _control(item: _Item, node: Node) -> Control:
    path = node.path
    for part in item.at:
        path = joined(path, part)
    control = item.editor.control(_in(node.raw, item.at), name=_name(item), path=path)
    control.label, control.help, control.required = item.label, item.help, item.required
    if len(item.at) == 1:
        control.example = words.EXAMPLES.get(item.field, "")
    return control


def _groups(items: Sequence[_Item], controls: Mapping[tuple[str, ...], Control]) -> list[Group]:
    main: list[Control] = []
    more: list[Control] = []
    running: list[Control] = []
    notes: list[Control] = []
    is_step = any(item.field == "on_error" for item in items)
    for item in items:
        if item.field in _HEAD and len(item.at) == 1:
            continue
        if item.field in _RUNNING:
            running.append(controls[item.at])
        elif item.field == "description" and is_step:
            notes.append(controls[item.at])
        else:
            (more if item.advanced else main).append(controls[item.at])
    found = [Group(title="", controls=main)]
    if more:
        found.append(Group(title=_("More settings"), controls=more, folded=True))
    if running:
        title = _("When it runs, and what if it fails") if is_step else ""
        group = Group(title=title, controls=running, folded=is_step)
        found = [*found, group] if is_step else [group, *found]
    if notes:
        found.append(Group(title=_("Note"), controls=notes, folded=True))
    return [group for group in found if group.controls]


def _placed(controls: Iterable[Control], problems: Iterable[DefinitionProblem]) -> list[DefinitionProblem]:
    """Put each problem at the innermost control that it is about; give back those without one."""
    by_path = {each.path: each for control in controls for each in control.all()}
    rest = []
    for problem in problems:
        path = problem.path
        while path and path not in by_path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        if path in by_path and path:
            by_path[path].problems.append(problem)
        else:
            rest.append(problem)
    return rest


def _name(item: _Item) -> str:
    return ".".join((PREFIX, *item.at))


def _in(raw: Json, at: tuple[str, ...]) -> Json:
    found = raw
    for name in at:
        if not (isinstance(found, dict) and name in found):
            return ABSENT
        found = found[name]
    return found


def _with(raw: dict[str, Json], at: tuple[str, ...], value: Json) -> dict[str, Json]:
    name, rest = at[0], at[1:]
    if rest:
        inner = raw.get(name)
        value = _with(inner if isinstance(inner, dict) else {}, rest, value)
    if value is ABSENT:
        return {key: each for key, each in raw.items() if key != name}
    return {**raw, name: value}


def _of_new_type(node: Node, raw: dict[str, Json]) -> dict[str, Json]:
    """Without the constraints of the former type, where an input got another one."""
    if node.kind not in (NodeKind.INPUT, NodeKind.COLUMN) or raw.get("type") == node.raw.get("type"):
        return raw
    former, now = INPUT_FIELDS.get(node.type, {}), INPUT_FIELDS.get(str(raw.get("type")), {})
    kept = {name: value for name, value in raw.items() if name not in former or name in now}
    kept.pop("default", None)
    return kept
