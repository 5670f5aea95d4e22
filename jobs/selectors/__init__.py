"""Reads of jobs that are not querysets: a job, its step runs and what it waits for, as API and pages show them."""

from jobs.selectors.jobs import JOB_FIELDS, job_row, job_view, jobs_for_lists, shown_error
from jobs.selectors.steps import STEPS_AT_MOST, StepsPage, steps_view
from jobs.selectors.unreached import PENDING
from jobs.selectors.waits import waiting_for, waits_for_outside

__all__ = [
    "JOB_FIELDS",
    "PENDING",
    "STEPS_AT_MOST",
    "StepsPage",
    "job_row",
    "job_view",
    "jobs_for_lists",
    "shown_error",
    "steps_view",
    "waiting_for",
    "waits_for_outside",
]
