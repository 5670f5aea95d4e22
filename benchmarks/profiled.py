"""The process that `benchmarks.profile` starts: ECHO WORKLOAD RUNS LINES SORT."""

import cProfile
import os
import pstats
import statistics
import sys
import time

from django.db import connection, connections

from benchmarks.lab import Lab
from benchmarks.workloads import profiled


def main(echo: str, workload: str, runs: int, lines: int, sort: str) -> None:
    """Warm up, run, profile, print."""
    lab = Lab()
    definition, inputs = profiled(workload, echo)
    slug = lab.activate(definition)
    lab.start(slug, inputs)
    lab.run()
    seconds, cpu = [], []
    for _ in range(runs):
        lab.start(slug, inputs)
        before, start = time.process_time(), time.perf_counter()
        lab.run()
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - before)
    job = lab.start(slug, inputs)
    profiler = cProfile.Profile()
    profiler.enable()
    lab.run()
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


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    sys.stdout.flush()
    os._exit(0)  # threads of the pool may still sleep
