"""The graph of a job: the picture of its definition with the state of each step, summed up over items and turns."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext

from common.canonical import loads
from jobs.models import Job, StepRun
from jobs.selectors.outline import outline_of
from jobs.selectors.step_rows import PENDING
from jobs.states import LOOKS, StepStatus
from workflows.definition.model import BranchStep, ForEachStep, RepeatStep, Step
from workflows.graph import Graph, StepState, lay_out

_DECISIONS_AT_MOST = 1_000
_PARTS = ("item", "turn")
_TELLING = (
    StepStatus.FAILED,
    StepStatus.WAITING,
    StepStatus.IN_PROGRESS,
    StepStatus.CANCELLED,
    StepStatus.COMPLETED,
    StepStatus.SKIPPED,
)
"""Of several runs of one step, the first of these that there is says most."""


@dataclass(kw_only=True)
class _Seen:
    """What is known of one step: how many runs stand where, a path of each kind, and its items or turns."""

    runs: Counter[str] = field(default_factory=Counter)
    paths: dict[str, str] = field(default_factory=dict)
    parts: Counter[str] = field(default_factory=Counter)
    expected: int = 0
    taken: set[str | None] = field(default_factory=set)

    @property
    def status(self) -> str:
        """The most telling one; `pending` without any run."""
        return next((status for status in _TELLING if self.runs[status]), PENDING)


def job_graph(job: Job) -> Graph:
    """Two queries, however many step runs there are, and one for a definition that this process has not met.

    A box leads to the panel of its step: of one that ran more than once, to a run that says most.
    """
    definition = outline_of(job).definition
    seen = _seen(job)
    states: dict[str, StepState] = {}
    paths: dict[str, str] = {}
    for step, status, outer in _stand(definition.steps, seen, "", "", ended=job.ended):
        found = seen.get(step.key, _Seen())
        states[step.key] = StepState(look=LOOKS[status], note=_note(step, found))
        paths[step.key] = found.paths.get(found.status) or outer or step.key
    address = reverse("jobs:step", args=[job.pk])
    return lay_out(
        definition,
        states=states,
        link=lambda step: f"{address}?{urlencode({'path': paths.get(step.key, step.key)})}",
    )


def _seen(job: Job) -> Mapping[str, _Seen]:
    found: dict[str, _Seen] = {}
    rows = StepRun.objects.filter(job=job).order_by().values("key", "type", "status")
    for row in rows.annotate(count=Count("pk"), first=Min("path")):
        one = found.setdefault(row["key"], _Seen())
        if row["type"] in _PARTS:
            one.parts[row["status"]] += row["count"]
        else:
            one.runs[row["status"]] += row["count"]
            one.paths[row["status"]] = row["first"]
    decided = StepRun.objects.filter(job=job, type__in=("branch", "for_each", "repeat")).exclude(decision="")
    for key, text in decided.values_list("key", "decision")[:_DECISIONS_AT_MOST]:
        decision: dict[str, Any] = loads(text)
        one = found.setdefault(key, _Seen())
        one.expected += decision.get("count", 0)
        if "taken" in decision:
            one.taken.add(decision["taken"])
    return found


def _stand(
    steps: tuple[Step, ...], seen: Mapping[str, _Seen], without: str, outer: str, *, ended: bool
) -> Iterator[tuple[Step, str, str]]:
    """Each step with its status and, where it has no run inside a loop, the path of that loop.

    `without`: the status of those here that have no run, where their block has decided it.
    """
    for step in steps:
        found = seen.get(step.key, _Seen())
        status = found.status
        if status == PENDING and (without or ended):
            status = StepStatus.SKIPPED
        yield step, status, outer
        inside = StepStatus.SKIPPED if status == StepStatus.SKIPPED else without
        loop = outer or (found.paths.get(found.status, step.key))
        for key, body in _bodies(step):
            lost = bool(found.taken) and isinstance(step, BranchStep) and key not in found.taken
            around = loop if isinstance(step, ForEachStep | RepeatStep) else outer
            yield from _stand(body, seen, StepStatus.SKIPPED if lost else inside, around, ended=ended)


def _bodies(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    if isinstance(step, BranchStep):
        yield from ((branch.key, branch.steps) for branch in step.branches)
        if step.otherwise:
            yield "else", step.otherwise.steps
    else:
        yield from (("", body) for body in step.bodies())


def _note(step: Step, seen: _Seen) -> str:
    """`118 of 300, 2 failed` for a loop; for a step inside one how often it ran; else nothing."""
    if isinstance(step, ForEachStep | RepeatStep):
        done, failed = seen.parts[StepStatus.COMPLETED], seen.parts[StepStatus.FAILED]
        if isinstance(step, RepeatStep):
            said = gettext("turn {}").format(seen.parts.total()) if seen.parts else ""
        else:
            said = (
                gettext("{} of {}").format(done, max(seen.expected, seen.parts.total())) if seen.runs else ""
            )
    else:
        total = seen.runs.total()
        done = seen.runs[StepStatus.COMPLETED] + seen.runs[StepStatus.SKIPPED]
        failed = seen.runs[StepStatus.FAILED]
        said = gettext("{} of {}").format(done, total) if total > 1 else ""
        failed = failed if total > 1 else 0
    if failed:
        said = ", ".join(each for each in (said, gettext("{} failed").format(failed)) if each)
    return said
