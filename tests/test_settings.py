"""Settings that are wrong: each is told by its name, in a sentence, before anything starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from config.environment import Environment

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("kind", "name", "value", "says"),
    [
        ("int", "PORT", "abc", "PORT is 'abc'; expected a whole number"),
        ("int", "Q_WORKERS", "1.5", "Q_WORKERS is '1.5'"),
        ("bool", "DEBUG", "maybe", "DEBUG is 'maybe'; expected true or false"),
        ("db_url", "DATABASE_URL", "nonsense", "DATABASE_URL names no database"),
        ("db_url", "DATABASE_URL", "mysql://u:hunter2@h/x", "expected sqlite:"),
        ("db_url", "DATABASE_URL", "postgres://u:hunter2@h:port/x", "expected sqlite:"),
    ],
)
def test_a_wrong_value_is_told_with_its_name(monkeypatch, kind, name, value, says):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=says) as refused:
        getattr(Environment(), kind)(name)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(("value", "means"), [("true", True), ("1", True), ("false", False), ("Off", False)])
def test_a_switch_is_on_or_off(monkeypatch, value, means):
    monkeypatch.setenv("DEBUG", value)
    assert Environment().bool("DEBUG") is means
    monkeypatch.delenv("DEBUG")
    assert Environment().bool("DEBUG", default=True) is True


@pytest.mark.parametrize("change", [{"STORAGE_URL": "ftp://x/y"}, {"CREDENTIAL_KEYS": ["abc"]}])
def test_what_a_job_would_fail_at_is_told_at_the_start(change):
    with override_settings(**change):
        assert [next(iter(change)) in each.msg for each in run_checks()] == [True]


@pytest.mark.processes
def test_a_command_says_it_in_one_line():
    environment = {**os.environ, "PORT": "abc"}
    command = [sys.executable, "-W", "ignore", "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Workledger is not configured rightly: PORT is 'abc'; expected a whole number.\n"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("sqlite:///{folder}/new.sqlite3", "Run: python manage.py migrate"),
        ("postgres://nobody@127.0.0.1:1/none", "The database cannot be opened: "),
    ],
)
def test_a_command_says_what_the_database_lacks(tmp_path, database, said):
    environment = {**os.environ, "DATABASE_URL": database.format(folder=tmp_path)}
    command = [sys.executable, "-W", "ignore", "manage.py", "create_workspace", "--slug=a", "--name=A", "--admin=ada"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
