"""S2: people who each have the page of a running job open, and what that costs, also the jobs that run meanwhile."""

import statistics
import time
from dataclasses import dataclass

from benchmarks import workloads
from benchmarks.bed import Bed
from benchmarks.browsers import Browser, Polls, polling
from benchmarks.people import people

BROWSERS = 200
MOVING = 10
"""So many of their jobs take a step every few seconds; the others wait for hours."""
PAUSE = 2.0
LONGEST = 15.0
"""As `LONGEST_PAUSE.same` in poll.js."""
SETTLING = 20.0
"""Seconds until those whose job does not move ask that rarely."""
WINDOW = 10.0
JOBS = 45
"""Of W1, one after the other, each time: without browsers, and with them."""
JOBS_OF_THE_GOAL = 180
"""The same beside browsers that ask as ours do, and after them: in 45 jobs so few of their polls fall that medians differ by 10 %."""
WHO_ASKS = 3
"""Queries for session, user and membership."""
MOST_QUERIES = 2
MOST_SLOWER = 1.05


@dataclass(frozen=True, kw_only=True)
class Work:
    """Medians of what a job took: from its claim, which is the engine's alone, and from the call."""

    job: float
    whole: float


def s2(bed: Bed) -> None:
    """A window of polls alone, one of bare requests at the same pace, and W1 without, with these and with those."""
    jobs = _open_jobs(bed)
    found = people(bed.installation.place, BROWSERS, f"/jobs/{jobs[-1]}/state/")
    pages = [
        Browser(cookie=cookie, page=f"/jobs/{job}/", region=f"/jobs/{job}/state/", target="job-state")
        for cookie, job in zip(found.cookies, jobs, strict=True)
    ]
    bare = [Browser(cookie=each.cookie, page="/", region="/healthz", target="") for each in pages]
    w1 = bed.activate(workloads.light_code())

    def once() -> tuple[float, ...]:
        cpu, polls = _window(bed, pages)
        floor, _ = _window(bed, bare)
        alone = _work(bed, w1)
        with polling(bed.installation.port, bare, pause=PAUSE):
            beside_bare = _work(bed, w1)
        with polling(bed.installation.port, pages, pause=PAUSE):
            beside = _work(bed, w1)
        with polling(bed.installation.port, pages, pause=PAUSE, longest=LONGEST):
            time.sleep(SETTLING)
            beside_ours = _work(bed, w1, JOBS_OF_THE_GOAL)
        # Within seconds: what is looked for is smaller than how machines drift.
        alone_again = _work(bed, w1, JOBS_OF_THE_GOAL)
        return (
            cpu * 1000,
            floor * 1000,
            100 * polls.same,
            polls.p95 * 1000,
            alone.job * 1000,
            beside_bare.job / alone.job,
            beside.job / alone.job,
            beside.whole / alone.whole,
            beside_ours.job / alone_again.job,
        )

    cpu, floor, same, p95, alone, least_slower, slower, later, ours = map(
        list, zip(*bed.repeat(once), strict=True)
    )
    queries = found.queries[f"/jobs/{jobs[-1]}/state/"] - WHO_ASKS
    bed.add("S2", "queries of a poll besides who asks", "", [queries], goal=f"≤ {MOST_QUERIES}",
            met=queries <= MOST_QUERIES, note="and three for session, user and membership")  # fmt: skip
    bed.add("S2", "CPU of the web server for a poll", "ms", cpu)
    bed.add("S2", "floor: CPU of the web server for `/healthz`", "ms", floor)
    bed.add("S2", "a poll, p95", "ms", p95)
    least = 100 * (1 - MOVING / BROWSERS)
    bed.add("S2", "answered 204", "%", same, goal=f"≥ {least:g}, the share of jobs that do not move",
            met=statistics.median(same) >= least)  # fmt: skip
    bed.add("S2", "W1 without browsers, claim → completed", "ms", alone)
    bed.add("S2", "floor: W1 with as many requests of `/healthz` ÷ without", "x", least_slower)
    bed.add("S2", "W1 with browsers ÷ without, claim → completed", "x", slower,
            note="without a goal: to be seen beside the floor (decision 13)")  # fmt: skip
    bed.add("S2", "W1 with browsers ÷ without, call → completed", "x", later,
            note="the call itself waits in line behind the polls")  # fmt: skip
    bed.add("S2", "W1 with browsers that wait longer while nothing changes, as ours do, ÷ without", "x", ours,
            goal=f"≤ {MOST_SLOWER}", met=statistics.median(ours) <= MOST_SLOWER)  # fmt: skip


def _open_jobs(bed: Bed) -> list[int]:
    """Jobs that go on for hours: a few of them move, and the last one does not."""
    waits, moves = bed.activate(workloads.waits()), bed.activate(workloads.moves())
    with bed.installation.api() as api:
        jobs = [api.start(moves if number < MOVING else waits) for number in range(BROWSERS)]
    deadline = time.monotonic() + 60
    query = "SELECT count(*) FROM jobs_job WHERE status='waiting'"
    while bed.installation.place.query(query)[0][0] < BROWSERS - MOVING:
        if time.monotonic() > deadline:
            raise RuntimeError("The jobs did not come to wait.")
        time.sleep(0.1)
    return jobs


def _window(bed: Bed, browsers: list[Browser]) -> tuple[float, Polls]:
    """CPU seconds of the web server for one poll, and the polls."""
    installed = bed.installation
    web = installed.web_pids()
    with polling(installed.port, browsers, pause=PAUSE) as polls:
        before = installed.cpu_seconds(web)
        time.sleep(WINDOW)
        used = installed.cpu_seconds(web) - before
    return used / polls.count, polls


def _work(bed: Bed, workflow: str, jobs: int = JOBS) -> Work:
    """Some jobs of W1, one after the other."""
    with bed.installation.api() as api:
        timings = [bed.run_job(workflow, api=api) for _ in range(jobs)]
    return Work(
        job=statistics.median(each.finished - each.started for each in timings),
        whole=statistics.median(each.seconds for each in timings),
    )
