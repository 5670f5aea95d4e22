"""S1: lists of jobs, the page of a job and the audit log, with more and more jobs in the database."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.figures import Figure, percentile
from benchmarks.installation import migrate
from benchmarks.scratch import ROOT, scratch

SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = SIZES[:2]
MOST = 1.3
"""Times longer with the most jobs than with the fewest."""


def s1(database: str, runs: int, sizes: tuple[int, ...]) -> list[Figure]:
    """p95 of a request at each size, the ratio of the largest to the smallest, and queries per request.

    Each size has a database of its own, and they take turns, so that a machine that is slower for a while is so for all.
    """
    figures = []
    with ExitStack() as stack:
        sides = [stack.enter_context(_side(database, size)) for size in sizes]
        for name in sides[0].names:
            rounds = [[side.ask(name) for side in sides] for _ in range(runs)]
            seconds = [[each[place]["seconds"] for each in rounds] for place in range(len(sizes))]
            figures += _figures(database, name, sizes, seconds, [each["queries"] for each in rounds[0]])
    for figure in figures:
        kept = {True: "met", False: "missed", None: ""}[figure.met]
        print(f"  S1   {database:10} {figure.name}: {figure.median:.4g} {figure.unit} {kept}", flush=True)
    return figures


class _Side:
    """One size: the process of `benchmarks.listed` with its database. `names` are those of the lists."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.names: list[str] = self._answer()

    def ask(self, name: str) -> dict[str, Any]:
        """`seconds` of each request, and `queries` of one."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        found: dict[str, Any] = self._answer()
        return found

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The lists could not be measured; the reason stands above.")
        return json.loads(line)


@contextmanager
def _side(database: str, size: int) -> Iterator[_Side]:
    with scratch(database) as place:
        migrate(place)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.listed", str(size)],
            cwd=ROOT,
            env=place.environment(ALLOWED_HOSTS="localhost"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:  # at the end its input is closed, which ends it
            yield _Side(process)


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
