"""What each fault runs, by its name. `benchmarks.faults.catalogue` says what must hold."""

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.faults import databases, fuzz, kills, races, sandboxes, services, sleepers, stops
from benchmarks.faults.invariants import check
from benchmarks.faults.postgres import Server
from benchmarks.faults.rig import Rig
from common.clock import monotonic

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
