"""W6: kill -9 of the worker in the middle of W1e, judged by what the called service saw."""

import json
import os
import signal
import statistics
import time
import urllib.request
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from benchmarks import workloads
from benchmarks.bed import LONGEST, Bed

KILL_AT = 20
"""So many requests the service has seen when the worker dies."""


@dataclass(frozen=True, kw_only=True)
class Killed:
    """What came of one kill. `pause`: from the kill to the next request, None if there was none."""

    status: str
    seen: int
    next_step: int
    pause: float | None
    twice: int


def w6(bed: Bed) -> None:
    """With steps that may run twice, and with steps that may not."""
    for method, kind in (("PUT", "idempotent"), ("POST", "not idempotent")):
        slug = bed.activate(workloads.effects(method, slug=f"w6{method.lower()}"))
        bed.run_job(slug, {"url": f"{bed.echo}/", "run": "warm"})
        kills = [_kill(bed, slug) for _ in range(bed.runs)]
        if method == "PUT":
            _tell_of_resumes(bed, kills)
        twice = [float(kill.twice) for kill in kills]
        ended = Counter(kill.status for kill in kills)
        goal: dict[str, Any] = {} if method == "PUT" else {"goal": "0", "met": max(twice) == 0}
        note = ", ".join(f"{count} {status}" for status, count in sorted(ended.items()))
        bed.add("W6", f"effects twice ({kind})", "steps", twice, note=f"jobs ended: {note}", **goal)


def _tell_of_resumes(bed: Bed, kills: list[Killed]) -> None:
    resumed = [kill for kill in kills if kill.pause is not None and kill.status == "completed"]
    share = 100 * len(resumed) / len(kills)
    bed.add("W6", "resumed without a person", "%", [share], goal="100", met=share == 100)
    if resumed:
        after = [kill.pause or 0.0 for kill in resumed]
        bed.add("W6", "kill → next request", "s", after, goal="< 2", met=statistics.median(after) < 2)
        steps = [float(kill.next_step - kill.seen) for kill in resumed]
        bed.add(
            "W6", "next step after the last one seen", "steps on", steps, goal="0 or 1", met=max(steps) <= 1
        )


def _kill(bed: Bed, slug: str) -> Killed:
    run = uuid.uuid4().hex
    with bed.installation.api() as api:
        job = api.start(slug, {"url": f"{bed.echo}/wait/3", "run": run})
    deadline = time.monotonic() + LONGEST
    while len(_history(bed, run)) < KILL_AT and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    pid = _worker(bed, job)
    killed = time.time()
    os.kill(pid, signal.SIGKILL)
    status = bed.wait(job)
    requests = _history(bed, run)
    before = [request for request in requests if request["at"] <= killed]
    after = [request for request in requests if request["at"] > killed]
    seen = max(request["step"] for request in before)
    times = Counter(request["step"] for request in requests)
    return Killed(
        status=status,
        seen=seen,
        next_step=after[0]["step"] if after else seen,
        pause=after[0]["at"] - killed if after else None,
        twice=sum(1 for count in times.values() if count > 1),
    )


POLL_SECONDS = 0.002


def _worker(bed: Bed, job: int) -> int:
    """The process that owns the job; one of ours, or none is killed."""
    [(pid,)] = bed.installation.place.query(
        "SELECT w.pid FROM jobs_worker w JOIN jobs_job j ON j.owner_id=w.id WHERE j.id=?", job
    )
    if pid not in bed.installation.pids():
        raise RuntimeError(f"Process {pid} is not of this installation.")
    return int(pid)


def _history(bed: Bed, run: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{bed.echo}/history/{run}") as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found
