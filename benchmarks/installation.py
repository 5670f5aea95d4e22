"""An installation as people run it: migrated, with a workspace and a token, served by `manage.py up`."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.api import Api, ApiError
from benchmarks.scratch import ROOT, Scratch
from jobs.queue.child import die_with

READY_WITHIN = 90.0
STOP_WITHIN = 40.0
USER, WORKSPACE = "bench", "bench"


@dataclass(kw_only=True)
class Installation:
    """It runs while `installation` lasts. `processes` are the roots of its process trees."""

    place: Scratch
    port: int
    token: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def api(self) -> Api:
        """A connection of its own to the API; close it."""
        return Api(port=self.port, token=self.token)

    def pids(self) -> list[int]:
        """All of its processes."""
        return [pid for root in self.processes for pid in (root.pid, *descendants(root.pid))]

    def web_pids(self) -> list[int]:
        """Those of the web server: the part of `manage.py up` in which there is no worker."""
        workers = {pid for (pid,) in self.place.query("SELECT pid FROM jobs_worker WHERE gone_at IS NULL")}
        parts = [[pid, *descendants(pid)] for pid in _children(self.processes[0].pid)]
        [web] = [part for part in parts if not workers.intersection(part)]
        return web

    def cpu_seconds(self, pids: Iterable[int] | None = None) -> float:
        """Processor time that its processes, or `pids` among them, and what they waited for, have used so far."""
        return sum(_cpu(pid) for pid in (self.pids() if pids is None else pids))


@contextmanager
def installation(place: Scratch, *, workers: int = 2, clusters: int = 1) -> Iterator[Installation]:
    """`manage.py up` with `workers`, and beside it further clusters until there are `clusters`."""
    migrate(place)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Installation(place=place, port=port, token=_token(place))
    with ExitStack() as stack:
        for number in range(clusters):
            command = "up" if number == 0 else "cluster"
            found.processes.append(stack.enter_context(_running(place, command, workers, port)))
        _wait_until_ready(found, workers * clusters)
        yield found


def migrate(place: Scratch) -> None:
    """Make the tables."""
    _manage(place, "migrate", "--verbosity", "0")


def descendants(pid: int) -> list[int]:
    """Everything below a process; nothing if it is gone."""
    below = _children(pid)
    return [*below, *(deeper for child in below for deeper in descendants(child))]


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _token(place: Scratch) -> str:
    _manage(place, "createsuperuser", "--noinput", "--username", USER, "--email", "bench@example.com")
    _manage(place, "create_workspace", "--slug", WORKSPACE, "--name", "Bench", "--admin", USER)
    made = ("--user", USER, "--workspace", WORKSPACE, "--role", "admin", "--name", "bench")
    return _manage(place, "create_token", *made).strip().splitlines()[-1]


def _manage(place: Scratch, *words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=place.environment(DJANGO_SUPERUSER_PASSWORD=os.urandom(8).hex()),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"manage.py {words[0]} failed: {ran.stderr[-2000:]}")
    return ran.stdout


@contextmanager
def _running(place: Scratch, command: str, workers: int, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with (place.folder / f"{command}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", command, "--workers", str(workers)],
            cwd=ROOT,
            env=place.environment(PORT=str(port)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509 - no thread runs at that time
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_until_ready(found: Installation, workers: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        dead = [process for process in found.processes if process.poll() is not None]
        if dead:
            break
        try:
            with found.api() as api:
                api.get("/readyz")
            [(count,)] = found.place.query("SELECT count(*) FROM jobs_worker WHERE gone_at IS NULL")
            if count >= workers:
                return
        except (OSError, ApiError):
            pass
        time.sleep(0.1)
    logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in found.place.folder.glob("*.log"))
    raise RuntimeError(f"The installation was not ready in time. Its logs end with:\n{logs}")


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
