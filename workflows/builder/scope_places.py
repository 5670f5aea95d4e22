"""From a field's path in a definition to the place that its expressions see things from.

The field may be empty, and the steps around it unfinished: what cannot be found counts as not there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from workflows.definition import model
from workflows.definition.places import Body, Place, Role, bodies

_LONGEST = 1_000
_PART = re.compile(r"\.?([a-z_]+)|\[([0-9]{1,6})\]")
_INSIDE = ("collect", "until")
"""Fields of loops that see the steps inside."""

Part = str | int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Where an expression stands. `place` is None in the conditions of inputs, which see the other inputs alone:
    `own_input` is the position of its own. `inside` is the place that some of the fields of the same form see:
    those named in `inside_fields`.
    """

    place: Place | None
    step: model.Step | None = None
    own_input: int | None = None
    inside: Place | None = None
    inside_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Way:
    """What is left of a path, read from the front."""

    parts: Sequence[Part] = field(default_factory=tuple)

    def name(self, at: int = 0) -> str:
        found = self.parts[at] if at < len(self.parts) else ""
        return found if isinstance(found, str) else ""

    def number(self, at: int) -> int | None:
        found = self.parts[at] if at < len(self.parts) else None
        return found if isinstance(found, int) else None

    def after(self, count: int) -> "_Way":
        return _Way(self.parts[count:])


def seen_from(definition: model.Definition, path: str) -> Seen:
    """The place of a field or part. Anything outside steps and inputs sees what an output does: all steps."""
    way = _Way(_parts(path))
    top = Body(role=Role.TOP, steps=definition.steps)
    if way.name() == "inputs":
        return Seen(place=None, own_input=way.number(1))
    if way.name() == "steps" and way.number(1) is not None:
        return _in_list(top, "steps", way.after(1), ())
    return Seen(place=((top, len(definition.steps)),))


def _parts(path: str) -> list[Part]:
    found: list[Part] = []
    position = 0
    while len(path) <= _LONGEST and (match := _PART.match(path, position)):
        found.append(match[1] if match[1] else int(match[2]))
        position = match.end()
    return found


def _in_list(body: Body, list_path: str, way: _Way, outer: Place) -> Seen:
    """The place at a step of a list, or in it; `way` begins with the step's position."""
    index = way.number(0) or 0
    path = f"{list_path}[{index}]"
    before = [step for step in body.steps if _index(step, list_path) < index]
    place = (*outer, (body, len(before)))
    step = next((one for one in body.steps if one.where == path), None)
    if step is None:
        return Seen(place=place)
    return _in_step(step, way.after(1), place)


def _in_step(step: model.Step, way: _Way, place: Place) -> Seen:
    name, number = way.name(), way.number(1)
    if name in ("branches", "catch") and number is not None:
        list_path = f"{step.where}.{name}[{number}].steps"
        body = _body(step, list_path, _role_of(step, name), number)
        return _in_part(step, body, list_path, way.after(2), place)
    if name == "else":
        list_path = f"{step.where}.else.steps"
        body = _body(step, list_path, Role.BRANCH, len(getattr(step, "branches", ())))
        return _in_part(step, body, list_path, way.after(1), place)
    if name in ("steps", "finally") and number is not None:
        list_path = f"{step.where}.{name}"
        return _in_list(_body(step, list_path, _role_of(step, name), 0), list_path, way.after(1), place)
    if isinstance(step, model.ForEachStep | model.RepeatStep):
        inside = _end(place, _body(step, f"{step.where}.steps", _role_of(step, "steps"), 0))
        if name in _INSIDE:
            return Seen(place=inside, step=step)
        if not name:
            return Seen(place=place, step=step, inside=inside, inside_fields=_INSIDE)
    return Seen(place=place, step=step)


def _in_part(step: model.Step, body: Body, list_path: str, way: _Way, place: Place) -> Seen:
    """A branch, lane, else or catch: its `when` is seen from outside, its value from the end of its steps."""
    if way.name() == "steps" and way.number(1) is not None:
        return _in_list(body, list_path, way.after(1), place)
    if way.name() == "value":
        return Seen(place=_end(place, body), step=step)
    if not way.name():
        return Seen(place=place, step=step, inside=_end(place, body), inside_fields=("value",))
    return Seen(place=place, step=step)


def _body(step: model.Step, list_path: str, role: Role, number: int) -> Body:
    """The list of steps at a path; an empty one where there is none."""
    found = [body for body in bodies(step) if body.role is role]
    for body in found:
        # Parts that cannot be read are left out, so that numbers alone do not say which is which.
        if body.steps and body.steps[0].where.startswith(f"{list_path}["):
            return body
    for body in found:
        if body.number == number and not body.steps:
            return body
    return Body(role=role, steps=(), block=step, number=number)


def _role_of(step: model.Step, name: str) -> Role:
    if name == "branches":
        return Role.LANE if isinstance(step, model.ParallelStep) else Role.BRANCH
    if name in ("catch", "finally"):
        return Role.CATCH if name == "catch" else Role.FINALLY
    if isinstance(step, model.ForEachStep):
        return Role.ITEM
    return Role.TURN if isinstance(step, model.RepeatStep) else Role.TRY


def _end(place: Place, body: Body) -> Place:
    return (*place, (body, len(body.steps)))


def _index(step: model.Step, list_path: str) -> int:
    """The position of a step in its list, unreadable steps counted."""
    text = step.where.removeprefix(f"{list_path}[").partition("]")[0]
    return int(text) if text.isdigit() else 0
