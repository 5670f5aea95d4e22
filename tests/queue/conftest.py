"""Jobs to claim: rows of a workflow whose steps nobody walks here."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from common.clock import now
from jobs.engine.identity import own_identity
from jobs.models import Job, Worker
from tests.factories import make_workspace
from tests.queue.processes import ROOT
from workflows.models import Workflow, WorkflowVersion

MakeJob = Callable[..., Job]
MakeWorker = Callable[..., Worker]


@pytest.fixture
def make_job(db: None) -> MakeJob:
    """Makes jobs of one version, queued and due unless told otherwise."""
    workspace = make_workspace()
    workflow = Workflow.objects.create(
        workspace=workspace, slug="w", name="W", draft="{}", created_at=now(), updated_at=now()
    )
    version = WorkflowVersion.objects.create(
        workflow=workflow, number=1, definition="{}", manifest="{}", digest="", needs=0, created_at=now()
    )

    def make(**fields: Any) -> Job:
        moment = now() - timedelta(seconds=1)
        given = {"run_at": moment, "claim_at": moment, "created_at": moment, **fields}
        return Job.objects.create(workspace=workspace, workflow=workflow, version=version, **given)

    return make


@pytest.fixture
def make_worker(db: None) -> MakeWorker:
    """Makes rows of workers; this process, with 30 s of lease left, unless told otherwise."""

    def make(*, lease: float = 30, **fields: Any) -> Worker:
        identity = own_identity()
        given: dict[str, Any] = {
            "host": identity.host,
            "boot_id": identity.boot_id,
            "pid_ns": identity.pid_ns,
            "pid": identity.pid,
            "pid_start": identity.pid_start,
            **fields,
        }
        return Worker.objects.create(
            id=uuid.uuid4(),
            cluster="default",
            queues="default",
            release="test",
            started_at=Now(),
            beat_at=Now(),
            lease_until=now() + timedelta(seconds=lease),
            **given,
        )

    return make


@pytest.fixture
def environment(child_environment: dict[str, str]) -> dict[str, str]:
    """The environment of a cluster that stops within seconds."""
    return {**child_environment, "STOP_GRACE": "2", "PYTHONPATH": str(ROOT)}
