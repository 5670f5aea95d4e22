"""Runs jobs in the test's own process, one claim at a time, as a worker does."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import yaml
from django.utils import timezone

from common.canonical import Json, loads
from common.errors import Problem
from jobs import services
from jobs.engine import sweep
from jobs.engine.claim import Claim, claim_next
from jobs.engine.runner import run_job
from jobs.models import Job, Payload, StepRun, Wait, Worker
from jobs.states import PayloadKind
from tests.factories import make_actor
from workflows.services.activation import activate
from workflows.services.drafts import create_workflow, save_draft


class LabWorker:
    """A worker without a beat: the test moves the clock."""

    def __init__(self) -> None:
        now = timezone.now()
        self.row = Worker.objects.create(
            cluster="lab", queues="default", host="lab", boot_id="b", pid_ns="n", pid=1, pid_start="1",
            release="test", started_at=now, beat_at=now, lease_until=now + timedelta(hours=1),
        )  # fmt: skip
        self.id: uuid.UUID = self.row.id
        self.stopping, self.lost = Event(), Event()
        self.poke: Callable[[], None] = lambda: None

    def watch(self, job_id: int, head_seq: int, fence: int, on_change: Callable[[], None]) -> None:
        self.poke = on_change

    def saw(self, head_seq: int) -> None: ...

    def unwatch(self) -> None: ...


class Lab:
    """A workspace, its workflows, and a worker."""

    def __init__(self) -> None:
        self.actor = make_actor("builder")
        self.worker = LabWorker()

    def workflow(self, text: str, slug: str = "flow") -> str:
        """Activate a definition, written without `format` and `name`."""
        definition = {"format": 1, "name": slug, **yaml.safe_load(text)}
        found = self.actor.workspace.workflows.filter(slug=slug).first()
        if found is None:
            found = create_workflow(
                actor=self.actor, workspace=self.actor.workspace, slug=slug, definition=definition
            )
        else:
            save_draft(actor=self.actor, workflow=found, definition=definition, expected_revision=None)
        try:
            activate(actor=self.actor, workflow=found)
        except Problem as problem:
            raise AssertionError(problem.extra.get("problems")) from problem
        return slug

    def start(self, slug: str = "flow", **inputs: Json) -> Job:
        return services.start_job(actor=self.actor, workflow=slug, inputs=inputs).job

    def claim(self) -> Claim | None:
        return claim_next(self.worker, ["default"], 1_000_000)

    def step(self) -> bool:
        """Claim a job and drive it as far as it goes. False: none was due."""
        claim = self.claim()
        if claim is not None:
            run_job(claim, self.worker)  # type: ignore[arg-type]
        return claim is not None

    def drain(self) -> None:
        """Run until nothing is due."""
        for _ in range(500):
            if not self.step():
                return
        raise AssertionError("the jobs never come to rest")

    def pass_time(self, seconds: float) -> None:
        """Let waiting jobs be due as if `seconds` had passed."""
        delta = timedelta(seconds=seconds)
        for table in (Wait.objects.filter(settled_at=None), Job.objects.all()):
            for pk, due_at in table.exclude(due_at=None).values_list("pk", "due_at"):
                assert due_at is not None
                table.model.objects.filter(pk=pk).update(due_at=due_at - delta)
        sweep.due()

    def run(self, text: str, **inputs: Json) -> Job:
        """Activate, start and drain; the job as it is then."""
        self.workflow(text)
        job = self.start(**inputs)
        self.drain()
        job.refresh_from_db()
        return job


def outputs(job: Job) -> Any:
    return value(job, "", PayloadKind.OUTPUTS)


def value(job: Job, path: str, kind: PayloadKind = PayloadKind.OUTPUT) -> Any:
    found = Payload.objects.filter(job=job, path=path, kind=kind).order_by("-attempt").first()
    return None if found is None or found.body is None else loads(found.body)


def statuses(job: Job) -> dict[str, str]:
    return {row.path: row.status for row in StepRun.objects.filter(job=job).order_by("ordinal")}


def error_of(job: Job) -> Any:
    job.refresh_from_db()
    return loads(job.error) if job.error else None
