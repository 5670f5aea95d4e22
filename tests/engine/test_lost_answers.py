"""A commit whose answer was lost with the connection is found out about, and neither lost nor made twice."""

from enum import Enum, auto

import pytest
from django.db import OperationalError

from audit.models import AuditEntry
from audit.verify import verify_workspace
from common.canonical import loads
from jobs import services
from jobs.engine.journal import Journal
from jobs.models import Job
from tests.engine.lab import Lab, error_of, statuses

pytestmark = pytest.mark.django_db(transaction=True)

FLOW = """
steps:
  - {key: first, type: set, values: {x: 1}}
  - {key: call, type: text.render, config: {text: hello}}
  - key: each
    type: for_each
    items: range(2)
    steps: [{key: text, type: text.render, config: {text: "item {{ item }}"}}]
"""


class Arrival(Enum):
    """What became of the commit whose answer was lost."""

    NEVER = auto()
    BEFORE_IT_IS_LOOKED_FOR = auto()
    JUST_BEFORE_IT_IS_SENT_AGAIN = auto()  # the server was still at it


class LosingJournal(Journal):
    """Loses the answer to its n-th commit. `beside` is called once that commit is in the database."""

    left = 0
    arrival = Arrival.NEVER
    late = False

    @staticmethod
    def beside(job_id: int) -> None: ...

    def write(self, batch):
        cls = type(self)
        if cls.late:
            cls.late = False
            assert super().write(batch)
            cls.beside(batch.job_id)
        cls.left -= 1
        if cls.left != 0:
            return super().write(batch)
        if cls.arrival is Arrival.BEFORE_IT_IS_LOOKED_FOR:
            assert super().write(batch)
            cls.beside(batch.job_id)
        cls.late = cls.arrival is Arrival.JUST_BEFORE_IT_IS_SENT_AGAIN
        raise OperationalError("server closed the connection unexpectedly")


def lose(monkeypatch: pytest.MonkeyPatch, commit: int, arrival: Arrival, beside=lambda _job_id: None) -> None:
    monkeypatch.setattr("jobs.engine.commits.Journal", LosingJournal)
    LosingJournal.left, LosingJournal.arrival, LosingJournal.late = commit, arrival, False
    monkeypatch.setattr(LosingJournal, "beside", staticmethod(beside))


@pytest.mark.parametrize("arrival", Arrival)
def test_a_job_ends_as_if_no_answer_had_been_lost(lab: Lab, monkeypatch, arrival):
    lab.workflow(FLOW)
    for commit in range(1, 30):
        lose(monkeypatch, commit, arrival)
        job = lab.start()
        lab.drain()
        job.refresh_from_db()
        assert job.status == "completed", (commit, error_of(job))
        assert set(statuses(job).values()) == {"completed"}, commit
        told = [event["path"] for event in events(job) if event["status"] == "completed"]
        assert len(told) == len(set(told)), commit
        if LosingJournal.left > 0:
            break
    assert 4 < commit < 29
    assert verify_workspace(lab.actor.workspace).ok


@pytest.mark.parametrize("arrival", [Arrival.BEFORE_IT_IS_LOOKED_FOR, Arrival.JUST_BEFORE_IT_IS_SENT_AGAIN])
def test_a_cancel_that_came_right_after_the_lost_commit_does_not_hide_it(lab: Lab, monkeypatch, arrival):
    lab.workflow(FLOW)
    cancel = lambda job_id: services.cancel_job(actor=lab.actor, job=Job.objects.get(pk=job_id))  # noqa: E731
    lose(monkeypatch, 2, arrival, cancel)
    job = lab.start()
    lab.drain()
    job.refresh_from_db()
    assert job.status == "cancelled", error_of(job)
    assert statuses(job)["first"] == "completed"
    assert verify_workspace(lab.actor.workspace).ok


def events(job: Job) -> list[dict[str, str]]:
    recorded = AuditEntry.objects.filter(stream=job.stream, action="steps.recorded").order_by("seq")
    return [event for entry in recorded for event in loads(entry.body)["data"]["events"]]
