from datetime import timedelta

import pytest
from django.db import OperationalError

from common.clock import monotonic, now
from jobs.queue.sweeper import Chore, housekeeping, recovery, run_due, wake_due
from jobs.states import JobStatus
from tests.queue.conftest import MakeJob


def test_a_chore_that_fails_is_logged_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def fail() -> None:
        raise ValueError("broken")

    start = monotonic()
    chores = [
        Chore(do=fail, every=60, next_at=start),
        Chore(do=lambda: done.append("x"), every=60, next_at=start),
    ]
    run_due(chores)
    run_due(chores)
    assert done == ["x"]
    assert "A chore of the sweep failed" in caplog.text


def test_an_outage_is_told_to_whoever_pauses() -> None:
    def outage() -> None:
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        run_due([Chore(do=outage, every=1, next_at=0)])


@pytest.mark.django_db
def test_every_chore_runs_on_an_empty_database() -> None:
    for chore in (*recovery(), *housekeeping()):
        chore.do()


@pytest.mark.django_db
def test_the_sleep_ends_with_the_next_due_time(make_job: MakeJob) -> None:
    assert wake_due() == 1.0
    past = make_job(status=JobStatus.WAITING, due_at=now() - timedelta(seconds=5))
    make_job(status=JobStatus.WAITING, due_at=now() + timedelta(seconds=0.8))
    assert wake_due() < 0.85
    past.refresh_from_db()
    assert past.status == JobStatus.QUEUED
