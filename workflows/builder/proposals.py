"""What a new step is given at once where one value is obvious, and what a workflow could give back.

A wrong proposal is worse than none: where two values would do, nothing is proposed.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.text import slugify

from common.canonical import Json
from workflows.builder.edits import free_key, key_of, taken_keys
from workflows.builder.nodes import Node, NodeKind, node_at, text_in, walk
from workflows.builder.paths import parts_of, path_of
from workflows.builder.scope import Entry, Group, Scope
from workflows.definition.read_values import KEY
from workflows.definition.shapes import ALL_TYPES, FILE, types_of

_LOOPS = frozenset({"for_each", "repeat"})
_SELDOM = frozenset({"columns", "skipped", "sheets", "headers", "status", "taken", "failed", "error"})
"""Members of a step's output that are hardly ever what a workflow is run for."""
_GENERAL = frozenset({"file", "rows", "text", "value", "body"})
"""Members that say less than the name of their step."""
_TYPES: Mapping[str, str] = {
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "string": "text",
    "array": "list",
    "object": "object",
}


# ---------------------------------------------------------------- a new step
def propose(definition: Json, path: str, scope: Scope) -> None:
    """Fill in what is obvious of the new step at `path`. Inside loops nothing is."""
    node = node_at(definition, path)
    fill = _FILLS.get(node.type) if node.kind is NodeKind.STEP else None
    if fill is not None and not _is_in_loop(definition, path):
        fill(node, definition, scope)


def _read(node: Node, definition: Json, _scope: Scope) -> None:
    """The only file that a job is given, unless another step has it already."""
    inputs = definition.get("inputs")
    files = [one for one in inputs if text_in(one, "type") == "file"] if isinstance(inputs, list) else []
    if len(files) != 1 or files[0].get("required") is False or not KEY.fullmatch(text_in(files[0], "key")):
        return
    file = f"{{{{ inputs.{files[0]['key']} }}}}"
    if not any(text_in(each.raw.get("config"), "file") == file for each in _steps(definition)):
        node.raw["config"]["file"] = file


def _go_through(node: Node, _definition: Json, scope: Scope) -> None:
    """The latest list, and a name for one of its members."""
    items = _latest_list(scope)
    if items:
        node.raw.update({"items": items, "as": _one_of(items)})


def _write_csv(node: Node, _definition: Json, scope: Scope) -> None:
    rows = _latest_list(scope)
    if rows:
        node.raw["config"]["rows"] = f"{{{{ {rows} }}}}"
    _name_file(node, ".csv")


def _write_workbook(node: Node, _definition: Json, scope: Scope) -> None:
    rows = _latest_list(scope)
    if rows:
        name = re.sub(r"[\\*?:/\[\]']", " ", text_in(node.raw, "name"))[:31].strip() or "1"
        node.raw["config"]["sheets"] = [{"name": name, "rows": f"{{{{ {rows} }}}}"}]
    _name_file(node, ".xlsx")


def _name_file(node: Node, ending: str) -> None:
    name = slugify(text_in(node.raw, "name"))[:60].strip("-")
    if name:
        node.raw["config"]["filename"] = name + ending


_FILLS: Mapping[str, Callable[[Node, Json, Scope], None]] = {
    "csv.read": _read,
    "spreadsheet.read": _read,
    "for_each": _go_through,
    "csv.write": _write_csv,
    "spreadsheet.write": _write_workbook,
}


def _latest_list(scope: Scope) -> str:
    """The only list of the nearest step that has run for certain and gives one, else of the inputs; of texts none."""
    for group in (*_steps_in(scope), *(group for group in scope.groups if not group.key)):
        found = [entry for entry in group.entries if _is_list(entry)]
        if found:
            return found[0].text if len(found) == 1 else ""
    return ""


def _is_list(entry: Entry) -> bool:
    items = entry.shape.get("items", {})
    return types_of(entry.shape) == {"array"} and not entry.soft and types_of(items) != {"string"}


def _one_of(items: str) -> str:
    """What one member is called: of `steps.read.output.rows` it is `row`."""
    last = items.rpartition(".")[2]
    one = f"{last[:-3]}y" if last.endswith("ies") else last[:-1] if re.search("[^s]s$", last) else ""
    return one if KEY.fullmatch(one) and one not in ("input", "step", "inputs", "steps", "job") else "item"


def _is_in_loop(definition: Json, path: str) -> bool:
    parts = parts_of(path)
    around = (path_of(parts[:end]) for end in range(2, len(parts)) if isinstance(parts[end - 1], int))
    return any(node_at(definition, outer).type in _LOOPS for outer in around)


def _steps(definition: Json) -> Iterator[Node]:
    return (node for node in walk(definition) if node.kind is NodeKind.STEP and node.is_object)


def _steps_in(scope: Scope) -> list[Group]:
    return [group for group in scope.groups if group.key and not group.fields]


# ---------------------------------------------------------------- outputs
@dataclass(frozen=True, kw_only=True)
class OfferedOutput:
    """Something that a step gives, as an output. `type` is empty where it is not known beforehand; `step` where the
    label says it.
    """

    text: str
    label: str
    type: str
    step: str


def offered_outputs(definition: Json, scope: Scope) -> list[OfferedOutput]:
    """What the steps give for certain and no output has yet, in the order of the steps. `scope` is that of an output."""
    outputs = definition.get("outputs")
    taken = {text_in(one, "value") for one in outputs} if isinstance(outputs, list) else set()
    steps = {node.key: node for node in _steps(definition)}
    found = []
    for group in reversed(_steps_in(scope)):
        if group.key in steps:
            found += [offer for offer in _of_step(group, steps[group.key]) if offer.text not in taken]
    return found


def output_of(definition: Json, offer: OfferedOutput, *, type_: str = "") -> Json:
    """The output that takes up an offer, with a key of its own. `type_`: where the offer has none."""
    key = free_key(key_of(offer.label) or "output", taken_keys(definition, NodeKind.OUTPUT, "outputs"))
    return {"key": key, "label": offer.label, "type": offer.type or type_, "value": offer.text}


def _of_step(group: Group, step: Node) -> Iterator[OfferedOutput]:
    whole = f"steps.{step.key}.output"
    entries = [entry for entry in group.entries if _is_offered(entry, whole, step)]
    general = sum(_member(entry, whole) in _GENERAL for entry in entries)
    for entry in entries:
        name = _member(entry, whole)
        label = name.replace("_", " ").capitalize()
        if not name:
            label = group.title
        elif name in _GENERAL:
            label = group.title if general == 1 else f"{group.title}: {name}"
        said = "" if label.startswith(group.title) else group.title
        yield OfferedOutput(text=entry.text, label=label[:200], type=_type(entry, name), step=said)


def _is_offered(entry: Entry, whole: str, step: Node) -> bool:
    if entry.soft or entry.level or not entry.text.startswith(whole):
        return False
    name, types = _member(entry, whole), types_of(entry.shape)
    if not name:
        return types == {"array"}
    if name in _SELDOM and step.type not in ("set", "workflow"):
        return False
    if name == "file" and "null" in types:
        return bool(text_in(step.raw.get("config"), "filename"))
    return types == ALL_TYPES or "null" not in types


def _member(entry: Entry, whole: str) -> str:
    return entry.text.removeprefix(whole).strip('.[]"')


def _type(entry: Entry, name: str) -> str:
    types = types_of(entry.shape)
    if entry.shape.get("properties") == FILE["properties"] or (name == "file" and "object" in types):
        return "file"
    if "number" in types:
        types -= {"integer"}
    only: Sequence[str] = sorted(types - {"null"})
    return _TYPES[only[0]] if len(only) == 1 else ""
