"""Lists what an expression may use, seen from one place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from workflows.builder.scope_entries import Entry, entries_of, entry_of, member, members_of, type_word
from workflows.builder.scope_places import Seen
from workflows.definition import model
from workflows.definition.check_references import MEMBERS, names_at
from workflows.definition.places import Has, Layout, Place, Role, has_run
from workflows.definition.shapes import ERROR, Shape, Shapes, at
from workflows.expressions.functions import FUNCTIONS
from workflows.words import VALUE_TYPES

MAX_ENTRIES = 300
"""Entries of one scope. The nearest steps come first; those beyond are left out."""
_SUGGESTED = 100


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries that belong together. `key` is the step's; `fields` are the only fields of the form where they can be
    used, empty for all.
    """

    title: str
    entries: tuple[Entry, ...]
    key: str = ""
    note: str = ""
    fields: tuple[str, ...] = ()
    near: bool = False
    """Whether it is shown unfolded."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What can be inserted; `cut`: there are more steps than are listed."""

    groups: tuple[Group, ...] = ()
    cut: bool = False

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries."""
        return (entry for group in self.groups for entry in group.entries)

    @property
    def suggestions(self) -> list[tuple[str, str]]:
        """What is offered while the side of a condition is typed: the nearest values, each with its label."""
        found = [(entry.text, entry.label) for entry in self.entries if not entry.text.endswith("()")]
        return found[:_SUGGESTED]


@dataclass(frozen=True, kw_only=True)
class ScopeWriter:
    """Lists what is seen from one place."""

    definition: model.Definition
    places: Layout
    shapes: Shapes
    seen: Seen

    def scope(self) -> Scope:
        place = self.seen.place
        if place is None:
            return Scope(groups=(*self._inputs(), *function_groups()))
        first = [*self._names(names_at(place)), *self._inside(), *self._inputs()]
        last = [*self._known(), *function_groups()]
        left = MAX_ENTRIES - sum(len(group.entries) for group in (*first, *last))
        steps: list[Group] = []
        cut = False
        for group in self._steps(place):
            left -= max(len(group.entries), 1)
            cut = left < 0
            if cut:
                break
            steps.append(replace(group, near=not steps))
        return Scope(groups=(*first, *steps, *last), cut=cut)

    def _inputs(self) -> list[Group]:
        entries: list[Entry] = []
        for number, one in enumerate(self.definition.inputs):
            if number == self.seen.own_input and self.seen.place is None:
                continue
            if len(entries) >= MAX_ENTRIES // 3:
                break
            entries += _input(one, self.shapes.inputs.get(one.key, {}))
        return [Group(title=_("Inputs"), entries=tuple(entries), near=True)] if entries else []

    def _names(self, names: Mapping[str, model.Step], *, fields: tuple[str, ...] = ()) -> list[Group]:
        """What blocks around the place give."""
        titles: dict[str, list[Entry]] = {_("In this loop"): [], _("The error"): []}
        for name, block in names.items():
            titles[_("The error") if name == "error" else _("In this loop")] += self._name(name, block)
        return [
            Group(title=title, entries=tuple(found), fields=fields, near=True)
            for title, found in titles.items()
            if found
        ]

    def _name(self, name: str, block: model.Step) -> list[Entry]:
        if name == "error" and isinstance(block, model.TryStep):
            return entries_of(ERROR, text=name, label=_("what went wrong"))
        if name == "index":
            note = _("counts from 0")
            return entries_of({"type": "integer"}, text=name, label=_("the turn's number"), note=note)
        if name == "last" and isinstance(block, model.RepeatStep):
            shape = self.shapes.of_expression(block.collect) if block.collect else {}
            note = _("empty in the first turn")
            return entries_of(shape, text=name, label=_("what the turn before gave"), note=note)
        if not isinstance(block, model.ForEachStep):
            return []
        items = self.shapes.of_expression(block.items)
        return entries_of(at(items, 0), text=name, label=_("the item"), source=_first_of(block))

    def _inside(self) -> list[Group]:
        """What only some fields of the form see: the steps inside the block, and the names in it."""
        place, fields = self.seen.inside, self.seen.inside_fields
        if place is None or self.seen.place is None:
            return []
        outside = names_at(self.seen.place)
        names = {name: block for name, block in names_at(place).items() if outside.get(name) is not block}
        groups = self._names(names, fields=fields)
        inner = place[-1][0].steps
        steps = [self._step(step, has_run(place, self.places.places[step.key])) for step in reversed(inner)]
        groups += [replace(group, fields=fields) for group in steps]
        return _within(groups, MAX_ENTRIES // 4)

    def _steps(self, place: Place) -> Iterator[Group]:
        """The steps that have run, the nearest first."""
        for key, target in reversed(self.places.places.items()):
            found = has_run(place, target)
            step = self.places.steps[key]
            if found is Has.BEEN_INSIDE_A_LOOP:
                yield Group(title=step.name or key, key=key, entries=(), note=self._loop_note(target, place))
            elif found is not Has.NOT_RUN:
                yield self._step(step, found)

    def _loop_note(self, target: Place, place: Place) -> str:
        for body, _position in target:
            loop = body.block if body.role in (Role.ITEM, Role.TURN) else None
            if loop and has_run(place, self.places.places[loop.key]) is not Has.NOT_RUN:
                return _("runs inside a loop, once for each turn: use what %(loop)s gives") % {
                    "loop": loop.name or loop.key
                }
        return _("runs inside a loop")

    def _step(self, step: model.Step, found: Has) -> Group:
        """What a step gives. What may not be there is asked for softly, as the checks want it."""
        perhaps = found is Has.PERHAPS_RUN
        soft = perhaps or step.when is not None or step.on_error == "continue"
        text, source = f"steps.{step.key}.output", ("steps", step.key)
        shape = self.shapes.of_step(step.key)
        whole = f"first({text}, null)" if perhaps else text
        first = entry_of(shape, text=whole, label=_("everything that it gives"), source=source, soft=soft)
        inner = members_of(shape, text=text, source=source, soft=soft)
        return Group(
            title=step.name or step.key,
            key=step.key,
            note=_why_not(step, perhaps=perhaps),
            entries=(*inner, first, *_about(step)),
        )

    def _known(self) -> list[Group]:
        """What a job, its workspace and the step itself say of themselves."""
        found = []
        for root, title in (
            ("job", _("The job")),
            ("workspace", _("The workspace")),
            ("step", _("This step")),
        ):
            if root == "step" and self.seen.step is None:
                continue
            labels = _labels()
            entries = tuple(
                Entry(
                    text=f"{root}.{name}", label=labels[name], type=str(VALUE_TYPES[_TYPES.get(name, "text")])
                )
                for name in MEMBERS[root]
            )
            found.append(Group(title=title, entries=entries))
        return found


_TYPES: Mapping[str, str] = {
    "created_at": "datetime",
    "today": "date",
    "version": "integer",
    "attempt": "integer",
}
"""Of what job, workspace and step say; the rest are texts."""


def _labels() -> dict[str, str]:
    return {
        "id": _("its id"),
        "created_at": _("when it was started"),
        "today": _("the day on which it was started"),
        "started_by": _("who started it"),
        "reference": _("its reference"),
        "workflow": _("its workflow"),
        "version": _("the version of its workflow"),
        "slug": _("its short name in addresses"),
        "name": _("its name"),
        "time_zone": _("its time zone"),
        "idempotency_key": _("the same for every attempt"),
        "attempt": _("the number of the attempt"),
    }


def _input(one: model.Input, shape: Shape) -> list[Entry]:
    notes = [_("may be empty")] if "null" in (shape.get("type") or ()) else []
    if one.secret:
        notes.append(_("secret: it is never shown"))
    source = () if one.secret else ("inputs", one.key)
    found = entries_of(
        shape,
        text=member("inputs", one.key),
        label=one.label or one.key,
        source=source,
        note=", ".join(notes),
    )
    word = VALUE_TYPES.get(one.type)
    return [replace(found[0], type=str(word) if word else type_word(shape)), *found[1:]]


def _first_of(loop: model.ForEachStep) -> tuple[str | int, ...]:
    """Where a preview has the first item of a loop, if a plain path leads to its list."""
    reference = loop.items.reference
    if reference is None:
        return ()
    if reference.root == "inputs" and reference.parts:
        return ("inputs", *reference.parts, 0)
    if reference.root == "steps" and reference.parts[1:2] == ("output",):
        return ("steps", reference.parts[0], *reference.parts[2:], 0)
    return ()


def _why_not(step: model.Step, *, perhaps: bool) -> str:
    if perhaps:
        return _("may not have run")
    if step.when is not None:
        return _("may be skipped")
    return _("may have failed") if step.on_error == "continue" else ""


def _about(step: model.Step) -> Sequence[Entry]:
    """How a step ended."""
    text = f"steps.{step.key}"
    found = [
        Entry(text=f"{text}.status", label=_("how it ended"), type=str(VALUE_TYPES["text"])),
        Entry(
            text=f"{text}.error",
            label=_("its error"),
            type=str(VALUE_TYPES["object"]),
            note=_("empty unless it failed"),
        ),
    ]
    if isinstance(step, model.ForEachStep):
        found += [
            Entry(text=f"{text}.errors", label=_("the errors of its items"), type=str(VALUE_TYPES["list"])),
            Entry(text=f"{text}.failed", label=_("how many items failed"), type=str(VALUE_TYPES["integer"])),
        ]
    return found


def _within(groups: Sequence[Group], most: int) -> list[Group]:
    """As many of the groups as have together at most so many entries."""
    found: list[Group] = []
    for group in groups:
        most -= len(group.entries)
        if most < 0:
            break
        found.append(group)
    return found


def function_groups() -> list[Group]:
    titles = {
        "workledger": _("Functions for dates, money and texts"),
        "python": _("Functions for lists and numbers"),
    }
    return [
        Group(
            title=title,
            entries=tuple(
                Entry(
                    text=f"{one.name}()",
                    label=one.signature,
                    note=one.summary,
                    value=f"{one.example} → {one.result}",
                )
                for one in FUNCTIONS
                if one.group == group
            ),
        )
        for group, title in titles.items()
    ]
