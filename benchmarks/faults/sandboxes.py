"""The sandbox's processes are killed, and hang."""

import os
import signal

from benchmarks.faults import workloads
from benchmarks.faults.processes import Cluster, children
from benchmarks.faults.rig import Rig
from jobs.models import Job
from jobs.states import JobStatus

CODE_SECONDS = 3


def killed_and_hung(rig: Rig) -> None:
    """F24: one worker, so that the next step is one of the same."""
    cluster = rig.cluster(workers=1)
    worker = rig.workers(cluster)[0].pid
    spin = rig.workflow("spin", [workloads.code("spin", "while True: pass", timeout=f"{CODE_SECONDS}s")])
    fine = rig.workflow("fine", [workloads.code("sums")])
    error, again = [], []
    for _ in range(rig.scale(20, 2)):
        took, job = _break(rig, worker, spin, signal.SIGKILL)
        rig.expect(job.error_code == "interrupted", f"A killed sandbox: {job.status} {job.error_code}.")
        error.append(took)
        again.append(_works(rig, cluster, fine))
    rig.measured |= {"killed": len(error), "error_s": round(max(error), 2), "next_s": round(max(again), 2)}
    rig.expect(rig.in_time(max(error), 2), f"The error came {max(error):.1f} s after the kill.")
    hung, again = [], []
    for _ in range(rig.scale(3, 1)):
        took, job = _break(rig, worker, spin, signal.SIGSTOP)
        rig.expect(job.error_code == "timeout", f"A hung sandbox: {job.status} {job.error_code}.")
        hung.append(took)
        again.append(_works(rig, cluster, fine))
    rig.measured |= {"hung": len(hung), "timeout_s": round(max(hung), 2), "then_next_s": round(max(again), 2)}
    rig.expect(
        rig.in_time(max(hung) - CODE_SECONDS, 8), f"A hung sandbox was given up after {max(hung):.1f} s."
    )
    rig.expect([each.pid for each in rig.workers()] == [worker], "The worker died.")


def _break(rig: Rig, worker: int, slug: str, how: signal.Signals) -> tuple[float, Job]:
    """Start code that never ends and send `how` to the process that runs it; the seconds until the job's end."""
    job = rig.start(slug)
    shown = job.step_runs.filter(key="spin")
    rig.wait(shown.exists, within=20, what="the code to run")
    for pid in children(worker):
        os.kill(pid, how)
    took = rig.finish(within=60, among=[job])
    job.refresh_from_db()
    return took, job


def _works(rig: Rig, cluster: Cluster, slug: str) -> float:
    """Code of the next job runs; the seconds that it took."""
    job = rig.start(slug)
    took = rig.finish(within=30, among=[job])
    job.refresh_from_db()
    rig.expect(
        job.status == JobStatus.COMPLETED,
        f"The next job is {job.status} ({job.error_code}) in {cluster.pid}.",
    )
    return took
