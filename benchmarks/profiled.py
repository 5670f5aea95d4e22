"""The process that `benchmarks.profile` starts: ECHO WORKLOAD RUNS LINES SORT."""

import cProfile
import os
import pstats
import statistics
import sys
import time
from typing import Any

from django.db import connection, connections

from benchmarks.lab import Lab
from benchmarks.workloads import profiled
from jobs.models import Job

SMALL_JOBS = 100
"""One-step jobs that W3 runs one after the other: below, times are for all of them."""


def main(echo: str, workload: str, runs: int, lines: int, sort: str) -> None:
    """Warm up, run, profile, print."""
    lab = Lab()
    definition, inputs = profiled(workload, echo)
    slug = lab.activate(definition)
    jobs = SMALL_JOBS if workload == "W3" else 1
    _line_up(lab, slug, inputs, jobs)
    _drain(lab, jobs)
    seconds, cpu = [], []
    for _ in range(runs):
        _line_up(lab, slug, inputs, jobs)
        before, start = time.process_time(), time.perf_counter()
        _drain(lab, jobs)
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - before)
    job = _line_up(lab, slug, inputs, jobs)
    profiler = cProfile.Profile()
    profiler.enable()
    _drain(lab, jobs)
    profiler.disable()
    job.refresh_from_db()
    assert job.status == "completed", job.error
    print(
        f"{workload} on {connection.vendor}: {statistics.median(seconds) * 1000:.1f} ms "
        f"({min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f}), CPU of this process "
        f"{statistics.median(cpu) * 1000:.1f} ms, {job.head_seq} audit entries, load {os.getloadavg()[0]:.1f}"
    )
    pstats.Stats(profiler).strip_dirs().sort_stats(sort).print_stats(lines)
    connections.close_all()


def _line_up(lab: Lab, slug: str, inputs: dict[str, Any], jobs: int) -> Job:
    return [lab.start(slug, inputs) for _ in range(jobs)][-1]


def _drain(lab: Lab, jobs: int) -> None:
    for _ in range(jobs):
        lab.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    sys.stdout.flush()
    os._exit(0)  # threads of the pool may still sleep
