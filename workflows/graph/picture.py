"""What a picture of a definition is made of; `workflows/_graph.html` writes it as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.looks import Look
from workflows.graph.text import LINE

TEXT_LEFT: Final = 38
"""Between the left edge of a box and its texts."""


@dataclass(frozen=True, kw_only=True)
class StepState:
    """Where a step stands in a job. `note` sums up what ran more than once: `118 of 300, 2 failed`."""

    look: Look
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A step or block. `shape`: `step`, `group` (a block around others), `folded` or `more` (steps left out)."""

    key: str
    shape: str
    x: int
    y: int
    width: int
    height: int
    type: str
    icon: str
    lines: Sequence[str]
    """The name, as it fits."""
    name: str
    below: str
    """What it is, in words; shown where there is no state, as `below_line`."""
    below_line: str = ""
    href: str = ""
    state: StepState | None = None
    problem: str = ""

    @property
    def text_x(self) -> int:
        """Where its texts begin."""
        return self.x + TEXT_LEFT

    @property
    def placed_lines(self) -> list[tuple[int, str]]:
        """Each line of the name with its base line."""
        return [(self.y + LINE + 4 + number * LINE, line) for number, line in enumerate(self.lines)]

    @property
    def below_y(self) -> int:
        """The base line of what stands below the name."""
        return self.y + LINE + 5 + len(self.lines) * LINE

    @property
    def head(self) -> int:
        """The height of a block's own part, above what is inside."""
        return (len(self.lines) + 1) * LINE + 14

    @property
    def icon_x(self) -> int:
        """Where its icon stands."""
        return self.x + 13

    @property
    def icon_y(self) -> int:
        """As above."""
        return self.y + 11

    @property
    def right(self) -> int:
        """Its right edge."""
        return self.x + self.width

    @property
    def calls(self) -> bool:
        """Whether it runs another workflow, whose steps are elsewhere."""
        return self.type == "workflow" and self.shape == "step"

    @property
    def corner(self) -> int:
        """How round it is: ends of the whole workflow are rounder."""
        return 18 if self.type in ("fail", "finish") else 8

    @property
    def inner_height(self) -> int:
        """The length of the lines inside its edges that tell a call of another workflow."""
        return self.height - 16

    @property
    def title(self) -> str:
        """All of it in one sentence."""
        said = [self.below]
        if self.state:
            said += [str(self.state.look.word), self.state.note]
        sentence = f"{self.name}: {', '.join(each for each in said if each)}"
        return f"{sentence}. {self.problem}" if self.problem else sentence


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line with its arrow. `d` is the path; its label stands at `x`, `y`."""

    d: str
    label: str = ""
    x: int = 0
    y: int = 0
    whole: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The same as a list for those who do not see pictures: a box and, in a block, its lanes."""

    box: Box
    lanes: "Sequence[EntryLane]" = ()


@dataclass(frozen=True, kw_only=True)
class EntryLane:
    """One way through a block."""

    label: str
    entries: Sequence[Entry]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The picture. `straight`: one line of steps, without blocks. `folded`: it was too large to show every step."""

    name: str
    width: int
    height: int
    boxes: Sequence[Box]
    lines: Sequence[Line]
    entries: Sequence[Entry]
    straight: bool
    folded: bool

    @property
    def narrowest(self) -> int:
        """Below so many times 10 rem it is scrolled rather than made smaller."""
        return min(-(-self.width * 4 // 5 // 160), 16)
