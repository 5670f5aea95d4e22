"""Random workflows end alike whether or not workers die on the way, and keep every invariant whatever happens.

`ENGINE_FUZZ=500` tries that many, chosen at random, instead of the few that are always the same.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from jobs import transitions
from jobs.models import Job
from tests.engine.disturbances import Disturbance, World, run_to_the_end, watching
from tests.engine.invariants import check_ended, interrupted, outcome
from tests.engine.lab import Lab
from tests.engine.random_definitions import Flow, flows
from workflows.selectors import forget_versions

EXAMPLES = int(os.environ.get("ENGINE_FUZZ", "0"))
LONGEST = 60

DIE = st.sampled_from([Disturbance.DIE_BEFORE, Disturbance.DIE_AFTER])
COMMIT = st.integers(1, 24)
ANY = st.dictionaries(COMMIT, st.sampled_from(Disturbance), max_size=2)
INTERRUPTIONS = st.dictionaries(COMMIT, st.one_of(DIE, st.just(Disturbance.STOP)), min_size=1, max_size=2)


def bounded(few: int) -> Any:
    """`few` examples, always the same; or as many as `ENGINE_FUZZ` says."""
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if "ENGINE_SHRINK" in os.environ else [])],
    )


@contextmanager
def a_world(lab: Lab, monkeypatch: pytest.MonkeyPatch, flow: Flow) -> Iterator[World]:
    """The workflow active in a world of its own; all of it is taken back. A job that hangs is an error."""

    def hangs(*_: object) -> None:
        raise AssertionError(f"The job did not end within {LONGEST} seconds.")

    note(yaml.safe_dump({"flow": flow.definition["steps"], "sub": flow.sub["steps"]}, sort_keys=False))
    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(LONGEST)
    try:
        with transaction.atomic(), watching(monkeypatch, lab) as world:
            forget_versions()
            lab.workflow(yaml.safe_dump(flow.sub), slug="sub")
            lab.workflow(yaml.safe_dump(flow.definition))
            yield world
            transaction.set_rollback(True)
    finally:
        signal.alarm(0)


def assert_alike(job: Job, expected: Job) -> None:
    """Both ended in the same way, step by step, with the same values."""
    found, wanted = outcome(job), outcome(expected)
    for name in {**found, **wanted}:
        assert found.get(name) == wanted.get(name), name


def _run(lab: Lab, world: World, flow: Flow, plan: dict[int, Disturbance]) -> Job:
    note(str(plan))
    job = lab.start()
    run_to_the_end(lab, job, plan)
    check_ended(job, world, flow.kept)
    return job


def _resume(lab: Lab, world: World, flow: Flow, job: Job, plan: dict[int, Disturbance]) -> None:
    note(str(plan))
    assert transitions.resume(job.pk, actor="test")
    run_to_the_end(lab, job, plan)
    check_ended(job, world, flow.kept)


@given(flow=flows(), plan=INTERRUPTIONS)
@bounded(10)
def test_interrupted_jobs_end_like_undisturbed_ones(lab, monkeypatch, flow, plan):
    with a_world(lab, monkeypatch, flow) as world:
        undisturbed = _run(lab, world, flow, {})
        disturbed = _run(lab, world, flow, plan)
        if not flow.racy and not interrupted(disturbed):
            assert_alike(disturbed, undisturbed)


@given(flow=flows(), commit=COMMIT, plan=ANY)
@bounded(8)
def test_cancelled_jobs_start_nothing_more_and_leave_nothing_open(lab, monkeypatch, flow, commit, plan):
    with a_world(lab, monkeypatch, flow) as world:
        _run(lab, world, flow, {**plan, commit: Disturbance.CANCEL})


@given(flow=flows(), plan=ANY, later=ANY)
@bounded(8)
def test_failed_jobs_end_as_if_nothing_had_failed_once_they_are_resumed(lab, monkeypatch, flow, plan, later):
    with a_world(lab, monkeypatch, flow) as world:
        undisturbed = _run(lab, world, flow, {})
        world.healthy = False
        job = _run(lab, world, flow, plan)
        world.healthy = True
        if job.status != "failed":
            return
        _resume(lab, world, flow, job, later)
        cancels = Disturbance.CANCEL in (*plan.values(), *later.values())
        if not (flow.racy or flow.tolerant or cancels or interrupted(job)):
            assert_alike(job, undisturbed)
        if job.status == "failed":
            _resume(lab, world, flow, job, {})
