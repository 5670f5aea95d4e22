"""A definition as a picture: boxes and lines with coordinates, from top to bottom.

Pure: where a step stands in a job (`states`), what is wrong with it (`problems`) and where its box leads (`link`) come
from the caller. First everything is measured from the inside out, then placed from the outside in. Above `MOST_BOXES`
the innermost blocks fold to one box each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext, ngettext

from workflows.definition.model import Definition, ForEachStep, ParallelStep, RepeatStep, Step, WorkflowStep
from workflows.graph.measure import (
    GAP,
    LANE_GAP,
    MOST_BOXES,
    PAD,
    Lane,
    Part,
    breadth,
    depth_that_fits,
    fork,
    measure,
    tallest,
)
from workflows.graph.picture import TEXT_LEFT, Box, Entry, EntryLane, Graph, Line, StepState
from workflows.graph.text import shortened
from workflows.words import step_icon, step_type_word
from workspaces.pages.texts import plain

Link = Callable[[Step], str]
_LABEL_ROOM = 18


def lay_out(
    definition: Definition,
    *,
    link: Link | None = None,
    states: Mapping[str, StepState] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Graph:
    """The picture of a definition. `states` and `problems` go by the key of the step."""
    depth = depth_that_fits(definition.steps)
    measured = [measure(step, depth) for step in definition.steps[:MOST_BOXES]]
    left_out = len(definition.steps) - len(measured)
    if left_out > 0:
        measured.append(Part(step=None, inside=left_out, lines=(_more(left_out),)))
    lane = Lane(label="", parts=measured)
    drawing = _Drawing(link=link, states=states or {}, problems=problems or {})
    entries = drawing.lane(lane, PAD + lane.width // 2, PAD)
    return Graph(
        name=definition.name,
        width=lane.width + 2 * PAD,
        height=lane.height + 2 * PAD,
        boxes=drawing.boxes,
        lines=drawing.lines,
        entries=entries,
        straight=not any(box.shape != "step" for box in drawing.boxes),
        folded=any(box.shape in ("folded", "more") for box in drawing.boxes),
    )


@dataclass(kw_only=True)
class _Drawing:
    link: Link | None
    states: Mapping[str, StepState]
    problems: Mapping[str, str]
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def lane(self, lane: Lane, middle: int, y: int) -> list[Entry]:
        entries = []
        for number, part in enumerate(lane.parts):
            if number:
                self.lines.append(Line(d=_arrow(middle, y - GAP, y)))
            entries.append(self._part(part, middle, y))
            y += part.height + GAP
        return entries

    def _part(self, part: Part, middle: int, y: int) -> Entry:
        box = self._box(part, middle - part.width // 2, y)
        self.boxes.append(box)
        lanes: list[EntryLane] = []
        top = y + part.head
        for row in part.rows:
            left = middle - breadth(row) // 2
            for lane in row:
                center = left + lane.width // 2
                below = top + fork(row)
                self._fork(lane, middle, center, (top, below))
                lanes.append(EntryLane(label=lane.label, entries=self.lane(lane, center, below)))
                left += lane.width + LANE_GAP
            top += fork(row) + tallest(row)
        return Entry(box=box, lanes=lanes)

    def _fork(self, lane: Lane, middle: int, center: int, between: tuple[int, int]) -> None:
        """The line from a block's head into one of its lanes, open where the label stands."""
        top, bottom = between
        bend = top + 8
        start = f"M{middle} {top}V{bend}H{center}" if center != middle else f"M{middle} {top}"
        end = _arrow(center, bottom - 12, bottom) if lane.parts else f"M{center} {bottom - 12}V{bottom}"
        if not lane.label:
            end = _arrow(center, bend, bottom) if lane.parts else f"M{center} {bend}V{bottom}"
        self.lines.append(
            Line(
                d=f"{start}V{bend + 4}{end}",
                label=shortened(lane.label, lane.width - 4, small=True),
                x=center,
                y=bend + _LABEL_ROOM,
                whole=plain(lane.label),
            )
        )

    def _box(self, part: Part, x: int, y: int) -> Box:
        step = part.step
        if step is None:
            words = gettext("too many to draw")
            return Box(
                key="",
                shape="more",
                type="",
                icon="ellipsis",
                lines=part.lines,
                name=part.lines[0],
                below=words,
                below_line=words,
                x=x,
                y=y,
                width=part.width,
                height=part.height,
            )
        below = _below(step, part.inside)
        return Box(
            key=step.key,
            shape="group" if part.rows else "folded" if part.inside else "step",
            type=step.type,
            icon=step_icon(step.type),
            lines=part.lines,
            name=plain(step.name or step.key),
            below=below,
            below_line=shortened(below, part.width - TEXT_LEFT, small=True),
            href=self.link(step) if self.link else "",
            state=self.states.get(step.key),
            problem=self.problems.get(step.key, ""),
            x=x,
            y=y,
            width=part.width,
            height=part.height,
        )


def _below(step: Step, inside: int) -> str:
    words = step_type_word(step.type)
    if isinstance(step, WorkflowStep):
        words = f"{words}: {step.workflow}"
    elif isinstance(step, ForEachStep) and step.concurrency > 1:
        words = gettext("{}, {} at a time").format(words, step.concurrency)
    elif isinstance(step, RepeatStep):
        words = ngettext("{}, at most {} time", "{}, at most {} times", step.max_times).format(
            words, step.max_times
        )
    elif isinstance(step, ParallelStep) and step.wait_for == "any":
        words = gettext("{}, the first to end wins").format(words)
    if inside:
        return ngettext("{}, {} step inside", "{}, {} steps inside", inside).format(words, inside)
    return gettext("{}, on a condition").format(words) if step.when is not None else words


def _more(count: int) -> str:
    return ngettext("{} more step", "{} more steps", count).format(count)


def _arrow(x: int, top: int, bottom: int) -> str:
    return f"M{x} {top}V{bottom - 1}M{x - 4} {bottom - 6}L{x} {bottom - 1}L{x + 4} {bottom - 6}"
