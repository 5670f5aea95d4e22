"""The step at a path: in the job, in an item or turn of it, or down in its sub-jobs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext

from common.errors import Problem
from jobs.models import Job, StepRun
from jobs.selectors.outline import Outline, outline_of
from jobs.selectors.step_rows import PENDING
from jobs.selectors.unreached import Rows, unreached
from jobs.states import JOB_ENDED, StepStatus
from workflows.definition.model import ForEachStep, RepeatStep, Step

_LONGEST_PATH = 4_000
_DEEPEST = 50
"""Sub-jobs inside sub-jobs."""


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """One level on the way to a step."""

    label: str
    path: str


@dataclass(frozen=True, kw_only=True)
class FoundStep:
    """`job` is the job that the step belongs to, `outer` the one that was asked; `prefix` leads from `outer` to `job`
    and is empty where they are one. `run` is None for a step that was not reached, for `reason`.
    """

    outer: Job
    job: Job
    outline: Outline
    step: Step
    run: StepRun | None
    prefix: str
    inner_path: str
    reason: str
    crumbs: Sequence[Crumb]

    @property
    def path(self) -> str:
        """From the outer job."""
        return self.prefix + self.inner_path

    @property
    def status(self) -> str:
        """As lists of steps show it."""
        if self.run is not None:
            return self.run.status
        return StepStatus.SKIPPED if self.reason else PENDING


def find_step(outer: Job, path: str) -> FoundStep:
    """Raises `Problem` 404. One query for each job on the way; for a step without a row up to two for each depth of
    blocks besides, and one for a definition that this process has not met.
    """
    *calls, last = path.split("/")
    if not path or len(path) > _LONGEST_PATH or len(calls) > _DEEPEST:
        raise _missing(path)
    job, prefix, crumbs = outer, "", list[Crumb]()
    for call in calls:
        outline = outline_of(job)
        run = _runs(job).filter(path=call).first()
        if run is None or run.child is None:
            raise _missing(path)
        crumbs += _crumbs(outline, call, prefix)
        job, prefix = run.child, f"{prefix}{call}/"
    outline = outline_of(job)
    run = _runs(job).filter(path=last).first()
    name = last.rpartition(".")[2].partition("[")[0]
    step = outline.steps.get(name)
    if step is None:
        raise _missing(path)
    return FoundStep(
        outer=outer,
        job=job,
        outline=outline,
        step=step,
        run=run,
        prefix=prefix,
        inner_path=last,
        reason=run.reason if run else _why_not_reached(job, outline, last),
        crumbs=[*crumbs, *_crumbs(outline, last, prefix)],
    )


def _runs(job: Job) -> QuerySet[StepRun]:
    return StepRun.objects.filter(job=job).select_related("child__workflow", "child__version").defer(
        "child__draft", "child__error", "child__workflow__draft", "child__workflow__description",
        "child__version__definition", "child__version__manifest",
    )  # fmt: skip


def _why_not_reached(job: Job, outline: Outline, path: str) -> str:
    """`branch`, `when`, `not_reached`, or nothing while the job may yet reach it. Raises `Problem` 404 for no step."""
    around, dot, _ = path.rpartition(".")
    steps = outline.definition.steps
    if dot:
        loop = outline.steps.get(around.rpartition(".")[2].partition("[")[0])
        if not isinstance(loop, ForEachStep | RepeatStep):
            raise _missing(path)
        if not StepRun.objects.filter(job=job, path=around).exists():
            raise _missing(path)
        steps = loop.steps
    rows = Rows(job_id=job.pk, known={}, whole=False)
    for each in unreached({around + dot: steps}, rows):
        if each.path == path:
            return each.reason or ("not_reached" if job.status in JOB_ENDED else "")
    raise _missing(path)


def _crumbs(outline: Outline, path: str, prefix: str) -> list[Crumb]:
    crumbs, so_far = [], ""
    for segment in path.split("."):
        key, bracket, number = segment.partition("[")
        so_far = f"{so_far}.{key}" if so_far else key
        crumbs.append(Crumb(label=outline.name(key) or key, path=prefix + so_far))
        if bracket:
            so_far = f"{so_far}[{number}"
            crumbs.append(
                Crumb(label=part_name(outline.steps.get(key), number.rstrip("]")), path=prefix + so_far)
            )
    return crumbs


def part_name(step: Step | None, number: str) -> str:
    """`Item 3`, `Turn 1`: people count from one, paths from nought."""
    words = gettext("Turn {}") if isinstance(step, RepeatStep) else gettext("Item {}")
    return words.format(
        int(number) + 1 if number.isascii() and number.isdigit() and len(number) < 10 else number
    )


def _missing(path: str) -> Problem:
    return Problem(404, "not_found", gettext("There is no step {} in this job.").format(path[:100]))
