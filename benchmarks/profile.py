"""Where the engine's time goes: `python -m benchmarks.profile W1|W1e|W3|W5|W5x|W5io --db sqlite|postgresql`.

Prints the time of some runs without the profiler, and then the functions that took most of one run under cProfile, in
the owner's thread only: what the pool and the sandbox's children do shows as waiting in `SimpleQueue.get`.
"""

import argparse
import subprocess
import sys

from benchmarks.echo import echo_server
from benchmarks.installation import migrate
from benchmarks.scratch import DATABASES, ROOT, scratch
from benchmarks.workloads import LOOPS, SEQUENCES


def main() -> int:
    """Make a database and an echo server, and run the profiled process beside them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workload", choices=[*SEQUENCES, *LOOPS])
    parser.add_argument("--db", choices=DATABASES, default="sqlite")
    parser.add_argument("--lines", type=int, default=35, help="how many functions to print")
    parser.add_argument("--runs", type=int, default=5, help="runs without the profiler")
    parser.add_argument("--sort", default="tottime", help="what pstats sorts by")
    chosen = parser.parse_args()
    words = [chosen.workload, str(chosen.runs), str(chosen.lines), chosen.sort]
    with scratch(chosen.db) as place, echo_server() as echo:
        migrate(place)
        command = [sys.executable, "-m", "benchmarks.profiled", echo, *words]
        return subprocess.run(command, cwd=ROOT, env=place.environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
