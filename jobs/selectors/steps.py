"""The step runs of a job as JSON: page by page, with sub-jobs nested and steps that were not reached in their places.

Memory is bounded: a page has at most 1,000 step runs of the job and as many of its sub-jobs, and ends early where
their values come to more than 16 MiB. Values are fetched 500 at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.canonical import Json
from jobs.models import Job, StepRun
from jobs.selectors.nested import Nested
from jobs.selectors.outline import outline_of
from jobs.selectors.step_rows import ViewOptions, step_row, unreached_rows
from jobs.selectors.values import Values
from jobs.transitions import is_silent

STEPS_AT_MOST: Final = 1_000
BYTES_AT_MOST: Final = 16 << 20
"""Of all values of one page; one step run is shown whatever its size."""


@dataclass(frozen=True, kw_only=True)
class StepsPage:
    """Step runs, and the `after` that continues with those that started later; None at the end."""

    steps: list[dict[str, Json]]
    next: int | None
    read: list[str]
    """The paths of step runs whose values were shown."""


def steps_view(job: Job, *, sees_payloads: bool, after: int = 0, size: int = STEPS_AT_MOST) -> StepsPage:
    """Up to `size` step runs of `job` that started after number `after`.

    A page is in the order of the definition; pages follow each other in the order of starts. Steps that were not
    reached are on the page of the item or turn they belong to; those of the job itself are on the last page.
    """
    size = min(size, STEPS_AT_MOST)
    rows = list(StepRun.objects.filter(job=job, ordinal__gt=after).order_by("ordinal")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    values = Values.of_steps([job.pk], [row.path for row in rows]) if sees_payloads else Values()
    fitting = _fitting(job, rows, values)
    more = more or fitting < len(rows)
    rows = rows[:fitting]
    values.load((job.pk, row.path) for row in rows)
    options = ViewOptions(job=job, outline=outline_of(job), sees_payloads=sees_payloads)
    nested = Nested(rows, sees_payloads=sees_payloads, preview=is_silent(job))
    shown = [step_row(row, options, values, nested) for row in rows]
    shown += unreached_rows(rows, options, whole=not after and not more, last=not more)
    shown.sort(key=lambda step: options.outline.order(step["path"]))
    read = [row.path for row in rows if sees_payloads and values.size(job.pk, row.path)]
    return StepsPage(steps=shown, next=rows[-1].ordinal if more else None, read=read + nested.read)


def _fitting(job: Job, rows: Sequence[StepRun], values: Values) -> int:
    """How many of `rows` fit on the page; at least one."""
    total = 0
    for number, row in enumerate(rows):
        total += values.size(job.pk, row.path)
        if total > BYTES_AT_MOST and number:
            return number
    return len(rows)
