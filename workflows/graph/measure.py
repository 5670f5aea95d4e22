"""How large each part of a definition is when it is drawn, from the inside out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext

from workflows.definition.model import BranchStep, ForEachStep, ParallelStep, RepeatStep, Step, TryStep
from workflows.graph.picture import TEXT_LEFT
from workflows.graph.text import LINE, lines_of

MOST_BOXES: Final = 150
STEP_WIDTH: Final = 240
EMPTY_WIDTH: Final = 120
GAP: Final = 26
"""Between a box and the next below it."""
PAD: Final = 14
FORK, SHORT_FORK = 46, 26
"""Between a block's head and what is inside: the lines, with and without labels."""
LANE_GAP: Final = 18


@dataclass(kw_only=True)
class Part:
    """A step; `rows` are the lanes of a block that is not folded, side by side. Without a step: those left out."""

    step: Step | None
    lines: Sequence[str]
    rows: "Sequence[Sequence[Lane]]" = ()
    inside: int = 0

    @property
    def head(self) -> int:
        return (len(self.lines) + 1) * LINE + 14

    @property
    def width(self) -> int:
        return max([STEP_WIDTH, *(breadth(row) + 2 * PAD for row in self.rows)])

    @property
    def height(self) -> int:
        return self.head + sum(fork(row) + tallest(row) for row in self.rows) + (PAD if self.rows else 0)


@dataclass(kw_only=True)
class Lane:
    label: str
    parts: "Sequence[Part]"
    width: int = field(init=False)
    height: int = field(init=False)

    def __post_init__(self) -> None:
        self.width = max([EMPTY_WIDTH, *(part.width for part in self.parts)])
        self.height = sum(part.height for part in self.parts) + GAP * max(len(self.parts) - 1, 0)


def breadth(row: Sequence[Lane]) -> int:
    return sum(lane.width for lane in row) + LANE_GAP * (len(row) - 1)


def fork(row: Sequence[Lane]) -> int:
    """The room above a row of lanes."""
    return FORK if any(lane.label for lane in row) else SHORT_FORK


def tallest(row: Sequence[Lane]) -> int:
    return max(lane.height for lane in row)


def measure(step: Step, depth: int) -> Part:
    rows = [row for row in _rows(step) if row]  # a draft may have a block without a single branch
    if depth <= 0 or not rows:
        inside = sum(_count(body) for body in step.bodies())
        return Part(step=step, lines=lines_of(step.name or step.key, STEP_WIDTH - TEXT_LEFT), inside=inside)
    measured = [
        [Lane(label=label, parts=[measure(each, depth - 1) for each in steps]) for label, steps in row]
        for row in rows
    ]
    room = max(STEP_WIDTH, *(breadth(row) + 2 * PAD for row in measured)) - TEXT_LEFT
    return Part(step=step, lines=lines_of(step.name or step.key, room), rows=measured)


def _rows(step: Step) -> Iterator[list[tuple[str, tuple[Step, ...]]]]:
    """The ways through a block with their labels; what runs after others stands in a row of its own."""
    if isinstance(step, BranchStep | ParallelStep):
        lanes = [(branch.name or branch.key, branch.steps) for branch in step.branches]
        if isinstance(step, BranchStep) and step.otherwise:
            lanes.append((gettext("otherwise"), step.otherwise.steps))
        yield lanes
    elif isinstance(step, ForEachStep | RepeatStep):
        yield [("", step.steps)]
    elif isinstance(step, TryStep):
        body = [(gettext("try") if step.catch else "", step.steps)]
        yield body + [
            (gettext("on {}").format(", ".join(sorted(catch.errors)) or gettext("any error")), catch.steps)
            for catch in step.catch
        ]
        if step.finally_:
            yield [(gettext("in any case"), step.finally_)]


def _count(steps: Sequence[Step]) -> int:
    return sum(1 + sum(_count(body) for body in step.bodies()) for step in steps)


def depth_that_fits(steps: Sequence[Step]) -> int:
    """How many levels of blocks can be shown open."""
    level, seen, depth = list(steps), len(steps), 0
    while level:
        level = [inner for step in level for body in step.bodies() for inner in body]
        seen += len(level)
        if seen > MOST_BOXES:
            return depth
        depth += 1
    return depth
