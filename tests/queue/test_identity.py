import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from jobs.engine.identity import (
    Identity,
    host_rebooted,
    is_provably_alive,
    is_provably_dead,
    own_identity,
)
from jobs.models import Worker

HERE = own_identity()


def worker(**changes: object) -> Worker:
    return Worker(**asdict(replace(HERE, **changes)))  # type: ignore[arg-type]


def test_a_running_process_is_provably_alive_and_not_dead() -> None:
    assert is_provably_alive(worker(), HERE)
    assert not is_provably_dead(worker(), HERE)


def test_a_pid_that_another_process_has_by_now_is_provably_dead() -> None:
    assert is_provably_dead(worker(pid_start="1"), HERE)
    assert not is_provably_alive(worker(pid_start="1"), HERE)


def test_a_killed_process_is_dead_before_its_parent_has_reaped_it() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start = own_identity_of(child.pid)
    row = worker(pid=child.pid, pid_start=start)
    assert is_provably_alive(row, HERE)
    child.kill()
    while not is_provably_dead(row, HERE):
        pass  # the kernel ends it in its own time; nobody waits for it before
    assert not is_provably_alive(row, HERE)
    child.wait()
    assert is_provably_dead(row, HERE)


@pytest.mark.parametrize("changes", [{"host": "other"}, {"boot_id": "other"}, {"pid_ns": "pid:[1]"}])
def test_nothing_is_proved_about_a_process_of_elsewhere(changes: dict[str, str]) -> None:
    row = worker(pid_start="1", **changes)
    assert not is_provably_dead(row, HERE)
    assert not is_provably_alive(row, HERE)


def test_nothing_is_proved_where_proc_is_missing() -> None:
    bare = Identity(host=HERE.host, boot_id="", pid_ns="", pid=HERE.pid, pid_start="")
    row = Worker(**asdict(bare))
    assert not is_provably_dead(row, bare)
    assert not is_provably_alive(row, bare)


def test_a_reboot_is_seen_by_the_boot_id_of_the_same_host() -> None:
    assert host_rebooted(worker(boot_id="before"), HERE)
    assert not host_rebooted(worker(), HERE)
    assert not host_rebooted(worker(host="other", boot_id="before"), HERE)
    assert not host_rebooted(worker(boot_id=""), HERE)


def own_identity_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
