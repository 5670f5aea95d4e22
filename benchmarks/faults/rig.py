"""What every fault is tried on: a workspace, real clusters, the outside world, and a list of what went wrong."""

import itertools
import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Count, Q, QuerySet

from benchmarks.faults.outside import Outside
from benchmarks.faults.processes import Cluster, alive
from common.canonical import Json
from common.clock import monotonic
from common.errors import Problem
from jobs import services
from jobs.models import Job, Worker
from jobs.models.job import Priority
from jobs.states import JOB_ENDED, JobStatus
from workflows.services.activation import activate
from workflows.services.drafts import create_workflow
from workspaces.actors import Actor
from workspaces.models import Role, User
from workspaces.services import create_workspace

Definition = dict[str, Any]
T = TypeVar("T")

LEASE = 4
"""Seconds of a worker's lease in clusters of the rig, unless a fault says otherwise."""
POLL = 0.02


class Rig:
    """One fault, one database. What goes wrong is collected in `wrong`, what was measured in `measured`."""

    def __init__(self, *, folder: Path, environment: Mapping[str, str], seed: int, short: bool) -> None:
        self.folder = folder
        self.short = short
        self.seed = seed
        self.chance = random.Random(seed)
        self.wrong: list[str] = []
        self.measured: dict[str, Any] = {}
        self.clusters: list[Cluster] = []
        self.outside = Outside(folder, seed)
        self.environment = {
            **environment,
            "OUTBOUND_PRIVATE_HOSTS": "127.0.0.1/32",
            "WORKER_LEASE_SECONDS": str(LEASE),
            "STOP_GRACE": "10",
            "LOG_LEVEL": "INFO",
            "AUDIT_CHECKPOINT_SECONDS": "60",
        }
        self.actor = _make_actor()
        self.started: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        for cluster in self.clusters:
            cluster.kill()
        self.outside.close()

    # ------------------------------------------------------------ what went wrong, what was measured
    def expect(self, holds: bool, sentence: str) -> None:
        """Note `sentence` as wrong unless it `holds`."""
        if not holds:
            self.wrong.append(sentence)

    def scale(self, full: int, short: int) -> int:
        """How many: the first number in a full run, the second in a short one."""
        return short if self.short else full

    def in_time(self, took: float, goal: float) -> bool:
        """Whether `took` seconds are no more than the goal. A short run is a test, and tests share their machine with
        whatever else runs: there a multiple of the goal still passes, so that what hangs is found and noise is not.
        """
        return took <= goal * self.scale(1, 4)

    # ------------------------------------------------------------ clusters
    def cluster(self, workers: int = 2, *, elsewhere: str = "", **more: str) -> Cluster:
        """Start a cluster, and wait until its workers are there. `elsewhere`: the name of the host it claims."""
        return self.start_clusters(1, workers, elsewhere=elsewhere, **more)[0]

    def start_clusters(
        self, count: int, workers: int = 2, *, elsewhere: str = "", **more: str
    ) -> list[Cluster]:
        """Start several at once, and wait for all of them."""
        environment = {**self.environment, **more}
        started = []
        for _ in range(count):
            log = self.folder / f"cluster-{len(self.clusters)}.log"
            started.append(Cluster(environment, workers=workers, log=log, elsewhere=elsewhere))
            self.clusters.append(started[-1])
        wanted = count * workers
        self.wait(lambda: len(self.workers(*started)) >= wanted, within=60, what="clusters to start")
        return started

    def workers(self, *clusters: Cluster) -> list[Worker]:
        """The workers that live, of all clusters or of those given."""
        rows = self.patiently(lambda: list(Worker.objects.filter(gone_at=None)))
        mine = set(itertools.chain(*(cluster.everybody() for cluster in clusters)))
        return [worker for worker in rows if alive(worker.pid) and (not clusters or worker.pid in mine)]

    # ------------------------------------------------------------ workflows and jobs
    def workflow(
        self,
        slug: str,
        steps: list[Definition],
        *,
        inputs: list[Definition] | None = None,
        outputs: list[Definition] | None = None,
        **more: Any,
    ) -> str:
        """Make and activate a workflow."""
        definition = {
            "format": 1,
            "name": slug,
            "inputs": inputs or [],
            "steps": steps,
            "outputs": outputs or [],
            **more,
        }
        found = create_workflow(
            actor=self.actor, workspace=self.actor.workspace, slug=slug, definition=definition
        )
        try:
            activate(actor=self.actor, workflow=found)
        except Problem as problem:
            raise AssertionError(problem.extra.get("problems")) from problem
        return slug

    def start(self, slug: str, *, priority: Priority | None = None, **inputs: Json) -> Job:
        """Put a job in line."""
        job = services.start_job(actor=self.actor, workflow=slug, inputs=inputs, priority=priority).job
        self.started.append(job.pk)
        return job

    def start_many(self, slug: str, count: int, **inputs: Json) -> list[Job]:
        """Put `count` jobs in line."""
        return [self.start(slug, **inputs) for _ in range(count)]

    def jobs(self) -> QuerySet[Job]:
        """All jobs of the rig, as a queryset."""
        return Job.objects.filter(workspace=self.actor.workspace)

    def unfinished(self, among: Iterable[Job] | None = None) -> int:
        """How many jobs have not ended."""
        found = self.jobs().exclude(status__in=JOB_ENDED)
        if among is not None:
            found = found.filter(pk__in=[job.pk for job in among])
        return self.patiently(found.count)

    def finish(self, *, within: float, among: Iterable[Job] | None = None) -> float:
        """Wait until all jobs have ended; the seconds it took."""
        known = None if among is None else list(among)
        return self.wait(lambda: not self.unfinished(known), within=within, what="all jobs to end", poll=0.1)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop."""
        services.cancel_job(actor=self.actor, job=job)

    def resume_failed(self) -> int:
        """A person resumes every failed job; returns how many."""
        failed = list(self.jobs().filter(status=JobStatus.FAILED))
        for job in failed:
            services.resume_job(actor=self.actor, job=job)
        return len(failed)

    def by_status(self) -> dict[str, int]:
        """How many jobs are in which status."""
        counted = self.jobs().values_list("status").annotate(Count("pk")).order_by()
        return {str(status): count for status, count in counted}

    def failed_with(self) -> dict[str, int]:
        """How many jobs failed with which code."""
        failed = self.jobs().filter(status=JobStatus.FAILED)
        return dict(failed.values_list("error_code").annotate(Count("pk")).order_by())

    def owned_by(self, workers: Iterable[Worker]) -> int:
        """How many jobs have one of `workers` as their owner."""
        mine = Q(owner__in=[worker.pk for worker in workers], status=JobStatus.IN_PROGRESS)
        return self.patiently(self.jobs().filter(mine).count)

    # ------------------------------------------------------------ waiting
    def wait(self, happened: Callable[[], object], *, within: float, what: str, poll: float = POLL) -> float:
        """Poll until it has happened; the seconds it took. Raises `TimeoutError`."""
        start = monotonic()
        while not happened():
            if monotonic() - start > within:
                raise TimeoutError(f"Waited {within:g} s for {what}; jobs: {self.by_status()}.")
            time.sleep(poll)
        return monotonic() - start

    def patiently(self, ask: Callable[[], T], within: float = 60) -> T:
        """Ask the database again and again while it is away."""
        end = monotonic() + within
        while True:
            try:
                return ask()
            except (OperationalError, InterfaceError):
                if monotonic() > end:
                    raise
                connection.close()
                time.sleep(0.1)


def _make_actor() -> Actor:
    name = f"faults-{uuid.uuid4().hex[:8]}"
    user = User.objects.create_user(name, password=uuid.uuid4().hex)
    workspace = create_workspace(slug=name, name="Faults", admin=user, actor=None)
    return Actor(user=user, workspace=workspace, role=Role.ADMIN, sees_payloads=True, request_id=name)
