"""Where steps are listed: the job itself, one item or turn of a loop, or all items of a loop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from jobs.selectors.outline import Outline
from workflows.definition.model import BranchStep, ForEachStep, ParallelStep, RepeatStep, Step, TryStep

Loop = ForEachStep | RepeatStep

_SEGMENT: Final = re.compile(r"([A-Za-z0-9_]+)(?:\[(0|[1-9][0-9]{0,5})\])?")
_LONGEST: Final = 2_000
BELOW: Final = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
"""Stands between a step and what is inside it."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A step of a spot: how deep it stands in blocks, and the branch that it begins, if it begins one."""

    step: Step
    depth: int
    branch: str


@dataclass(frozen=True, kw_only=True)
class Spot:
    """`path` is empty for the job itself, `check` for the items of a loop, `check[2]` for the steps of one item."""

    path: str
    steps: tuple[Step, ...]
    loop: Loop | None
    crumbs: tuple[tuple[str, str], ...]
    """What leads there: name and path of each loop and item."""

    @property
    def prefix(self) -> str:
        """What stands before the paths of its steps."""
        return f"{self.path}." if self.path else ""

    def listed(self) -> list[Listed]:
        """Its steps with those in its blocks, in the order of the definition; what loops repeat is not among them."""
        return list(_flat(self.steps, 0))


def spot_at(outline: Outline, path: str) -> Spot | None:
    """The spot with that path in a definition; None where there is none."""
    steps, before = outline.definition.steps, ""
    crumbs: list[tuple[str, str]] = []
    loop: Loop | None = None
    for segment in path.split(".") if path else ():
        match = _SEGMENT.fullmatch(segment) if len(path) < _LONGEST else None
        found = _loop_named(steps, match[1]) if match and loop is None else None
        if match is None or found is None:
            return None
        before += match[1]
        crumbs.append((found.name or found.key, before))
        if match[2] is None:
            loop = found
            continue
        steps, before = found.steps, f"{before}[{match[2]}]"
        crumbs.append((part_name(found, int(match[2])), before))
        before += "."
    return Spot(path=path, steps=steps, loop=loop, crumbs=tuple(crumbs))


def part_name(loop: Step | None, index: int) -> str:
    """What people call an item or a turn: they count from one."""
    if isinstance(loop, RepeatStep):
        return _("Turn %(number)s") % {"number": index + 1}
    return _("Item %(number)s") % {"number": index + 1}


def trail(outline: Outline, path: str) -> str:
    """A path in words: the names of steps, and the number of each item."""
    words: list[str] = []
    for name, number in _SEGMENT.findall(path):
        step = outline.steps.get(name)
        words.append(step.name or step.key if step else name)
        if number:
            words.append(part_name(step, int(number)))
    return BELOW.join(words)


def _loop_named(steps: tuple[Step, ...], key: str) -> Loop | None:
    for each in _flat(steps, 0):
        if each.step.key == key:
            return each.step if isinstance(each.step, Loop) else None
    return None


def _flat(steps: tuple[Step, ...], depth: int, branch: str = "") -> Iterator[Listed]:
    for number, step in enumerate(steps):
        yield Listed(step=step, depth=depth, branch="" if number else branch)
        for name, body in _bodies(step):
            yield from _flat(body, depth + 1, name)


def _bodies(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The named lists of steps that run in the same place as `step`."""
    if isinstance(step, BranchStep | ParallelStep):
        for branch in step.branches:
            yield branch.name or branch.key, branch.steps
        if isinstance(step, BranchStep) and step.otherwise:
            yield step.otherwise.name or _("otherwise"), step.otherwise.steps
    elif isinstance(step, TryStep):
        yield "", step.steps
        for each in step.catch:
            codes = ", ".join(sorted(each.errors))
            yield (_("after %(codes)s") % {"codes": codes} if codes else _("after a failure")), each.steps
        yield _("in any case"), step.finally_
