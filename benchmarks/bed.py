"""What every measurement works with: the installation, the echo server, the sandbox's floor, and how often to run."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from benchmarks.api import Api
from benchmarks.figures import Figure
from benchmarks.installation import Installation
from benchmarks.sandbox_floor import SandboxFloor
from benchmarks.workloads import Definition

POLL = 0.005
LONGEST = 180.0
"""Seconds that any job of a benchmark may take."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Points in time (Unix seconds) of one job: the call, the claim, the first step, the end."""

    job: int
    called: float
    started: float
    first_step: float
    finished: float

    @property
    def seconds(self) -> float:
        """From the call to the end."""
        return self.finished - self.called


@dataclass(kw_only=True)
class Bed:
    """One database's bed. `runs` counts measured runs; each figure has a warm-up before."""

    installation: Installation
    echo: str
    sandbox: SandboxFloor
    runs: int
    figures: list[Figure] = field(default_factory=list)
    _active: set[str] = field(default_factory=set)

    @property
    def database(self) -> str:
        return self.installation.place.database

    def activate(self, definition: Definition) -> str:
        """The slug of the workflow, made on the first call."""
        slug = str(definition["name"])
        if slug not in self._active:
            with self.installation.api() as api:
                api.activate(definition)
            self._active.add(slug)
        return slug

    def add(self, workload: str, name: str, unit: str, values: list[float], **more: Any) -> Figure:
        """Keep a figure and tell of it."""
        figure = Figure(
            workload=workload, database=self.database, name=name, unit=unit, values=tuple(values), **more
        )
        self.figures.append(figure)
        kept = {True: "met", False: "missed", None: ""}[figure.met]
        print(f"  {workload:4} {self.database:10} {name}: {figure.median:.4g} {unit} {kept}", flush=True)
        return figure

    def repeat(self, once: Callable[[], Any]) -> list[Any]:
        """A warm-up and the measured runs."""
        once()
        return [once() for _ in range(self.runs)]

    def run_job(
        self, workflow: str, inputs: dict[str, Any] | None = None, *, api: Api | None = None
    ) -> Timing:
        """Start a job through the API and wait for its end. Raises `RuntimeError` unless it completes."""
        if api is None:
            with self.installation.api() as api:
                api.get("me/")
                return self.run_job(workflow, inputs, api=api)
        called = time.time()
        job = api.start(workflow, inputs)
        self.wait(job)
        return self.timing(job, called)

    def wait(self, job: int) -> str:
        """Poll the job's row, without a request, until it has ended; its status."""
        deadline = time.monotonic() + LONGEST
        raw = self.installation.place.connect()
        sql = (
            f"SELECT status FROM jobs_job WHERE id={self.installation.place.mark} AND finished_at IS NOT NULL"
        )
        try:
            while time.monotonic() < deadline:
                found = raw.execute(sql, (job,)).fetchone()
                if found:
                    return str(found[0])
                time.sleep(POLL)
        finally:
            raw.close()
        raise RuntimeError(f"Job {job} did not end within {LONGEST:.0f} s.")

    def timing(self, job: int, called: float) -> Timing:
        """The times that the database has of a completed job."""
        query = self.installation.place.query
        [(status, started, finished, error)] = query(
            "SELECT status, started_at, finished_at, error FROM jobs_job WHERE id=?", job
        )
        if status != "completed":
            raise RuntimeError(f"Job {job} is {status}: {error}")
        [(first,)] = query("SELECT min(started_at) FROM jobs_steprun WHERE job_id=?", job)
        return Timing(
            job=job,
            called=called,
            started=unix(started),
            first_step=unix(first),
            finished=unix(finished),
        )


def unix(value: datetime | str) -> float:
    """A column's time in Unix seconds; SQLite gives it as text in UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
