"""A list of jobs as CSV, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common import clock
from integrations.tables.writing import guarded
from jobs.models import Job
from jobs.selectors.listing import rows_for_list

AT_MOST: Final = 100_000
_AT_ONCE = 2_000
COLUMNS: Final = (
    "number", "status", "title", "reference", "workflow", "version", "digest", "source", "started_by", "created_at",
    "started_at", "finished_at", "seconds", "runs_again", "error_code", "error_message",
)  # fmt: skip


def jobs_csv(jobs: QuerySet[Job], *, summaries: bool, at_most: int = AT_MOST) -> Iterator[str]:
    """`jobs`, the newest first, a few thousand lines at a time; a last line says so when there are more than fit.

    Read in parts by number, so that no transaction stays open for a slow reader. What a spreadsheet would run as a
    formula is guarded.
    """
    cut = _("Cut: there are more than {count} jobs. Narrow the filters to get the rest.").format(
        count=at_most
    )
    return _lines(jobs, summaries=summaries, at_most=at_most, cut=cut)


def _lines(jobs: QuerySet[Job], *, summaries: bool, at_most: int, cut: str) -> Iterator[str]:
    yield _line([*COLUMNS, *(["inputs"] if summaries else [])])
    left, last = at_most, None
    while True:
        part = jobs if last is None else jobs.filter(pk__lt=last)
        rows = list(rows_for_list(part).order_by("-id")[: min(_AT_ONCE, left + 1)])
        yield "".join(_line(_cells(job, summaries=summaries)) for job in rows[:left])
        if len(rows) > left:
            yield _line([cut])
        if len(rows) > left or len(rows) < _AT_ONCE:
            return
        left, last = left - len(rows), rows[-1].pk


def _cells(job: Job, *, summaries: bool) -> list[str]:
    seconds = (
        (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    )
    cells = [
        str(job.pk),
        job.status,
        job.title,
        job.reference,
        job.workflow.slug,
        str(job.version.number) if job.version else "",
        job.version.digest if job.version else "",
        job.source,
        job.created_by.username if job.created_by else "",
        *(_moment(each) for each in (job.created_at, job.started_at, job.finished_at)),
        "" if seconds is None else f"{seconds:.3f}",
        str(job.rerun_of_id or ""),
        job.error_code,
        job.error_summary,
    ]
    return [*cells, job.input_summary] if summaries else cells


def _moment(value: datetime | None) -> str:
    return clock.rfc3339(value) if value else ""


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(guarded(cell) for cell in cells)
    return buffer.getvalue()
