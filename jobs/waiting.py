"""Waiting for a job on behalf of a program: until it has ended, or also until it waits for somebody outside.

It asks the job's row, for nothing else knows across processes and machines; a turn costs one small query. Who finds
no seat among the requests that take long does not wait.
"""

import time
from collections.abc import Callable
from enum import StrEnum

from common import clock
from common.seats import take_seat
from jobs.models import Job
from jobs.selectors import waits_for_outside
from jobs.states import JobStatus

LONGEST = 60
"""Seconds that one request may wait."""
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.2
_GROWTH = 1.3


class Until(StrEnum):
    """What a program waits for."""

    ENDED = "ended"
    WAITING = "waiting"
    """Or until it waits for a person or an outside answer."""


_stopping: list[Callable[[], bool]] = []


def end_when(stopping: Callable[[], bool]) -> None:
    """Let every wait of this process end once `stopping()` is true: its server wants to go."""
    _stopping[:] = [stopping]


def wait_for(job_id: int, *, until: Until, seconds: float) -> None:
    """Return once the job is there, or after `seconds`, or at once when too many wait already."""
    seat = take_seat() if seconds > 0 else None
    if seat is not None:
        with seat:
            _poll(job_id, until=until, deadline=clock.monotonic() + seconds)


def _poll(job_id: int, *, until: Until, deadline: float) -> None:
    pause = _FIRST_PAUSE
    revision = (-1, "")
    while not any(stopping() for stopping in _stopping):
        job = Job.objects.only("status", "head_seq").get(pk=job_id)
        if _arrived(job, until):
            return
        if revision != (job.head_seq, job.status):  # it moves: look again soon
            revision, pause = (job.head_seq, job.status), _FIRST_PAUSE
        left = deadline - clock.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


def _arrived(job: Job, until: Until) -> bool:
    if job.ended:
        return True
    # Also asked when the job itself has not moved: its sub-job may have come to wait for a person.
    return until is Until.WAITING and job.status == JobStatus.WAITING and waits_for_outside(job)
