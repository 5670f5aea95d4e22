"""Processes of a cluster, as tests see them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from common.clock import monotonic
from jobs.models import Worker

SOON = 10.0
COMMAND = [sys.executable, "-W", "ignore"]
ROOT = Path(__file__).parents[2]


def until(happened: Callable[[], bool], within: float = SOON) -> float:
    """Poll until `happened`; the seconds it took."""
    start = monotonic()
    while not happened():
        assert monotonic() - start < within, "it did not happen in time"
        time.sleep(0.01)
    return monotonic() - start


def children(pid: int) -> list[int]:
    """The children of a process, oldest first."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Running:
    """The cluster's processes: the parent, and below it the sentinel with two workers, the pusher and the sweep."""

    def __init__(self, environment: dict[str, str], *command: str) -> None:
        self.parent = subprocess.Popen(
            [*COMMAND, *command], cwd=ROOT, env=environment, start_new_session=True
        )
        try:
            until(lambda: len(self.workers()) == 2 or self.parent.poll() is not None, within=30)
            assert self.parent.poll() is None, "it ended at once"
        except BaseException:
            self.kill()
            raise

    @property
    def sentinel(self) -> int:
        return children(self.parent.pid)[0]

    @property
    def sweeper(self) -> int:
        return children(self.sentinel)[-1]

    def workers(self) -> list[int]:
        rows = Worker.objects.filter(gone_at=None, cluster="default")  # not a worker that a test plays itself
        return [pid for pid in rows.values_list("pid", flat=True) if alive(pid)]

    def everybody(self) -> list[int]:
        return [self.parent.pid, self.sentinel, *children(self.sentinel)]

    def kill(self) -> None:
        """End what still runs, for good."""
        if self.parent.poll() is None:
            os.killpg(self.parent.pid, signal.SIGKILL)
            self.parent.wait()
