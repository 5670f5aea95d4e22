"""The database goes away, answers too late to be heard, or is kept busy."""

import threading
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

from django.db import Error, connection

from benchmarks.faults import workloads
from benchmarks.faults.cutter import Cutter
from benchmarks.faults.kills import judge_interrupted, pause
from benchmarks.faults.postgres import Server
from benchmarks.faults.rig import Rig
from common.clock import monotonic
from jobs import services

AGAIN_SECONDS = 60.0
DEFAULT_LEASE = "30"
"""Seconds: longer than a restart takes, as in an installation."""


def restarts(rig: Rig, server: Server) -> None:
    """F3."""
    clusters = rig.start_clusters(2, WORKER_LEASE_SECONDS=DEFAULT_LEASE)
    slug = workloads.mixed(rig)
    rig.start_many(slug, rig.scale(600, 40))
    before = {worker.pid for worker in rig.workers(*clusters)}
    took = []
    for number in range(rig.scale(10, 1)):
        pause(rig, 0.5, 1.5)
        connection.close()
        done = len(rig.outside.effects())
        server.stop("immediate" if number % 2 else "fast")
        pause(rig, 0.1, rig.scale(5, 1))
        server.start()
        start = monotonic()
        moves = lambda: len(rig.outside.effects()) > done + 8 or not rig.unfinished()  # noqa: E731, B023
        rig.wait(moves, within=AGAIN_SECONDS, what="jobs to go on")
        took.append(monotonic() - start)
    rig.finish(within=rig.scale(300, 60))
    rig.measured |= {"restarts": len(took), "going_on_s": round(max(took), 2)}
    after = {worker.pid for worker in rig.workers(*clusters)}
    rig.expect(before == after, f"Workers {before - after} died of a restart.")
    judge_interrupted(rig, len(rig.started))


def cuts(rig: Rig) -> None:
    """F4."""
    url = urlsplit(rig.environment["DATABASE_URL"])
    wanted = rig.scale(200, 15)
    cutter = Cutter(
        server=(url.hostname or "127.0.0.1", url.port or 5432), chance=rig.chance, probability=0.05
    )
    cutter.start()
    user, at, _ = url.netloc.rpartition("@")
    through = urlunsplit(url._replace(netloc=f"{user}{at}127.0.0.1:{cutter.port}"))
    clusters = rig.start_clusters(2, DATABASE_URL=through)
    before = {worker.pid for worker in rig.workers(*clusters)}
    slug = workloads.mixed(rig, milliseconds=15)
    cutter.cuts = wanted
    while cutter.cuts:
        rig.start_many(slug, rig.scale(50, 20))
        rig.finish(within=rig.scale(120, 30))
    rig.finish(within=rig.scale(120, 30))
    rig.measured |= {"cuts": sum(cutter.how.values()), "jobs": len(rig.started), **cutter.how}
    after = {worker.pid for worker in rig.workers(*clusters)}
    rig.expect(before == after, f"Workers {before - after} died of a cut.")
    repeated = {key: times for key, times in rig.outside.times().items() if times > 1}
    rig.measured["repeated"] = len(repeated)
    judge_interrupted(rig, len(rig.started))


def busy_writers(rig: Rig) -> None:
    """F21."""
    rig.cluster()
    slug = workloads.quick(rig)
    end = monotonic() + rig.scale(60, 2)
    errors: list[str] = []
    slowest: list[float] = []
    started: list[int] = []

    def write() -> None:
        longest = 0.0
        try:
            while monotonic() < end:
                begin = monotonic()
                job = services.start_job(actor=rig.actor, workflow=slug, inputs={}).job
                longest = max(longest, monotonic() - begin)
                started.append(job.pk)
        except Error as error:
            errors.append(str(error))
        finally:
            slowest.append(longest)
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    rig.started += started
    rig.measured |= {"written": len(started), "slowest_s": round(max(slowest), 2)}
    rig.expect(not errors, f"{len(errors)} of 8 writers saw an error: {Counter(errors).most_common(2)}")
    rig.finish(within=rig.scale(600, 60))
    rig.expect(rig.by_status() == {"completed": len(started)}, f"{rig.by_status()} {rig.failed_with()}")
