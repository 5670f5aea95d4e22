"""Checks every name that an expression uses: is it there, and has the step run by then?"""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.definition.model import Definition, ForEachStep, Input, RepeatStep, Step
from workflows.definition.not_yet import FIX as NOT_YET_FIX
from workflows.definition.not_yet import NOT_YET_AVAILABLE
from workflows.definition.places import Has, Layout, Place, Role, Site, has_run
from workflows.definition.problems import ProblemList
from workflows.definition.shapes import MISSING, Shape, Shapes, at, closed_names
from workflows.definition.wording import listed, quoted, suggest
from workflows.expressions.functions import ROOTS
from workflows.expressions.syntax import GAP, Expression, Reference, Soft

MEMBERS: Mapping[str, tuple[str, ...]] = {
    "step": ("idempotency_key", "attempt"),
    "job": ("id", "created_at", "today", "started_by", "reference", "workflow", "version"),
    "workspace": ("slug", "name", "time_zone"),
}
_WHOLE_FIX = (
    "Give its block a value for each case and use that, or write first(…) with something else beside it."
)
_GAP_MESSAGE = "A part of this is not filled in yet: it stands as _."
_GAP_FIX = "Fill it in, or take that part out."
_SOFT_FIX = (
    "Ask softly with .get('…'), which gives null, or move the step that needs it to where the other has run."
)


@dataclass(frozen=True, kw_only=True)
class _View:
    """A site and what is known there. `names` are those that blocks around it give."""

    site: Site
    names: Mapping[str, Step]
    places: Layout
    shapes: Shapes
    problems: ProblemList

    def error(self, code: str, message: str, fix: str) -> None:
        """Tell an error of the site's expression."""
        self.problems.error(code, self.site.path, message, fix)


def check_references(definition: Definition, places: Layout, shapes: Shapes, problems: ProblemList) -> None:
    """Check all expressions of a definition."""
    for site in places.sites:
        if site.expression.references:
            names = names_at(site.place)
            view = _View(site=site, names=names, places=places, shapes=shapes, problems=problems)
            for reference in site.expression.references:
                _check(reference, view)
    _check_show_when(definition.inputs, shapes, problems)


def names_at(place: Place) -> dict[str, Step]:
    """The names that blocks around a place give, with the block of each."""
    names: dict[str, Step] = {}
    for body, _ in place:
        if isinstance(body.block, ForEachStep):
            names |= {body.block.item_name: body.block, "index": body.block}
        elif isinstance(body.block, RepeatStep):
            names |= {"index": body.block, "last": body.block}
        elif body.role == Role.CATCH and body.block:
            names["error"] = body.block
    return names


def _check(reference: Reference, view: _View) -> None:
    root = reference.root
    if view.problems.full:
        return
    if root == "steps":
        if _check_step(reference, view):
            shape = view.shapes.of_step(str(reference.parts[0]))
            _check_members(reference, 2, shape, view.site.path, view.problems)
    elif root == "inputs":
        _check_input(reference, view.site.path, view.shapes, view.problems)
    elif root in view.names:
        return
    elif root in MEMBERS and (root != "step" or view.site.step is not None):
        _check_known(reference, view)
    else:
        _tell_unknown(root, view)


def _tell_unknown(root: str, view: _View) -> None:
    if root == GAP:
        view.error("unknown_name", _GAP_MESSAGE, _GAP_FIX)
        return
    if root in view.shapes.inputs:
        fix = f"Write inputs.{root}."
    elif root in view.places.steps:
        fix = f"Write steps.{root}.output."
    elif root in ROOTS:
        where = {"last": "a repeat", "index": "a loop", "error": "a catch"}.get(root, "a step")
        fix = f"It exists inside {where} only."
    else:
        known = sorted({*view.names, "inputs", "steps", "job", "workspace"})
        fix = suggest(
            root, known, otherwise=f"There is {listed(known, last='and')}; a text stands in quotes."
        )
    view.error("unknown_name", f"There is no {quoted(root)} here.", fix)


def _check_known(reference: Reference, view: _View) -> None:
    known = MEMBERS[reference.root]
    if reference.parts and reference.parts[0] not in known and not isinstance(reference.parts[0], Soft):
        name = str(reference.parts[0])
        fix = suggest(name, known, otherwise=f"It has {listed(known, last='and')}.")
        view.error("unknown_attribute", f"{reference.root} has no {quoted(name)}.", fix)


def _check_input(reference: Reference, path: str, shapes: Shapes, problems: ProblemList) -> None:
    if not reference.parts:
        return
    name = reference.parts[0]
    if name in shapes.inputs:
        _check_members(reference, 1, shapes.inputs[str(name)], path, problems)
    elif not isinstance(name, Soft):
        problems.error(
            "unknown_input",
            path,
            f"There is no input {quoted(str(name))}.",
            suggest(str(name), shapes.inputs, otherwise="Add it to the inputs, or take it out here."),
        )


def _check_step(reference: Reference, view: _View) -> bool:
    """Whether the members of a step's output can be looked at; else what there is to tell has been told."""
    key, field = str(reference.parts[0]), reference.parts[1]
    target = view.places.steps.get(key)
    if target is None:
        fix = suggest(key, view.places.steps, otherwise="Give a step that key, or take it out here.")
        view.error("unknown_step", f"There is no step {quoted(key)}.", fix)
        return False
    found = has_run(view.site.place, view.places.places[key])
    if found == Has.PERHAPS_RUN and _is_soft(reference, view.site.expression):
        return True
    if found != Has.RUN:
        _tell_not_run(found, reference, target, view)
        return False
    if field in ("errors", "failed") and not isinstance(target, ForEachStep):
        message = f"Only a for_each step has {field}; {_name(target)} is of type {target.type}."
        view.error("unknown_attribute", message, "Use steps.KEY.error, or steps.KEY.status.")
    elif field == "callback_url":
        view.error("not_yet_available", NOT_YET_AVAILABLE["value"]["callback_url"], NOT_YET_FIX)
    _warn_of_skipping(reference, target, view)
    return field == "output"


def _tell_not_run(found: Has, reference: Reference, target: Step, view: _View) -> None:
    name = _name(target)
    if found == Has.PERHAPS_RUN:
        whole = len(reference.parts) == 2
        view.error(
            "may_not_have_run", f"The step {name} may not have run.", _WHOLE_FIX if whole else _SOFT_FIX
        )
    elif found == Has.BEEN_INSIDE_A_LOOP:
        view.error(
            "inside_loop",
            f"The step {name} runs inside a loop, once for each turn; it has not one output.",
            "Use the output of the loop, which is the list of what `collect` gives.",
        )
    elif view.site.step is target:
        view.error("not_run_before", f"The step {name} refers to itself.", "Refer to an earlier step.")
    else:
        view.error(
            "not_run_before",
            f"The step {name} cannot have run before this.",
            "Move it up, before the step that needs it.",
        )


def _is_soft(reference: Reference, expression: Expression) -> bool:
    """A step that has not run has a status, and null for the rest; only going into null is an error."""
    parts = reference.parts
    if parts[1] in ("status", "failed", "errors") or any(isinstance(part, Soft) for part in parts[1:3]):
        return True
    return len(parts) == 2 and (parts[1] != "output" or expression.reference is None)


def _warn_of_skipping(reference: Reference, target: Step, view: _View) -> None:
    parts = reference.parts
    if len(parts) < 3 or parts[1] != "output" or isinstance(parts[2], Soft):
        return
    if target.when is None and target.on_error != "continue":
        return
    conditions = [step.when for step in _around(view.site) if step.when is not None]
    if any(_guards(condition, target) for condition in conditions) or target.key in _asked_softly(
        view.site.expression
    ):
        return
    why = "may be skipped" if target.when is not None else "may fail"
    view.problems.warning(
        "may_be_skipped",
        view.site.path,
        f"The step {_name(target)} {why}; then its output is null, and this fails.",
        "Ask softly with .get('…'), or give this step a `when` as well.",
    )


def _around(site: Site) -> list[Step]:
    blocks = [body.block for body, _ in site.place if body.block is not None]
    return [*blocks, site.step] if site.step is not None else blocks


def _guards(condition: Expression, target: Step) -> bool:
    if target.when is not None and condition.source == target.when.source:
        return True
    return any(one.root == "steps" and one.parts[0] == target.key for one in condition.references)


def _asked_softly(expression: Expression) -> set[str]:
    """Steps that the same expression looks at before it goes into them: `x.y if x else None`."""
    return {str(one.parts[0]) for one in expression.references if one.root == "steps" and len(one.parts) == 2}


def _check_members(reference: Reference, start: int, shape: Shape, path: str, problems: ProblemList) -> None:
    """Follow the parts into what is known about the value; the first that cannot be there is told."""
    for position in range(start, len(reference.parts)):
        part = reference.parts[position]
        if isinstance(part, Soft):
            return
        inner = at(shape, part)
        if inner is MISSING:
            names = closed_names(shape)
            owner = _owner(reference, position)
            fix = suggest(
                str(part),
                names,
                otherwise=f"It has {listed(names, last='and')}." if names else "Take it out.",
            )
            problems.error("unknown_attribute", path, f"{owner} has no {quoted(str(part))}.", fix)
            return
        shape = inner


def _owner(reference: Reference, count: int) -> str:
    """The path without its last parts, as it is written."""
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in reference.parts[:count])
    return reference.root + parts


def _check_show_when(inputs: tuple[Input, ...], shapes: Shapes, problems: ProblemList) -> None:
    for index, one in enumerate(inputs):
        for reference in one.show_when.references if one.show_when else ():
            path = f"inputs[{index}].show_when"
            if reference.root == GAP:
                problems.error("unknown_name", path, _GAP_MESSAGE, _GAP_FIX)
            elif reference.root != "inputs":
                problems.error(
                    "unknown_name",
                    path,
                    f"There is no {quoted(reference.root)} here.",
                    "Only inputs are known here.",
                )
            elif reference.parts and reference.parts[0] == one.key:
                problems.error(
                    "unknown_input", path, "The input depends on itself.", "Refer to another input."
                )
            else:
                _check_input(reference, path, shapes, problems)


def _name(step: Step) -> str:
    return f"*{step.name or step.key}*"
