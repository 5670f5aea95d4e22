"""`manage.py cluster` and `manage.py up` with real jobs."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from jobs.models import Job
from jobs.states import JobStatus
from tests.engine.lab import Lab, error_of, outputs
from tests.queue.processes import COMMAND, ROOT, SOON, Running, alive, children, until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def up(environment: dict[str, str], port: int) -> Iterator[Running]:
    running = Running(environment, "manage.py", "up", f"--port={port}")
    yield running
    running.kill()


def get(port: int, path: str) -> int:
    with httpx.Client(trust_env=False) as client:
        try:
            return client.get(f"http://127.0.0.1:{port}{path}").status_code
        except httpx.TransportError:
            return 0


def finished(job: Job) -> bool:
    job.refresh_from_db()
    return job.finished_at is not None


def test_a_cluster_runs_jobs_and_wakes_what_waits(environment: dict[str, str]) -> None:
    lab = Lab()
    lab.workflow(
        """
        inputs: [{key: n, type: integer}]
        steps:
          - {key: one, type: code, source: "inputs['x'] + 1", inputs: {x: "{{ inputs.n }}"}}
          - {key: nap, type: delay, duration: 2s}
          - {key: two, type: set, values: {x: "{{ steps.one.output * 2 }}"}}
        outputs: [{key: total, type: integer, value: steps.two.output.x}]
        """
    )
    running = Running(environment, "manage.py", "cluster", "--workers=2")
    try:
        jobs = [lab.start(n=number) for number in range(4)]
        for number, job in enumerate(jobs):
            until(partial(finished, job))
            assert error_of(job) is None
            assert (job.status, outputs(job)) == (JobStatus.COMPLETED, {"total": (number + 1) * 2})
    finally:
        running.kill()


def test_web_server_and_cluster_stop_together_in_order(up: Running, port: int) -> None:
    until(lambda: get(port, "/readyz") == 200)
    everybody = [up.parent.pid, *children(up.parent.pid)]
    up.parent.terminate()
    assert up.parent.wait(SOON) == 0
    until(lambda: not any(alive(pid) for pid in everybody))


def test_ctrl_c_in_the_terminal_stops_both(up: Running, port: int) -> None:
    until(lambda: get(port, "/healthz") == 200)
    os.killpg(up.parent.pid, signal.SIGINT)
    assert up.parent.wait(SOON) == 0


@pytest.mark.parametrize("which", [0, 1], ids=["cluster", "web server"])
def test_when_one_of_them_dies_the_other_is_stopped_and_the_exit_status_says_so(
    up: Running, port: int, which: int
) -> None:
    until(lambda: get(port, "/healthz") == 200)
    both = children(up.parent.pid)
    os.kill(both[which], signal.SIGKILL)
    assert up.parent.wait(SOON) == 1
    until(lambda: not any(alive(pid) for pid in both) and get(port, "/healthz") == 0)


def test_a_port_in_use_is_told_in_a_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "manage.py", "up", f"--port={port}"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=False,
            text=True,
        )
    assert ended.returncode == 1
    assert f"127.0.0.1:{port} cannot be used" in ended.stderr
    assert "choose another port with --port" in ended.stderr
