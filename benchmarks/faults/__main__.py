"""`python -m benchmarks.faults [--only F1,F9] [--db sqlite|postgresql] [--short] [--seed N]`.

Each fault runs in a process of its own, on a database of its own. Results go to var/faults/.
"""

import argparse
import json
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.faults.catalogue import BOTH, BY_ID, FAULTS, Fault
from benchmarks.faults.postgres import own_server
from benchmarks.faults.processes import spawn
from benchmarks.scratch import ROOT, Scratch, scratch

RESULTS = ROOT / "var" / "faults"
MIGRATING = 120
"""Seconds that the start and the migrations may take besides."""


def main() -> int:
    """Parse, run, tell. The exit status is 1 if anything did not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="comma-separated, for example F1,F9")
    parser.add_argument("--db", choices=BOTH, help="one database; else both")
    parser.add_argument("--short", action="store_true", help="smaller numbers: minutes instead of hours")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    chosen = parser.parse_args()
    names = [name.strip().upper() for name in chosen.only.split(",") if name.strip()]
    unknown = sorted(set(names) - set(BY_ID))
    if unknown:
        parser.error(f"there is no fault {', '.join(unknown)}; there are {', '.join(BY_ID)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {chosen.seed}", flush=True)
    results = []
    for fault, database in _plan(names, chosen.db):
        result = run_one(fault, database, seed=chosen.seed, short=chosen.short)
        results.append(result)
        _tell(result)
    _write(results)
    return 0 if all(result["holds"] for result in results) else 1


def _plan(names: list[str], database: str | None) -> Iterator[tuple[Fault, str]]:
    for fault in FAULTS:
        if not names or fault.id in names:
            for each in fault.databases:
                if database in (None, each):
                    yield fault, each


def run_one(fault: Fault, database: str, *, seed: int, short: bool) -> dict[str, Any]:
    """Run a fault in a process of its own; its result, with what it was."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="fault-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        environment = _place(fault, database, folder, stack)
        result = _run_process(fault, environment, folder, seed=seed, short=short)
        if not result["holds"]:
            result["logs"] = _keep(folder, f"{fault.id}-{database}-{seed}")
    return {"fault": fault.id, "database": database, "seed": seed, "short": short, **result}


def _place(fault: Fault, database: str, folder: Path, stack: ExitStack) -> dict[str, str]:
    """An empty database; the environment that leads to it."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings"}
    if not fault.own_server:
        return stack.enter_context(scratch(database)).environment(**settings)
    server = stack.enter_context(own_server())
    settings["FAULTS_SERVER"] = f"{server.folder}:{server.port}"
    return Scratch(database=database, folder=folder, url=server.url).environment(**settings)


def _run_process(
    fault: Fault, environment: dict[str, str], folder: Path, *, seed: int, short: bool
) -> dict[str, Any]:
    command = ["-m", "benchmarks.faults.one", fault.id, str(folder), str(seed)]
    limit = (fault.seconds / 5 if short else fault.seconds) + MIGRATING
    with (folder / "rig.log").open("w+") as errors:
        process = spawn(
            command + (["--short"] if short else []),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            output, _ = process.communicate(timeout=limit)
            return dict(json.loads(output.splitlines()[-1]))
        except subprocess.TimeoutExpired:
            return _unheard(f"It did not end within {limit:g} s.", limit)
        except (IndexError, ValueError):
            errors.seek(0)
            return _unheard(f"It ended with {process.returncode}: {errors.read()[-2_000:]}", 0)
        finally:
            process.kill()
            process.wait()


def _unheard(sentence: str, seconds: float) -> dict[str, Any]:
    return {"holds": False, "seconds": seconds, "measured": {}, "wrong": [sentence]}


def _keep(folder: Path, name: str) -> str:
    """Keep the logs and the outside history of a run in which something did not hold."""
    kept = RESULTS / "logs" / name
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("postgres", "*.sqlite3*"))
    return str(kept.relative_to(ROOT))


def _tell(result: dict[str, Any]) -> None:
    measured = ", ".join(f"{name} {value}" for name, value in result["measured"].items())
    word = "holds" if result["holds"] else "DOES NOT HOLD"
    print(f"{result['fault']} {result['database']}: {word} ({result['seconds']} s) {measured}", flush=True)
    for sentence in result["wrong"]:
        print(f"   {sentence}", flush=True)


def _write(results: list[dict[str, Any]]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (RESULTS / "results.jsonl").open("a") as file:
        file.writelines(json.dumps(result, ensure_ascii=False) + "\n" for result in results)
    lines = ["| Fault | Database | Holds | Seconds | Measured | Goal |", "|---|---|---|---|---|---|"]
    for result in results:
        fault = BY_ID[result["fault"]]
        measured = ", ".join(f"{name} {value}" for name, value in result["measured"].items())
        lines.append(
            f"| {fault.id} {fault.title} | {result['database']} | {'yes' if result['holds'] else 'NO'} "
            f"| {result['seconds']} | {measured} | {fault.goal} |"
        )
    (RESULTS / "results.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
