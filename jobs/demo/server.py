"""Web server and cluster as one child process, for as long as the demonstration lasts."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from common.clock import monotonic
from jobs.queue.child import die_with

READY_WITHIN = 90.0
"""Seconds until web server and a worker must answer."""
_POLL = 0.1


class ServerError(Exception):
    """The server ended or did not answer in time. The message says what to do."""


@contextmanager
def running(*, base_dir: Path, port: int, log: Path, stop_within: float) -> Iterator[subprocess.Popen[bytes]]:
    """Start `manage.py up` on `port`, wait until it is ready, and stop it at the end, in at most `stop_within` seconds.

    It gets a process group of its own, so that Ctrl-C reaches it once, as our SIGTERM, and not also from the
    terminal. When we are killed, so is it. Raises `ServerError`.
    """
    _refuse_taken(port)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own command, no outside text in it
            [sys.executable, str(base_dir / "manage.py"), "up"],
            cwd=base_dir,
            env={**os.environ, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509 - this process has no threads
        )
        try:
            _wait_until_ready(process, port=port, log=log)
            yield process
        finally:
            _stop(process, within=stop_within)


def _refuse_taken(port: int) -> None:
    if not 0 < port < 65536:
        raise ServerError(f"PORT is {port}; expected a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServerError(
                f"Port {port} is in use, perhaps by a Workledger that runs already. "
                "Stop that one, or set PORT in the environment or in .env."
            ) from error


def _wait_until_ready(process: subprocess.Popen[bytes], *, port: int, log: Path) -> None:
    deadline = monotonic() + READY_WITHIN
    with httpx.Client(trust_env=False, timeout=5) as http:
        while monotonic() < deadline:
            if process.poll() is not None:
                raise ServerError(f"The server ended with code {process.returncode}. {_last_lines(log)}")
            try:
                if http.get(f"http://127.0.0.1:{port}/readyz").is_success:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            time.sleep(_POLL)
    raise ServerError(f"The server was not ready within {READY_WITHIN:.0f} seconds. {_last_lines(log)}")


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-15:]
    return f"The end of {log}:\n" + "\n".join(lines)


def _stop(process: subprocess.Popen[bytes], *, within: float) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
