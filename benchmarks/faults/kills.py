"""Processes that die: one worker, all of them, again and again."""

import os
import signal
from collections import Counter
from statistics import quantiles

from benchmarks.faults import workloads
from benchmarks.faults.processes import Cluster, alive
from benchmarks.faults.rig import LEASE, Rig
from common.clock import monotonic
from jobs.models import Job, StepRun, Worker
from jobs.models.job import Priority
from jobs.states import JobStatus, StepStatus


def kill_worker(rig: Rig) -> None:
    """F1."""
    clusters = rig.start_clusters(2)
    slug = workloads.mixed(rig)
    kills = rig.scale(20, 3)
    took = []
    for _ in range(kills):
        rig.start_many(slug, rig.scale(50, 12))
        pause(rig, 0.1, 0.4)
        victim = rig.chance.choice(_at_work(rig, clusters, slug))
        os.kill(victim.pid, signal.SIGKILL)
        took.append(wait_until_taken_over(rig, [victim], LEASE + 10))
    rig.finish(within=rig.scale(400, 60))
    rig.measured |= {"kills": kills, "taken_over_s": round(max(took), 2)}
    judge_interrupted(rig, len(rig.started))


def _at_work(rig: Rig, clusters: list[Cluster], slug: str) -> list[Worker]:
    """The workers that have a job in hand; more jobs are started while there are none."""
    while not (busy := [worker for worker in rig.workers(*clusters) if rig.owned_by([worker])]):
        rig.wait(lambda: len(rig.workers(*clusters)) > 0, within=60, what="a worker to live")
        rig.start_many(slug, 2)
    return busy


def kill_cluster(rig: Rig) -> None:
    """F2."""
    slug = workloads.mixed(rig)
    rig.start_many(slug, rig.scale(1_000, 12))
    rounds, took = rig.scale(10, 1), []
    for _ in range(rounds):
        clusters = rig.start_clusters(rig.scale(2, 1))
        pause(rig, 0.3, rig.scale(2, 1))
        lost = rig.workers(*clusters)
        for cluster in clusters:
            cluster.kill()
        start = monotonic()
        rig.cluster(workers=1)
        wait_until_taken_over(rig, lost, 30)
        took.append(monotonic() - start)
        rig.clusters[-1].kill()
    rig.start_clusters(rig.scale(2, 1))
    rig.finish(within=rig.scale(400, 60))
    rig.measured |= {"rounds": rounds, "in_hand_again_s": round(max(took), 2)}
    judge_interrupted(rig, len(rig.started))


def kill_in_loop(rig: Rig) -> None:
    """F26."""
    clusters = rig.start_clusters(2)
    items = rig.scale(10_000, 160)
    put = workloads.request("put", f"{rig.outside.url}/effect/5")
    slug = workloads.loop(rig, "wide", [put], concurrency=8)
    job = rig.start(slug, items=list(range(items)))
    kills = 0
    for _ in range(rig.scale(12, 2)):
        arrived = len(rig.outside.effects())
        more = rig.chance.randint(items // 40, items // 16)
        done = lambda: len(rig.outside.effects()) >= arrived + more or not rig.unfinished()  # noqa: E731, B023
        rig.wait(done, within=120, what="items to be done")
        owner = Worker.objects.filter(jobs__pk=job.pk).first()
        if owner is None:
            continue
        os.kill(owner.pid, signal.SIGKILL)
        kills += 1
        wait_until_taken_over(rig, [owner], LEASE + 10)
    rig.finish(within=rig.scale(600, 60))
    rig.expect(len(clusters) == 2 and kills > 0, "No worker was killed inside the loop.")
    _judge_loop(rig, job, items, kills)


def _judge_loop(rig: Rig, job: Job, items: int, kills: int) -> None:
    job.refresh_from_db()
    rig.expect(job.status == JobStatus.COMPLETED, f"The job is {job.status}: {job.error_summary}")
    done = StepRun.objects.filter(job=job, type="http.request", status=StepStatus.COMPLETED).count()
    rig.expect(done == items, f"{done} of {items} items are recorded.")
    effects = rig.outside.effects()
    rig.measured |= {"items": items, "kills": kills, "in_flight_repeated": len(effects) - items}
    rig.expect(
        len(effects) - items <= kills * 8, f"{len(effects) - items} repeats at {kills} kills of 8 in flight."
    )


def poison(rig: Rig) -> None:
    """F10."""
    rig.cluster()
    slow = rig.workflow("slow", [workloads.request("hold", f"{rig.outside.url}/effect/600000", timeout="1h")])
    quick = workloads.quick(rig)
    count = rig.scale(200, 15)
    innocent = rig.start(slow)
    rig.wait(lambda: len(rig.outside.effects()) == 1, within=20, what="the step to start")
    usual = _p95(rig, [rig.start(quick) for _ in range(count)])
    cancel(rig, innocent)
    starts = len(rig.outside.effects())
    poisonous = rig.start(slow, priority=Priority.HIGH)
    others = []
    for death in range(1, 4):
        here = starts + death
        rig.wait(lambda: len(rig.outside.effects()) >= here, within=30, what="the step to start again")  # noqa: B023
        others += rig.start_many(quick, count // 3)
        worker = Worker.objects.get(jobs__pk=poisonous.pk)
        os.kill(worker.pid, signal.SIGKILL)
        rig.wait(lambda: not alive(worker.pid), within=5, what="the worker to die")  # noqa: B023
    beside = _p95(rig, others)
    rig.finish(within=60)
    poisonous.refresh_from_db()
    times = len(rig.outside.effects()) - starts
    rig.measured |= {"starts": times, "p95_usual_ms": usual, "p95_beside_ms": beside}
    rig.expect(times == 3, f"The step started {times} times.")
    rig.expect(
        (poisonous.status, poisonous.error_code) == (JobStatus.FAILED, "interrupted"),
        f"The job is {poisonous.status} ({poisonous.error_code}).",
    )
    rig.expect(
        rig.short or beside < 2 * usual + 100,  # fifteen jobs on a busy machine say nothing of speed
        f"The others' p95 was {beside} ms beside it, {usual} ms without.",
    )


def _p95(rig: Rig, jobs: list[Job]) -> float:
    """Milliseconds from creation to end that 95 % of `jobs` stay below."""
    rig.finish(within=60, among=jobs)
    done = Job.objects.filter(pk__in=[job.pk for job in jobs]).values_list("created_at", "finished_at")
    return round(quantiles([(end - start).total_seconds() * 1000 for start, end in done if end], n=20)[-1], 1)


# ---------------------------------------------------------------- parts that others use too
def pause(rig: Rig, least: float, most: float) -> None:
    """Let a random time pass."""
    end = monotonic() + rig.chance.uniform(least, most)
    rig.wait(lambda: monotonic() > end, within=most + 1, what="time to pass")


def wait_until_taken_over(rig: Rig, dead: list[Worker], within: float) -> float:
    """Wait until `dead` workers own nothing; the seconds it took."""
    return rig.wait(lambda: not rig.owned_by(dead), within=within, what="a takeover")


def cancel(rig: Rig, job: Job) -> None:
    """Cancel a job and wait for its end."""
    rig.cancel(job)
    rig.finish(within=20, among=[job])


def judge_interrupted(rig: Rig, count: int) -> None:
    """Of `count` jobs all completed, except where a step that must not be repeated was interrupted; those complete
    when a person resumes them."""
    status, codes = rig.by_status(), rig.failed_with()
    ended = status.get(JobStatus.COMPLETED, 0) + status.get(JobStatus.FAILED, 0)
    rig.expect(ended == count, f"{ended} of {count} jobs ended well or as interrupted: {status}")
    rig.expect(set(codes) <= {"interrupted"}, f"Jobs failed with {codes}.")
    posts = Counter(effect.key for effect in rig.outside.effects() if effect.method == "POST")
    twice = [key for key, times in posts.items() if times > 1]
    rig.expect(not twice, f"POST was repeated before anybody resumed: {twice[:3]}")
    rig.measured["interrupted"] = rig.resume_failed()
    rig.finish(within=60)
    rig.expect(
        rig.by_status() == {JobStatus.COMPLETED: count},
        f"After the resume: {rig.by_status()} {rig.failed_with()}",
    )
