"""W1, W1e, W2: one job of steps one after the other, started through the API on warm workers."""

import statistics
import uuid

from benchmarks import floors, workloads
from benchmarks.bed import Bed, unix

LONG_SECONDS = 2.0


def w1(bed: Bed) -> None:
    """40 light `code` steps, the sandbox's own time for them, and 40 bare commits, in turn."""
    slug = bed.activate(workloads.light_code())
    place = bed.installation.place

    def once() -> tuple[float, float, float, float]:
        before = bed.installation.cpu_seconds()
        whole = bed.run_job(slug).seconds
        cpu = bed.installation.cpu_seconds() - before
        own = bed.sandbox.seconds("fib", workloads.STEPS)
        return whole, own, floors.bare_commits(place, workloads.STEPS), cpu

    whole, own, commits, cpu = zip(*bed.repeat(once), strict=True)
    floor, sandbox = statistics.median(commits), statistics.median(own)
    start = _start_latency(bed)
    bound = 2 * sandbox + start
    bed.add(
        "W1", "call → completed", "ms", _ms(whole), cpu=cpu,
        goal=f"≤ 2 x sandbox + W4 = {bound * 1000:.1f}", met=statistics.median(whole) <= bound,
    )  # fmt: skip
    bed.add("W1", "floor: the sandbox's own time for 40", "ms", _ms(own))
    bed.add("W1", "floor: 40 bare commits", "ms", _ms(commits))
    rest = [a - b for a, b in zip(whole, own, strict=True)]
    ratio = [value / floor for value in rest]
    bed.add(
        "W1",
        "(whole less sandbox) ÷ 40 commits",
        "x",
        ratio,
        goal="≤ 0.3",
        met=statistics.median(ratio) <= 0.3,
    )


def w1e(bed: Bed) -> None:
    """40 `http.request` steps, 40 bare requests, 40 bare commits, and the same rows by the bare driver, in turn."""
    slug = bed.activate(workloads.effects("POST", slug="w1e"))
    place = bed.installation.place

    def once() -> tuple[float, ...]:
        before = bed.installation.cpu_seconds()
        timing = bed.run_job(slug, {"url": f"{bed.echo}/", "run": uuid.uuid4().hex})
        cpu = bed.installation.cpu_seconds() - before
        return (
            timing.seconds,
            floors.bare_requests(bed.echo, workloads.STEPS),
            floors.bare_commits(place, workloads.STEPS),
            floors.same_rows(place, timing.job),
            cpu,
        )

    whole, requests, commits, rows, cpu = zip(*bed.repeat(once), strict=True)
    bed.add("W1e", "call → completed", "ms", _ms(whole), cpu=cpu)
    bed.add("W1e", "floor: 40 bare requests", "ms", _ms(requests))
    bed.add("W1e", "floor: 40 bare commits", "ms", _ms(commits))
    bed.add("W1e", "floor: the same rows by the bare driver", "ms", _ms(rows))
    net = [a - b for a, b in zip(whole, requests, strict=True)]
    for floor, name, most in ((commits, "40 commits", 2.5), (rows, "same rows", 1.3)):
        ratio = [value / statistics.median(floor) for value in net]
        met = statistics.median(ratio) <= most
        bed.add("W1e", f"(whole less requests) ÷ {name}", "x", ratio, goal=f"≤ {most}", met=met)


def w2(bed: Bed) -> None:
    """10 `code` steps of about 2 s of computing each; what is not computing is the engine's."""
    slug = bed.activate(workloads.long_code())
    bed.sandbox.seconds("spin", 1, 1000)
    rounds = 200_000
    rounds = int(rounds * LONG_SECONDS / bed.sandbox.seconds("spin", 1, rounds))

    def once() -> tuple[float, float, float, float]:
        before = bed.installation.cpu_seconds()
        timing = bed.run_job(slug, {"rounds": rounds})
        cpu = bed.installation.cpu_seconds() - before
        steps = bed.installation.place.query(
            "SELECT started_at, finished_at FROM jobs_steprun WHERE job_id=? ORDER BY ordinal", timing.job
        )
        return timing.seconds, _running(steps), cpu, bed.sandbox.seconds("spin", workloads.LONG_STEPS, rounds)

    runs = [once() for _ in range(bed.runs)]  # 20 s each: the first needs no warm-up
    whole, computing, cpu, own = zip(*runs, strict=True)
    bed.add("W2", "call → completed", "s", list(whole), cpu=cpu)
    bed.add("W2", "floor: the sandbox's own time", "s", list(own))
    share = [100 * (a - b) / a for a, b in zip(whole, computing, strict=True)]
    bed.add(
        "W2", "not inside a step", "%", share, goal="< 1", met=statistics.median(share) < 1,
        note="from the times of the step runs; the machine's own jitter between two runs of 20 s is larger than 1 %",
    )  # fmt: skip


def _start_latency(bed: Bed) -> float:
    """W4's median, from this very bed."""
    slug = bed.activate(workloads.one_step())
    with bed.installation.api() as api:
        timings = [bed.run_job(slug, {"n": n}, api=api) for n in range(7)]
    return statistics.median(timing.seconds for timing in timings[2:])


def _running(steps: list[tuple[object, ...]]) -> float:
    return sum(unix(finished) - unix(started) for started, finished in steps)  # type: ignore[arg-type]


def _ms(seconds: tuple[float, ...]) -> list[float]:
    return [value * 1000 for value in seconds]
