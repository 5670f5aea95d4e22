"""Services that misbehave: slow, endless, overloaded, too large, not what they say."""

from collections import Counter
from typing import Any

from benchmarks.faults import workloads
from benchmarks.faults.corpus import ANSWERS
from benchmarks.faults.processes import peak_rss
from benchmarks.faults.rig import Definition, Rig
from common.canonical import loads
from common.clock import monotonic
from jobs.engine import payloads
from jobs.models import Job, StepRun
from jobs.states import JobStatus, PayloadKind, StepStatus

DEADLINE = 3.0
MIB = 1 << 20


def hanging(rig: Rig) -> None:
    """F11."""
    rig.cluster()
    count = rig.scale(100, 12)
    paths = ["silent", "drip/head", "drip/body", "endless/500"]
    job = _each(rig, [paths[n % 4] for n in range(count)], timeout="3s", retry="none")
    rig.finish(within=120)
    took = [_seconds(row) for row in _steps(job)]
    late = [seconds for seconds in took if not rig.in_time(seconds - DEADLINE, 2)]
    rig.measured |= {"steps": len(took), "longest_s": round(max(took), 2)}
    rig.expect(len(took) == count and not late, f"{len(late)} of {len(took)} steps ended late: {late[:3]}")
    rig.expect(_codes(job) == {"timeout": count}, f"They ended with {_codes(job)}.")


def retry_after(rig: Rig) -> None:
    """F12: one worker, so that a wait that held it would be seen."""
    rig.cluster(workers=1)
    cases = {
        "2": 2.0,
        "3.5": 2.0,
        "date-4": 3.0,
        "-5": 2.0,
        "0": 2.0,
        "junk": 2.0,
        "date--60": 2.0,
        "1000000000": None,
        "3601": None,
        "date-7200": None,
    }
    slugs = {value: rig.workflow(f"case{n}", [_call(rig, f"after/{value}")]) for n, value in enumerate(cases)}
    jobs = {value: rig.start(slug) for value, slug in slugs.items()}
    rig.wait(lambda: len(rig.outside.effects()) >= len(cases), within=20, what="the first calls")
    beside = rig.start(workloads.quick(rig))
    rig.measured["beside_s"] = round(rig.finish(within=20, among=[beside]), 2)
    rig.expect(
        rig.in_time(rig.measured["beside_s"], 1.5), "A job beside the waiting ones had to wait for a worker."
    )
    rig.finish(within=60)
    arrived: dict[str, list[float]] = {}
    for effect in rig.outside.effects():
        arrived.setdefault(effect.job, []).append(effect.at)
    for value, least in cases.items():
        job = jobs[value]
        job.refresh_from_db()
        _judge_wait(rig, value, job, arrived[str(job.uid)], least)


def _judge_wait(rig: Rig, value: str, job: Job, times: list[float], least: float | None) -> None:
    if least is None:
        error = loads(job.error) if job.error else {}
        rig.expect(
            (job.error_code, len(times)) == ("rate_limited", 1)
            and bool((error.get("detail") or {}).get("retry_at")),
            f"Retry-After {value}: {len(times)} calls, {job.status} {job.error_code} {error.get('detail')}",
        )
        return
    rig.expect(job.status == JobStatus.COMPLETED, f"Retry-After {value}: {job.status} {job.error_code}")
    gap = times[1] - times[0] if len(times) > 1 else -1
    rig.expect(
        len(times) == 2 and gap >= least - 0.02, f"Retry-After {value}: {len(times)} calls, {gap:.2f} s apart"
    )


def storm(rig: Rig) -> None:
    """F13."""
    rig.cluster()
    attempts, seconds = 4, rig.scale(60, 2)
    calm = rig.workflow("calm", [workloads.request("call", f"{rig.outside.other_url}/effect/5")])
    usual = _median_ms(rig, calm, seconds / 4)
    policy = {"max_attempts": attempts, "delay": "1s", "backoff": "fixed"}
    stormy = rig.workflow("stormy", [_call(rig, "storm/95", retry=policy)])
    rig.start_many(stormy, rig.scale(400, 20))
    beside = _median_ms(rig, calm, seconds)
    rig.finish(within=rig.scale(300, 60))
    most = max(Counter(e.key for e in rig.outside.effects() if "storm" in e.path).values())
    rig.measured |= {"most_attempts": most, "usual_ms": usual, "beside_ms": beside}
    rig.expect(most <= attempts, f"A step was tried {most} times.")
    # A short run is a test, and a test is not timed: a handful of calls on a busy machine says nothing of speed.
    rig.expect(
        rig.short or beside < 1.5 * usual + 10,
        f"A step elsewhere took {beside} ms beside the storm, {usual} ms without.",
    )
    rig.expect(set(rig.failed_with()) <= {"http_error"}, f"Jobs failed with {rig.failed_with()}.")


def _median_ms(rig: Rig, slug: str, seconds: float) -> float:
    """What the step of a job took, started again and again for so long."""
    took, end = [], monotonic() + seconds
    while monotonic() < end:
        job = rig.start(slug)
        rig.finish(within=30, among=[job])
        took.append(1000 * _seconds(StepRun.objects.get(job=job)))
    return round(sorted(took)[len(took) // 2], 1)


def oversized(rig: Rig) -> None:
    """F15."""
    rig.cluster(workers=1)
    _each(rig, ["big/1", "effect/1", "bomb/200"], slug="warm", response="text")
    rig.finish(within=30)
    worker = rig.workers()[0]
    before = peak_rss(worker.pid)
    paths = ["big/100", "bomb/200", "endless/0", "big/11"] * rig.scale(4, 1)
    job = _each(rig, paths, slug="large", concurrency=1, response="text", retry="none", timeout="30s")
    rig.finish(within=rig.scale(300, 90))
    grown = (peak_rss(worker.pid) - before) / MIB
    took = [_seconds(row) for row in _steps(job)]
    rig.measured |= {"grown_mib": round(grown, 1), "longest_s": round(max(took), 2)}
    rig.expect(_codes(job) == {"limit_exceeded": len(paths)}, f"They ended with {_codes(job)}.")
    rig.expect(grown < 50, f"The worker grew by {grown:.1f} MiB.")
    rig.expect(rig.in_time(max(took), 3), f"The longest step took {max(took):.1f} s.")
    rig.expect([each.pid for each in rig.workers()] == [worker.pid], "The worker died.")


def nonsense(rig: Rig) -> None:
    """F16."""
    rig.cluster()
    before = {worker.pid for worker in rig.workers()}
    paths = [f"answer/{n}" for n in range(len(ANSWERS))]
    jobs = [
        _each(rig, paths, slug=f"as-{kind}", concurrency=8, response=kind, retry="none", timeout="20s")
        for kind in ("auto", "json", "text", "file")[: rig.scale(4, 2)]
    ]
    rig.finish(within=120)
    codes: Counter[str] = Counter()
    for job in jobs:
        codes += Counter(_codes(job))
        job.refresh_from_db()
        rig.expect(
            job.status == JobStatus.COMPLETED, f"{job.workflow.slug} is {job.status}: {job.error_summary}"
        )
        for row in _steps(job).filter(status=StepStatus.COMPLETED):
            payloads.read(job.pk, row.path, PayloadKind.OUTPUT)
    rig.measured |= {"answers": len(jobs) * len(ANSWERS), "codes": dict(codes)}
    rig.expect(codes["internal_error"] == 0, "An answer broke the machinery.")
    rig.expect({worker.pid for worker in rig.workers()} == before, "A worker died.")


# ---------------------------------------------------------------- parts
def _call(rig: Rig, path: str, **more: Any) -> Definition:
    return workloads.request("call", f"{rig.outside.url}/{path}", **more)


def _each(
    rig: Rig,
    paths: list[str],
    *,
    slug: str = "calls",
    concurrency: int = 100,
    response: str = "text",
    **more: Any,
) -> Job:
    """A job that calls every path, whatever comes of it."""
    call = _call(rig, "{{ item }}", **more)
    call["config"]["response"] = response
    workloads.loop(rig, slug, [call], concurrency=concurrency, on_item_error="continue")
    return rig.start(slug, items=paths)


def _steps(job: Job) -> Any:
    return StepRun.objects.filter(job=job, type="http.request").order_by("ordinal")


def _codes(job: Job) -> dict[str, int]:
    """How many calls of a job failed with which code."""
    return dict(Counter(loads(row.error)["code"] for row in _steps(job).filter(status=StepStatus.FAILED)))


def _seconds(row: StepRun) -> float:
    assert row.finished_at is not None
    assert row.started_at is not None
    return (row.finished_at - row.started_at).total_seconds()
