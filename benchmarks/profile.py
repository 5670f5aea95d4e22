"""Where the engine's time goes: `python -m benchmarks.profile W1|W1e|W5|W5x|W5io --db sqlite|postgresql`.

Runs the engine in this process under cProfile and prints the functions that took the most time, the owner's thread
only: what the pool and the sandbox's children do shows as waiting in `SimpleQueue.get`. Without `--profile-off` times
are inflated; the line above the table is measured without the profiler.
"""

import argparse
import cProfile
import pstats
import resource
import statistics
import time
from typing import Any

from benchmarks import workloads
from benchmarks.echo import echo_server
from benchmarks.lab import Lab, set_up
from benchmarks.scratch import DATABASES, Scratch, scratch

WORKLOADS = ("W1", "W1e", "W5", "W5x", "W5io")


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--db", choices=DATABASES, default="sqlite")
    parser.add_argument("--lines", type=int, default=35, help="how many functions to print")
    parser.add_argument("--runs", type=int, default=5, help="runs without the profiler")
    parser.add_argument("--sort", default="tottime", help="what pstats sorts by")
    chosen = parser.parse_args()
    with scratch(chosen.db) as place, echo_server() as echo:
        _profile(place, echo, chosen)


def _profile(place: Scratch, echo: str, chosen: argparse.Namespace) -> None:
    set_up(place)
    from django.db import connection, connections

    lab = Lab()
    definition, inputs = _workload(chosen.workload, echo)
    slug = lab.activate(definition)
    _run(lab, slug, inputs)
    seconds, cpu = [], []
    for _ in range(chosen.runs):
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
    load = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{chosen.workload} on {connection.vendor}: {statistics.median(seconds) * 1000:.1f} ms "
        f"({min(seconds) * 1000:.1f}-{max(seconds) * 1000:.1f}), CPU of this process "
        f"{statistics.median(cpu) * 1000:.1f} ms, entries {job.head_seq}, children's CPU {load.ru_utime:.1f} s"
    )
    pstats.Stats(profiler).strip_dirs().sort_stats(chosen.sort).print_stats(chosen.lines)
    connections.close_all()


def _run(lab: Lab, slug: str, inputs: dict[str, Any]) -> None:
    lab.start(slug, inputs)
    lab.run()


def _workload(name: str, echo: str) -> tuple[workloads.Definition, dict[str, Any]]:
    many = {"items": workloads.items()}
    return {
        "W1": lambda: (workloads.light_code(), {}),
        "W1e": lambda: (workloads.effects("POST", slug="w1e"), {"url": f"{echo}/", "run": "profile"}),
        "W5": lambda: (workloads.loop_plain(), many),
        "W5x": lambda: (workloads.loop_expression(), many),
        "W5io": lambda: (workloads.loop_io(), {**many, "url": f"{echo}/wait/10"}),
    }[name]()


if __name__ == "__main__":
    main()
