"""`make bench`: measure Workledger and the floors beside it. docs/benchmarks.md says what and how.

Everything runs in databases and folders of its own, which are gone afterwards; results go to var/benchmarks/.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from benchmarks import clusters, kills, large, lists, loops, polls, report, sequences, starts
from benchmarks.bed import Bed
from benchmarks.echo import echo_server
from benchmarks.figures import Figure
from benchmarks.installation import installation
from benchmarks.sandbox_floor import sandbox_floor
from benchmarks.scratch import DATABASES, scratch

RUNS = 5
WORKLOADS: dict[str, Callable[[Bed], None]] = {
    "W4": starts.w4,
    "W1": sequences.w1,
    "W1e": sequences.w1e,
    "W3": starts.w3,
    "W5": loops.w5,
    "W6": kills.w6,
    "W2": sequences.w2,
    "S3": large.s3,
    "S2": polls.s2,
}
"""In the order in which they run: what wants an idle system first, what kills workers late, what leaves jobs
behind last."""
ALONE = ("S1", "S4")
"""These make installations of their own."""


def main() -> int:
    """Parse, measure, write. The exit status is 1 if a workload could not be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="comma-separated, for example W1,W4")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="one run of each figure instead of five; S1 without the largest size",
    )
    parser.add_argument("--db", choices=DATABASES, help="only this database")
    parser.add_argument("--write-docs", action="store_true", help="put the table into docs/benchmarks.md")
    chosen = parser.parse_args()
    wanted = chosen.only.split(",") if chosen.only else [*WORKLOADS, *ALONE]
    unknown = set(wanted) - {*WORKLOADS, *ALONE}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join([*WORKLOADS, *ALONE])}")
    databases = [chosen.db] if chosen.db else list(DATABASES)
    facts = report.machine(databases)
    figures, failed = measure(wanted, databases, quick=chosen.quick)
    figures.sort(key=lambda figure: (figure.workload, DATABASES.index(figure.database)))
    table = report.write(facts, figures)
    if chosen.write_docs:
        report.write_docs(table.read_text())
    print(table.read_text())
    print(f"Written to {table}")
    return 1 if failed else 0


def measure(wanted: list[str], databases: list[str], *, quick: bool) -> tuple[list[Figure], list[str]]:
    """The figures, and the names of the workloads that broke."""
    figures: list[Figure] = []
    failed: list[str] = []
    runs, sizes = (1, lists.QUICK_SIZES) if quick else (RUNS, lists.SIZES)
    with echo_server() as echo:
        for database in databases:
            names = [name for name in WORKLOADS if name in wanted]
            if not names:
                continue
            with bed(database, echo, runs) as made:
                for name in names:
                    _attempt(name, lambda name=name: WORKLOADS[name](made), failed)
                figures += made.figures
        for database in databases if "S1" in wanted else ():
            _attempt("S1", lambda database=database: figures.extend(lists.s1(database, runs, sizes)), failed)
        if "S4" in wanted and "postgresql" in databases:
            _attempt("S4", lambda: figures.extend(clusters.s4(echo, runs)), failed)
    return figures, failed


@contextmanager
def bed(database: str, echo: str, runs: int) -> Iterator[Bed]:
    """A fresh installation on `database`, and the sandbox's floor beside it."""
    with ExitStack() as stack:
        place = stack.enter_context(scratch(database))
        installed = stack.enter_context(installation(place))
        floor = stack.enter_context(sandbox_floor(place))
        yield Bed(installation=installed, echo=echo, sandbox=floor, runs=runs)


def _attempt(name: str, run: Callable[[], object], failed: list[str]) -> None:
    print(f"{time.strftime('%H:%M:%S')} {name}", flush=True)
    try:
        run()
    except Exception:  # noqa: BLE001 - told, and the exit status says so
        traceback.print_exc()
        failed.append(name)


if __name__ == "__main__":
    sys.exit(main())
