"""W5: a `for_each` over 1,000 items, three ways."""

import statistics

from benchmarks import workloads
from benchmarks.bed import Bed
from benchmarks.workloads import IO_CONCURRENCY, IO_SECONDS, ITEMS


def w5(bed: Bed) -> None:
    """Plain references, an expression, and I/O. Timed from the claim to the end."""
    _plain(bed)
    _expression(bed)
    _io(bed)


def _plain(bed: Bed) -> None:
    slug = bed.activate(workloads.loop_plain())
    runs = bed.repeat(lambda: _run(bed, slug, {}))
    rates = [ITEMS / seconds for seconds, _ in runs]
    bed.add(
        "W5", "one `set` of plain references an item", "items/s", rates, cpu=tuple(cpu for _, cpu in runs),
        goal="≥ 5,000", met=statistics.median(rates) >= 5000,
    )  # fmt: skip


def _expression(bed: Bed) -> None:
    slug = bed.activate(workloads.loop_expression())

    def once() -> tuple[float, float, float]:
        seconds, cpu = _run(bed, slug, {})
        return seconds, bed.sandbox.seconds("expression", ITEMS), cpu

    seconds, own, cpu = zip(*bed.repeat(once), strict=True)
    bed.add("W5", "with an expression", "items/s", [ITEMS / value for value in seconds], cpu=cpu)
    bed.add("W5", "floor: the sandbox's own time for 1,000", "ms", [value * 1000 for value in own])
    ratio = [value / statistics.median(own) for value in seconds]
    bed.add(
        "W5", "with an expression ÷ sandbox", "x", ratio, goal="≤ 1.5", met=statistics.median(ratio) <= 1.5
    )


def _io(bed: Bed) -> None:
    slug = bed.activate(workloads.loop_io())
    url = f"{bed.echo}/wait/{IO_SECONDS * 1000:g}"
    runs = bed.repeat(lambda: _run(bed, slug, {"url": url}))
    ideal = ITEMS * IO_SECONDS / IO_CONCURRENCY
    bed.add(
        "W5",
        "10 ms of I/O an item, 32 at a time",
        "items/s",
        [ITEMS / seconds for seconds, _ in runs],
        cpu=tuple(cpu for _, cpu in runs),
    )
    share = [100 * ideal / seconds for seconds, _ in runs]
    bed.add("W5", "of ideal I/O", "%", share, goal="≥ 65", met=statistics.median(share) >= 65)


def _run(bed: Bed, slug: str, inputs: dict[str, str]) -> tuple[float, float]:
    before = bed.installation.cpu_seconds()
    timing = bed.run_job(slug, {"items": workloads.items(), **inputs})
    return timing.finished - timing.started, bed.installation.cpu_seconds() - before
