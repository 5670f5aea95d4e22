"""S1: lists of jobs, the page of a job and the audit log, with more and more jobs in the database."""

import json
import statistics
import subprocess
import sys
from typing import Any

from benchmarks.figures import Figure, percentile
from benchmarks.installation import migrate
from benchmarks.scratch import ROOT, scratch

SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = SIZES[:2]
MOST = 1.3
"""Times longer with the most jobs than with the fewest."""


def s1(database: str, runs: int, sizes: tuple[int, ...]) -> list[Figure]:
    """p95 of a request at each size, the ratio of the largest to the smallest, and queries per request."""
    with scratch(database) as place:
        migrate(place)
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.listed", str(runs), *map(str, sizes)],
            cwd=ROOT,
            env=place.environment(ALLOWED_HOSTS="localhost"),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    if ran.returncode:
        raise RuntimeError("The lists could not be measured; the reason stands above.")
    figures = []
    for found in map(json.loads, ran.stdout.splitlines()):
        figures += _figures(database, found["name"], sizes, found["seconds"], found["queries"])
    for figure in figures:
        kept = {True: "met", False: "missed", None: ""}[figure.met]
        print(f"  S1   {database:10} {figure.name}: {figure.median:.4g} {figure.unit} {kept}", flush=True)
    return figures


def _figures(
    database: str, name: str, sizes: tuple[int, ...], seconds: list[list[list[float]]], queries: list[int]
) -> list[Figure]:
    """`seconds`: by size, by run, of each request; `queries`: of one request, by size.

    The fastest request of each run stands beside p95: other work on the machine cannot blur that.
    """

    def figure(what: str, unit: str, values: list[float], **more: Any) -> Figure:
        return Figure(
            workload="S1", database=database, name=f"{name}, {what}", unit=unit, values=tuple(values), **more
        )

    figures = []
    for label, share, goal in (("p95", 0.95, MOST), ("fastest", 0.0, None)):
        taken = [[percentile(run, share) * 1000 for run in runs] for runs in seconds]
        figures += [
            figure(f"{label} with {size:,} jobs", "ms", values)
            for size, values in zip(sizes, taken, strict=True)
        ]
        ratios = [last / first for first, last in zip(taken[0], taken[-1], strict=True)]
        held = {} if goal is None else {"goal": f"≤ {goal}", "met": statistics.median(ratios) <= goal}
        figures.append(figure(f"{label}, {sizes[-1]:,} ÷ {sizes[0]:,}", "x", ratios, **held))
    same = len(set(queries)) == 1
    figures.append(figure("queries", "", list(map(float, queries)), goal="the same at every size", met=same))
    return figures
