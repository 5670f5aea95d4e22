"""Sub-jobs inside the steps that started them: all of one depth at a time, each whole or without its steps."""

from collections.abc import Iterable

from django.db.models import Count

from common.canonical import Json
from jobs.models import Job, StepRun
from jobs.selectors.jobs import job_row, jobs_for_lists
from jobs.selectors.outline import outline_of
from jobs.selectors.step_rows import ViewOptions, step_row, unreached_rows
from jobs.selectors.values import Values

NESTED_AT_MOST = 1_000
"""Step runs of sub-jobs on one page."""
NESTED_BYTES_AT_MOST = 16 << 20
"""Of the values of these."""


class Nested:
    """The sub-jobs of `rows`, with theirs. Those that the page has no room for are shown without their steps.

    Seven queries for each depth of sub-jobs.
    """

    def __init__(self, rows: Iterable[StepRun], *, sees_payloads: bool, preview: bool) -> None:
        self.read: list[str] = []
        """The paths of step runs whose values were shown; complete once every sub-job was."""
        self._sees_payloads = sees_payloads
        self._preview = preview
        self._jobs: dict[int, Job] = {}
        self._rows: dict[int, list[StepRun]] = {}
        self._values = Values()
        self._room, self._bytes_left = NESTED_AT_MOST, NESTED_BYTES_AT_MOST
        wanted = _children(rows)
        while wanted:
            wanted = _children(row for rows in self._read_depth(wanted) for row in rows)

    def job(self, job_id: int, prefix: str) -> Json:
        """A sub-job with its steps; `steps` is null where the page has no room: read them under its own id."""
        job, rows = self._jobs[job_id], self._rows.get(job_id)
        return job_row(job, preview=self._preview) | {
            "steps": None if rows is None else self._steps(job, rows, prefix)
        }

    def _read_depth(self, wanted: list[int]) -> list[list[StepRun]]:
        """Read these sub-jobs; gives the rows of those that fit."""
        self._jobs |= {job.pk: job for job in jobs_for_lists(Job.objects.filter(pk__in=wanted))}
        rows = self._read_rows(self._fitting(wanted))
        values = Values.of_steps(rows) if self._sees_payloads and rows else Values()
        for job_id, listed in list(rows.items()):
            size = sum(values.size(job_id, row.path) for row in listed)
            if size > self._bytes_left:
                del rows[job_id]
            else:
                self._bytes_left -= size
        values.load((job_id, row.path) for job_id, listed in rows.items() for row in listed)
        self._values.join(values)
        self._rows |= rows
        return list(rows.values())

    def _fitting(self, job_ids: list[int]) -> list[int]:
        """Those of the sub-jobs whose step runs have room, in their order."""
        counted = StepRun.objects.filter(job__in=job_ids).order_by().values_list("job").annotate(Count("pk"))
        counts = dict(counted)
        fitting = []
        for job_id in job_ids:
            count = counts.get(job_id, 0)
            if count <= self._room:
                self._room -= count
                fitting.append(job_id)
        return fitting

    def _read_rows(self, job_ids: list[int]) -> dict[int, list[StepRun]]:
        rows: dict[int, list[StepRun]] = {job_id: [] for job_id in job_ids}
        for row in StepRun.objects.filter(job__in=job_ids).order_by("job", "ordinal"):
            rows[row.job_id].append(row)
        return rows

    def _steps(self, job: Job, rows: list[StepRun], prefix: str) -> list[dict[str, Json]]:
        options = ViewOptions(
            job=job, outline=outline_of(job), sees_payloads=self._sees_payloads, prefix=prefix
        )
        self.read += [prefix + row.path for row in rows if self._values.size(job.pk, row.path)]
        shown = [step_row(row, options, self._values, self) for row in rows]
        shown += unreached_rows(rows, options)
        return sorted(shown, key=lambda step: options.outline.order(step["path"].removeprefix(prefix)))


def _children(rows: Iterable[StepRun]) -> list[int]:
    return [row.child_id for row in rows if row.child_id is not None]
