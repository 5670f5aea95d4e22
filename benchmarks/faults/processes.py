"""Processes that are there to be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.scratch import ROOT
from jobs.queue.child import die_with

_ELSEWHERE = (
    "import socket, sys; name = sys.argv.pop(1); socket.gethostname = lambda: name;"
    "from django.core.management import execute_from_command_line;"
    "execute_from_command_line(['manage.py', 'cluster', *sys.argv[1:]])"
)
"""A cluster that says it is another machine: nobody here can then prove its workers dead or alive."""


def spawn(command: list[str], **options: Any) -> "subprocess.Popen[str]":
    """Start Python with `command` at the project's root; it is killed when the calling thread ends or dies."""
    parent = os.getpid()
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *command],
        cwd=ROOT,
        text=True,
        preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 - it makes two system calls and takes no lock
        **options,
    )


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """The children of a process, whichever of its threads made them; none if it is gone."""
    found: list[int] = []
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(child) for child in told.read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    """Everything below a process."""
    below = children(pid)
    return [*below, *(deeper for child in below for deeper in descendants(child))]


def peak_rss(pid: int) -> int:
    """The most memory that a process ever had in hand, in bytes; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)


class Cluster:
    """A real `manage.py cluster` in a process group of its own; it writes its log to `log`."""

    def __init__(
        self, environment: Mapping[str, str], *, workers: int, log: Path, elsewhere: str = ""
    ) -> None:
        self.size = workers
        self.log = log
        start = ["-c", _ELSEWHERE, elsewhere] if elsewhere else ["manage.py", "cluster"]
        with log.open("ab") as output:
            self.process = spawn(
                [*start, "--workers", str(workers)],
                env=dict(environment),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def everybody(self) -> list[int]:
        """The parent, the sentinel, the workers, the pusher, the sweep, and what they started."""
        return [self.pid, *descendants(self.pid)]

    def owns(self, pid: int) -> bool:
        """Whether a process belongs to it."""
        return pid in self.everybody()

    def stop(self, within: float) -> int:
        """SIGTERM; the exit status. Raises `subprocess.TimeoutExpired`."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def kill(self) -> None:
        """SIGKILL to everything, stopped or not."""
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()
