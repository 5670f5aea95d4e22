"""Who a worker process is, so that another process of the same host can tell whether it still runs."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from jobs.models import Worker

PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A process, named so that no later process is mistaken for it. Where /proc is missing `boot_id`, `pid_ns` and
    `pid_start` are empty, and nothing can be proved about the process: its lease alone decides."""

    host: str
    boot_id: str
    pid_ns: str
    pid: int
    pid_start: str
    """Ticks from the boot to the start of the process; a reused pid has another."""


def own_identity() -> Identity:
    """The calling process."""
    pid = os.getpid()
    return Identity(
        host=socket.gethostname()[:200],
        boot_id=_text(PROC / "sys/kernel/random/boot_id"),
        pid_ns=_link(PROC / "self/ns/pid"),
        pid=pid,
        pid_start=_start(pid) or "",
    )


def is_provably_dead(worker: Worker, here: Identity) -> bool:
    """Whether `worker` was a process of this very host, boot and pid namespace and no longer runs."""
    return _is_near(worker, here) and not _runs(worker.pid, worker.pid_start)


def is_provably_alive(worker: Worker, here: Identity) -> bool:
    """Whether `worker` is a process of this very host, boot and pid namespace that runs."""
    return _is_near(worker, here) and _start(worker.pid) == worker.pid_start


def host_rebooted(worker: Worker, here: Identity) -> bool:
    """Whether `worker` ran on this host before its last boot."""
    return bool(here.boot_id) and worker.host == here.host and worker.boot_id not in ("", here.boot_id)


def _is_near(worker: Worker, here: Identity) -> bool:
    theirs = (worker.host, worker.boot_id, worker.pid_ns)
    return theirs == (here.host, here.boot_id, here.pid_ns) and all((*theirs, worker.pid_start))


def _runs(pid: int, start: str) -> bool:
    found = _start(pid)
    if found is not None:
        return found == start
    return _is_hidden(pid)


def _is_hidden(pid: int) -> bool:
    """Whether a process has this pid although /proc does not show it (hidepid). A zombie does not count."""
    if (PROC / str(pid)).exists():
        return False  # it is there to see, and `_start` found it dead
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _start(pid: int) -> str | None:
    """When a running process started; None for a pid that is free or belongs to a zombie."""
    text = _text(PROC / str(pid) / "stat")
    if not text:
        return None
    fields = text.rpartition(")")[2].split()  # the name before may hold blanks and brackets
    return None if fields[0] in "ZX" else fields[19]


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
