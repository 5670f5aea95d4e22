"""One fault on one database, in a process of its own: `python -m benchmarks.faults.one ID FOLDER SEED [--short]`.

The environment names the database. The last line that it prints is the result, as JSON.
"""

import argparse
import json
import os
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from benchmarks.faults.rig import Rig  # noqa: E402
from benchmarks.faults.runs import RUNS, run  # noqa: E402


def main() -> None:
    """Parse, migrate, run, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("fault", choices=sorted(RUNS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("--short", action="store_true")
    chosen = parser.parse_args()
    call_command("migrate", verbosity=0)
    rig = Rig(folder=chosen.folder, environment=os.environ, seed=chosen.seed, short=chosen.short)
    print(json.dumps(run(rig, chosen.fault), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
