"""One fault on one database, in a process of its own: `python -m benchmarks.faults.one ID FOLDER SEED [--short]`.

The environment names the database. The last line that it prints is the result, as JSON.
"""

import argparse
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from common.clock import monotonic

django.setup()

from django.core.management import call_command  # noqa: E402

from benchmarks.faults import databases, fuzz, kills, races, sandboxes, services, sleepers, stops  # noqa: E402
from benchmarks.faults.invariants import check  # noqa: E402
from benchmarks.faults.postgres import Server  # noqa: E402
from benchmarks.faults.rig import Rig  # noqa: E402

RUNS: dict[str, Callable[[Rig], None]] = {
    "F1": kills.kill_worker,
    "F2": kills.kill_cluster,
    "F3": lambda rig: databases.restarts(rig, _own_server()),
    "F4": databases.cuts,
    "F7": races.rings,
    "F8": races.claims,
    "F9": sleepers.stale_workers,
    "F10": kills.poison,
    "F11": services.hanging,
    "F12": services.retry_after,
    "F13": services.storm,
    "F15": services.oversized,
    "F16": services.nonsense,
    "F17": fuzz.requests,
    "F18": races.activations,
    "F19": stops.cancels,
    "F21": databases.busy_writers,
    "F22": stops.terminations,
    "F24": sandboxes.killed_and_hung,
    "F26": kills.kill_in_loop,
    "BUSY": sleepers.everybody_busy,
}


def _own_server() -> Server:
    """The one that was started for this process."""
    folder, _, port = os.environ["FAULTS_SERVER"].rpartition(":")
    return Server(Path(folder), int(port))


def run(rig: Rig, fault: str) -> dict[str, Any]:
    """Break what `fault` breaks, check what must hold; what came of it. Whatever is raised is noted as wrong."""
    start = monotonic()
    with rig:
        try:
            RUNS[fault](rig)
            check(rig)
        except Exception as error:  # noqa: BLE001 - it is recorded as the result
            traceback.print_exc()
            rig.wrong.append(f"{type(error).__name__}: {error}")
    seconds = round(monotonic() - start, 1)
    return {"holds": not rig.wrong, "seconds": seconds, "measured": rig.measured, "wrong": rig.wrong}


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
