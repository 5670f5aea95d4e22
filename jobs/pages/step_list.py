"""The list of a job's steps as templates show it: lines with bars on one time axis, and what unfolds below them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from jobs.models import Job
from jobs.selectors.failure import Failure
from jobs.selectors.lines import ITEMS_SHOWN, Line, Lines, items_at, lines_at, problems_of
from jobs.selectors.outline import outline_of
from jobs.selectors.spots import Spot, spot_at
from jobs.states import JobKind
from workspaces.pages.times import duration

WIDTH: Final = 1000
_LEAST: Final = 4
Place = tuple[int, str]
"""A job's number and a path: where something unfolds."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The time that all bars of a page share."""

    start: datetime
    end: datetime

    def bar(self, line: Line) -> "Bar | None":
        """Where the line's time lies; None before it began."""
        if line.started_at is None:
            return None
        span = max((self.end - self.start).total_seconds(), 0.001)
        finished = line.finished_at or max(self.end, line.started_at)
        x = min(max((line.started_at - self.start).total_seconds() / span, 0), 1) * WIDTH
        width = max((finished - line.started_at).total_seconds() / span * WIDTH, _LEAST)
        x = min(round(x), WIDTH - _LEAST)
        words = _("begins after %(before)s") % {"before": duration(line.started_at - self.start)}
        if line.finished_at:
            words += ", " + _("takes %(length)s") % {"length": duration(line.finished_at - line.started_at)}
        return Bar(x=x, width=min(round(width), WIDTH - x), words=words)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A rectangle on the axis, in thousandths, and the same in words."""

    x: int
    width: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a list is: alone, for a script that puts it into the page, and as a page."""

    fragment: str
    page: str


@dataclass(frozen=True, kw_only=True)
class Fold:
    """What unfolds below a line: fetched when it is opened, or here already (`section`)."""

    id: str
    label: str
    address: Address
    section: "Section | None"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line with its bar and its fold."""

    line: Line
    id: str
    bar: Bar | None
    fold: Fold | None

    @property
    def is_part(self) -> bool:
        """Whether it is an item or a turn, which has nothing to show but what is inside it."""
        return self.fold is not None and self.line.type in ("item", "turn")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A list of rows, and the addresses that continue it."""

    id: str
    rows: Sequence[Row]
    next: "Address | None"
    previous: "Address | None"


@dataclass(frozen=True, kw_only=True)
class StepList:
    """Makes sections. `outer` is the job whose page it is: its time is the axis, its page is led back to."""

    outer: Job
    axis: Axis
    address: Callable[[str, int], str]
    """Where a region of a job is, by its name and the job's number."""
    opened: Collection[Place] = ()

    @classmethod
    def of(
        cls, outer: Job, failure: Failure | None = None, *, address: Callable[[str, int], str]
    ) -> "StepList":
        """With everything unfolded that leads to the failure."""
        start = outer.started_at or outer.created_at
        end = outer.finished_at or clock.now()
        axis = Axis(start=start, end=end)
        return cls(outer=outer, axis=axis, address=address, opened=_leading_to(failure))

    def section(self, job: Job, spot: Spot, *, page: int = 1) -> Section:
        """The steps of a place, or a page of the items of a loop."""
        found = lines_at(job, outline_of(job), spot) if spot.loop is None else items_at(job, spot, page=page)
        return self._section(job, spot.path, found)

    def problems(self, job: Job, *, after: int) -> Section:
        """Only what failed or needed several attempts, as one flat list."""
        return self._section(job, "", problems_of(job, outline_of(job), after=after), only="problems")

    def _section(self, job: Job, at: str, found: Lines, *, only: str = "") -> Section:
        return Section(
            id=f"in-{_dom_name(job.pk, at)}",
            rows=[self._row(job, line) for line in found.lines],
            next=self._address(job.pk, at, only=only, page=found.next),
            previous=self._address(job.pk, at, only=only, page=found.previous),
        )

    def _row(self, job: Job, line: Line) -> Row:
        return Row(
            line=line,
            id=f"step-{_dom_name(job.pk, line.path)}",
            bar=self.axis.bar(line),
            fold=self._fold(job, line),
        )

    def _fold(self, job: Job, line: Line) -> Fold | None:
        inside = line.child or job
        at = "" if line.child else line.opens
        if line.child is None and not line.opens:
            return None
        section = self._opened(inside, at) if (inside.pk, at) in self.opened else None
        address = self._address(inside.pk, at, page=1)
        assert address is not None
        return Fold(
            id=f"fold-{_dom_name(inside.pk, at)}",
            label=_label(line, previewing=self.outer.kind == JobKind.PREVIEW),
            address=address,
            section=section,
        )

    def _opened(self, job: Job, at: str) -> Section | None:
        spot = spot_at(outline_of(job), at)
        if spot is None:
            return None
        page = 1
        for job_id, path in self.opened:
            index = path.removeprefix(f"{at}[").removesuffix("]")
            if job_id == job.pk and path == f"{at}[{index}]" and index.isdigit():
                page = int(index) // ITEMS_SHOWN + 1
        # Each is unfolded once, which also ends a circle.
        rest = replace(self, opened=[each for each in self.opened if each != (job.pk, at)])
        return rest.section(job, spot, page=page)

    def _address(self, job_id: int, at: str, *, page: int | None, only: str = "") -> Address | None:
        if page is None:
            return None
        query = {"at": at, "only": only, "page": str(page) if page != 1 else ""}
        shown = urlencode({name: value for name, value in query.items() if value})
        fragment = f"{self.address('inside', job_id)}?within={self.outer.pk}&{shown}"
        return Address(fragment=fragment.rstrip("&"), page=f"{self.address('detail', job_id)}?{shown}#steps")


def _leading_to(failure: Failure | None) -> list[Place]:
    """The places that must be unfolded to see where it failed."""
    found: list[Place] = []
    for crumb in failure.trail if failure else ():
        if not crumb.path:
            found.append((crumb.job_id, ""))
        before = ""
        for segment in crumb.path.split(".")[:-1]:
            loop, bracket, _index = segment.partition("[")
            found.append((crumb.job_id, before + loop))
            if bracket:
                found.append((crumb.job_id, before + segment))
            before += segment + "."
    return found


def _label(line: Line, *, previewing: bool) -> str:
    if line.child is not None and previewing:
        return _("Steps of %(workflow)s") % {"workflow": line.child.workflow.slug}
    if line.child is not None:
        return _("Steps of sub-job #%(id)s") % {"id": line.child.pk}
    if line.type in ("item", "turn"):
        return _("Steps of %(item)s") % {"item": line.name[:1].lower() + line.name[1:]}
    if line.type == "repeat":
        words = ngettext("%(count)s turn", "%(count)s turns", line.items) % {"count": f"{line.items:,}"}
    else:
        words = ngettext("%(count)s item", "%(count)s items", line.items) % {"count": f"{line.items:,}"}
    failed = line.failed_items
    return words + (", " + _("%(count)s failed") % {"count": f"{failed:,}"} if failed else "")


def _dom_name(job_id: int, path: str) -> str:
    return f"{job_id}-{path.replace('[', '-').replace(']', '').replace('.', '--')}"
