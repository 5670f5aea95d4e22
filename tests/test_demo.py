"""The demonstration: what `make run` and `make demo` do."""

import io
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.demo.progress import Progress
from jobs.demo.samples import EXPENSE_REPORT, MONTH_CLOSE, WORKFLOWS, definition_text, path_of
from jobs.demo.server import ServerError, running
from jobs.demo.workspace import SLUG, USER, set_up_demo, short_lived_token
from workflows.models import Workflow
from workspaces.models import Role, Token, User

ROOT = Path(__file__).parent.parent


def _step(path: str, status: str, **more: object) -> dict[str, object]:
    return {
        "path": path,
        "status": status,
        "name": "",
        "error": None,
        "started_at": None,
        "finished_at": None,
        **more,
    }


def _job(status: str) -> dict[str, object]:
    return {"status": status, "progress": {"done": 1, "total": 3}}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_samples_name_workflows_and_files_that_are_shipped() -> None:
    for sample in (EXPENSE_REPORT, MONTH_CLOSE):
        assert sample.workflow in WORKFLOWS
        assert all(path_of(name).is_file() for name in sample.files.values())
    assert all(f"slug: {slug}\n" in definition_text(slug) for slug in WORKFLOWS)


def test_progress_writes_one_line_for_each_ended_step_and_none_twice() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.show(_job("in_progress"), [_step("rows", "completed"), _step("check", "in_progress")])
    progress.show(_job("completed"), [_step("rows", "completed"), _step("check", "completed")])
    assert [line.split()[1] for line in out.getvalue().splitlines()] == ["rows", "check"]


def test_progress_writes_a_loop_after_its_items() -> None:
    out = io.StringIO()
    ended = ["rows", "check", "check[0]", "check[1]", "total"]
    Progress(out).show(_job("completed"), [_step(path, "completed") for path in ended])
    assert [line.split()[1] for line in out.getvalue().splitlines()] == [
        "rows", "check[0]", "check[1]", "check", "total",
    ]  # fmt: skip


def test_progress_says_how_long_a_step_took_and_why_it_failed() -> None:
    out = io.StringIO()
    times = {"started_at": "2026-11-01T10:00:00.000000Z", "finished_at": "2026-11-01T10:00:01.500000Z"}
    failed = _step(
        "pay", "failed", name="Pay", error={"code": "timeout", "message": "no answer in 60 s"}, **times
    )
    Progress(out).show(_job("failed"), [failed])
    assert re.search(r"pay +Pay +1\.500 s +no answer in 60 s", out.getvalue())


def test_progress_lists_items_but_not_what_is_inside_them() -> None:
    out = io.StringIO()
    inside = [_step("check[0].verdict", "completed"), _step("check[0].verdict/policy", "completed")]
    Progress(out).show(_job("completed"), [_step("check[0]", "completed"), *inside])
    assert [line.split()[1] for line in out.getvalue().splitlines()] == ["check[0]"]


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_a_port_that_is_none_is_told(tmp_path: Path, port: int) -> None:
    with (
        pytest.raises(ServerError, match="expected a number from 1 to 65535"),
        running(base_dir=tmp_path, port=port, log=tmp_path / "log", stop_within=1),
    ):
        pass


def test_progress_moves_a_last_line_on_a_terminal_only() -> None:
    plain, terminal = io.StringIO(), _Terminal()
    for out in (plain, terminal):
        Progress(out).show(_job("in_progress"), [_step("check", "in_progress")])
    assert plain.getvalue() == ""
    assert "1 of 3 check" in terminal.getvalue()


@pytest.mark.django_db
def test_setting_up_makes_user_workspace_and_active_workflows_and_tells_the_password_once() -> None:
    first, second = set_up_demo(), set_up_demo()
    user = User.objects.get(username=USER)
    assert first.password is not None
    assert user.check_password(first.password)
    assert user.memberships.get(workspace__slug=SLUG).role == Role.ADMIN
    assert first.imported == WORKFLOWS
    assert Workflow.objects.exclude(active_version=None).count() == len(WORKFLOWS)
    assert (second.password, second.imported) == (None, ())
    assert any("changepassword" in sentence for sentence in second.sentences())


@pytest.mark.django_db
def test_the_token_of_the_sample_job_is_revoked_afterwards() -> None:
    with short_lived_token(set_up_demo()):
        assert Token.objects.get().revoked_at is None
    assert Token.objects.get().revoked_at is not None


@pytest.mark.processes
def test_the_demo_runs_the_sample_job_to_its_end_twice(child_environment: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(ROOT / "manage.py"), "demo"]
    environment = {**child_environment, "PORT": str(port)}
    runs = [
        subprocess.run(
            command, check=False, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240
        )
        for _ in range(2)
    ]
    for run in runs:
        assert run.returncode == 0, run.stdout + run.stderr
        assert "claimed: 2711.45" in run.stdout
        assert re.search(r"^ +. summary ", run.stdout, re.M)
    assert "password" in runs[0].stdout
    assert "exists" in runs[1].stdout
