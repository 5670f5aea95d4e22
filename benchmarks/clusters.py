"""S4: one, two and four clusters on one PostgreSQL."""

import os
import signal
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks import workloads
from benchmarks.bed import LONGEST, unix
from benchmarks.figures import Figure
from benchmarks.installation import Installation, installation
from benchmarks.scratch import scratch

COUNTS = (1, 2, 4)
JOBS = 300
CALL_MS = 50


def s4(echo: str, runs: int) -> list[Figure]:
    """Jobs that wait in line before the clusters may work, so that only the clusters are measured."""
    found: dict[tuple[str, int], Figure] = {}
    for count in COUNTS:
        with scratch("postgresql") as place, installation(place, clusters=count) as installed:
            with installed.api() as api:
                slugs = {
                    "set": api.activate(workloads.one_step()),
                    "call": api.activate(workloads.one_call()),
                }
            inputs: dict[str, dict[str, Any]] = {"set": {"n": 1}, "call": {"url": f"{echo}/wait/{CALL_MS}"}}
            for kind, slug in slugs.items():
                _rate(installed, slug, inputs[kind])
                rates = [_rate(installed, slug, inputs[kind]) for _ in range(runs)]
                found[kind, count] = _figure(kind, count, rates, found.get((kind, 1)))
    return list(found.values())


def _figure(kind: str, count: int, rates: list[float], one: Figure | None) -> Figure:
    what = "one `set`" if kind == "set" else f"one call of {CALL_MS} ms"
    goal: dict[str, Any] = {}
    if one is not None:
        ratio = statistics.median(rates) / one.median
        least = 0.9 if kind == "set" else 0.8 * count
        goal = {
            "goal": f"≥ {least:g} x one cluster",
            "met": ratio >= least,
            "note": f"{ratio:.2f} x one cluster",
        }
    figure = Figure(
        workload="S4", database="postgresql", name=f"{what}, clusters: {count}", unit="jobs/s",
        values=tuple(rates), **goal,
    )  # fmt: skip
    print(f"  S4   postgresql {figure.name}: {figure.median:.4g} jobs/s", flush=True)
    return figure


def _rate(installed: Installation, slug: str, inputs: dict[str, Any]) -> float:
    """Jobs a second, from the first claim to the last end. Raises `RuntimeError` if a job ran twice or not at all."""
    place = installed.place
    [(last,)] = place.query("SELECT coalesce(max(id), 0) FROM jobs_job")
    workers = _workers(installed)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: _start(installed, slug, inputs), range(4)))
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    deadline = time.monotonic() + LONGEST
    while place.query("SELECT count(*) FROM jobs_job WHERE id>? AND finished_at IS NULL", last) != [(0,)]:
        if time.monotonic() > deadline:
            raise RuntimeError("The jobs did not end in time.")
        time.sleep(0.02)
    [(started, finished, count, fence)] = place.query(
        "SELECT min(started_at), max(finished_at), count(*), max(fence) FROM jobs_job"
        " WHERE id>? AND status='completed'", last,
    )  # fmt: skip
    if count != JOBS or fence != 1:
        raise RuntimeError(
            f"{count} of {JOBS} jobs completed; the highest fence is {fence}, where 1 was expected."
        )
    return count / (unix(finished) - unix(started))


def _start(installed: Installation, slug: str, inputs: dict[str, Any]) -> None:
    with installed.api() as api:
        for _ in range(JOBS // 4):
            api.start(slug, inputs)


def _workers(installed: Installation) -> list[int]:
    """The worker processes that are ours."""
    ours = set(installed.pids())
    rows = installed.place.query("SELECT pid FROM jobs_worker WHERE gone_at IS NULL")
    return [int(pid) for (pid,) in rows if pid in ours]
