"""Each fault of `make faults`, with small numbers: something is broken on purpose, and the records still agree with
what happened outside. A failure shows the seed; `python -m benchmarks.faults --only ID --short --seed N` repeats it."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.faults.__main__ import run_one
from benchmarks.faults.catalogue import BY_ID, FAULTS, SQLITE
from benchmarks.faults.postgres import NoServerError
from benchmarks.faults.rig import Rig
from benchmarks.faults.runs import RUNS, run

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rig(child_environment: dict[str, str], tmp_path: Path) -> Iterator[Rig]:
    with Rig(
        folder=tmp_path, environment=child_environment, seed=secrets.randbelow(1 << 31), short=True
    ) as ready:
        yield ready


@pytest.mark.parametrize("fault", [fault.id for fault in FAULTS if not fault.own_server])
def test_the_records_agree_with_the_outside_after(fault: str, request: pytest.FixtureRequest) -> None:
    about = BY_ID[fault]
    if connection.vendor not in ((SQLITE,) if about.about_services else about.databases):
        pytest.skip(f"{fault} is not tested on {connection.vendor}")
    rig = request.getfixturevalue("rig")
    result = run(rig, fault)
    assert result["wrong"] == [], f"seed {rig.seed}, measured {rig.measured}"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no server to restart")
def test_jobs_go_on_after_the_database_server_was_restarted() -> None:
    seed = secrets.randbelow(1 << 31)
    try:
        result = run_one(BY_ID["F3"], "postgresql", seed=seed, short=True)
    except NoServerError as error:
        pytest.skip(str(error))
    assert result["wrong"] == [], f"seed {seed}, measured {result['measured']}"


def test_every_fault_of_the_catalogue_can_be_run() -> None:
    assert RUNS.keys() == BY_ID.keys()
