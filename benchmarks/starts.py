"""W3, W4: many jobs at once through the API, and single starts on an idle system."""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks import workloads
from benchmarks.bed import LONGEST, Bed, unix
from benchmarks.figures import percentile

JOBS, CONNECTIONS = 500, 8
SINGLE_STARTS = 20
IDLE_SECONDS = 0.25
AFTER_LAST_CALL = 0.250


def w3(bed: Bed) -> None:
    """500 one-step jobs with 8 connections."""
    slug = bed.activate(workloads.one_step())
    runs = bed.repeat(lambda: _flood(bed, slug))
    accepted, completed, late, depth, cpu = zip(*runs, strict=True)
    bed.add("W3", "calls accepted", "per s", list(accepted), cpu=cpu)
    bed.add("W3", "jobs completed", "per s", list(completed), goal="≥ 2 x the best durable peer")
    bed.add(
        "W3", "last call → all completed", "ms", [value * 1000 for value in late],
        goal="≤ 250", met=statistics.median(late) <= AFTER_LAST_CALL,
    )  # fmt: skip
    bed.add(
        "W3", "greatest queue depth", "jobs", list(depth), goal="does not grow",
        met=statistics.median(depth) <= JOBS / 10, note="met: never more than a tenth of the jobs in line",
    )  # fmt: skip


def _flood(bed: Bed, slug: str) -> tuple[float, float, float, float, float]:
    place = bed.installation.place
    [(last,)] = place.query("SELECT coalesce(max(id), 0) FROM jobs_job")
    depths, over = [0], threading.Event()
    watcher = threading.Thread(target=_watch_depth, args=(bed, depths, over))
    watcher.start()
    before, called = bed.installation.cpu_seconds(), time.time()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        ended = max(pool.map(lambda number: _calls(bed, slug, number), range(CONNECTIONS)))
    _wait_for_all(bed, last)
    cpu = bed.installation.cpu_seconds() - before
    over.set()
    watcher.join()
    [(finished, count)] = place.query(
        "SELECT max(finished_at), count(*) FROM jobs_job WHERE id>? AND status='completed'", last
    )
    calls = CONNECTIONS * (JOBS // CONNECTIONS)
    if count != calls:
        raise RuntimeError(f"{calls} jobs were started, {count} completed.")
    done = unix(finished)
    return calls / (ended - called), count / (done - called), max(0.0, done - ended), max(depths), cpu


def _calls(bed: Bed, slug: str, number: int) -> float:
    """One connection's share; when its last call was answered."""
    with bed.installation.api() as api:
        for call in range(JOBS // CONNECTIONS):
            api.start(slug, {"n": number * JOBS + call})
        return time.time()


def _wait_for_all(bed: Bed, last: int) -> None:
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        open_jobs = "SELECT count(*) FROM jobs_job WHERE id>? AND finished_at IS NULL"
        if bed.installation.place.query(open_jobs, last) == [(0,)]:
            return
        time.sleep(0.02)
    raise RuntimeError("The jobs did not end in time.")


def _watch_depth(bed: Bed, depths: list[int], over: threading.Event) -> None:
    raw = bed.installation.place.connect()
    while not over.wait(0.05):
        depths.append(raw.execute("SELECT count(*) FROM jobs_job WHERE status='queued'").fetchone()[0])
    raw.close()


def w4(bed: Bed) -> None:
    """Single starts, each after a pause in which nothing is due."""
    slug = bed.activate(workloads.one_step())
    first: list[list[float]] = []
    whole: list[list[float]] = []
    answered: list[list[float]] = []
    cpu = []
    for run in range(bed.runs + 1):
        before = bed.installation.cpu_seconds()
        timings = [_single(bed, slug, number) for number in range(SINGLE_STARTS if run else 3)]
        if run:
            cpu.append(bed.installation.cpu_seconds() - before)
            for into, column in zip((first, whole, answered), zip(*timings, strict=True), strict=True):
                into.append([value * 1000 for value in column])
    for name, lists in (("first step started", first), ("completed", whole), ("answered", answered)):
        for share, label, most in ((0.5, "p50", 10), (0.95, "p95", 25)):
            values = [percentile(values, share) for values in lists]
            goal = (
                {} if name == "answered" else {"goal": f"≤ {most}", "met": statistics.median(values) <= most}
            )
            bed.add("W4", f"call → {name}, {label}", "ms", values, cpu=tuple(cpu), **goal)


def _single(bed: Bed, slug: str, number: int) -> tuple[float, float, float]:
    with bed.installation.api() as api:
        api.get("me/")
        time.sleep(IDLE_SECONDS)
        called = time.time()
        job = api.start(slug, {"n": number})
        answered = time.time() - called
    bed.wait(job)
    timing = bed.timing(job, called)
    return timing.first_step - called, timing.seconds, answered
