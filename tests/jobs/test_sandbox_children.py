"""The sandbox's processes: killed, cancelled, shared, closed, forked."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from common.errors import StepError
from jobs.engine.sandbox import Sandbox
from tests.jobs.sandbox_calls import NOW, evaluate, run


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox()
    yield box
    box.close()


def test_a_killed_child_is_an_error_of_its_call_only(sandbox: Sandbox) -> None:
    run(sandbox, "1")
    errors: list[StepError] = []

    def endless() -> None:
        try:
            run(sandbox, "while True:\n    pass", seconds=30)
        except StepError as error:
            errors.append(error)

    thread = threading.Thread(target=endless)
    thread.start()
    deadline = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < deadline:
        for child in children(busy=True):
            os.kill(child, signal.SIGKILL)
        thread.join(0.05)
    assert [error.code for error in errors] == ["interrupted"]
    assert errors[0].retryable
    assert run(sandbox, "1 + 1").value == 2


def test_a_child_killed_while_idle_is_not_noticed(sandbox: Sandbox) -> None:
    run(sandbox, "1")
    for child in children():
        os.kill(child, signal.SIGKILL)
    for _ in range(2):  # the pool finds out now, or when it uses the child
        with contextlib.suppress(StepError):
            run(sandbox, "1")
    assert run(sandbox, "2").value == 2


def test_a_cancelled_call_ends_at_once(sandbox: Sandbox) -> None:
    cancel = threading.Event()
    timer = threading.Timer(0.1, cancel.set)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(StepError) as caught:
        sandbox.run_code("while True:\n    pass", {}, seconds=60, now=NOW, seed="s", cancel=cancel)
    assert caught.value.code == "cancelled"
    assert time.monotonic() - begun < 20
    assert run(sandbox, "1").value == 1


def test_a_call_that_waits_for_a_child_can_be_cancelled() -> None:
    box = Sandbox(children=1)
    cancel = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(
            box.run_code, "while True:\n    pass", {}, seconds=60, now=NOW, seed="s", cancel=cancel
        )
        second = threads.submit(
            box.run_code, "while True:\n    pass", {}, seconds=60, now=NOW, seed="s", cancel=cancel
        )
        assert evaluate(box, "1 + 1") == 2  # expressions do not wait for code
        cancel.set()
        for call in (first, second):
            error = call.exception(timeout=20)
            assert isinstance(error, StepError)
            assert error.code == "cancelled"
    box.close()


def test_threads_share_the_children(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(
            threads.map(lambda n: run(sandbox, "inputs['n'] * 2", seconds=20, n=n).value, range(200))
        )
    assert found == [n * 2 for n in range(200)]


def test_a_closed_sandbox_starts_again() -> None:
    box = Sandbox()
    assert run(box, "1").value == 1
    box.close()
    box.close()
    assert run(box, "2").value == 2
    box.close()


def test_a_forked_process_refuses_instead_of_waiting_for_ever(sandbox: Sandbox) -> None:
    run(sandbox, "1")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            run(sandbox, "1")
        except RuntimeError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert b"before this process was forked" in os.read(reading, 1000)
    os.close(reading)
    assert run(sandbox, "3").value == 3


def children(*, busy: bool = False) -> list[int]:
    """The sandbox's child processes of this process; with `busy` those that have used the processor for a while."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            ours = fields[1] == str(os.getpid()) and "monty" in (folder / "cmdline").read_text()
            if ours and (not busy or int(fields[11]) > 10):
                found.append(int(folder.name))
    return found
