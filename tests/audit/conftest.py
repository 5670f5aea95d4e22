"""A workspace to write to. Entries are appended through the service, as everybody does."""

from collections.abc import Callable

import pytest
from django.db import transaction

from audit.actions import Action
from audit.chain import EntryDraft
from audit.services import append
from common.clock import now
from jobs.models import Job
from workflows.models import Workflow, WorkflowVersion
from workspaces.models import Workspace

Append = Callable[..., None]


def draft(number: int = 1) -> EntryDraft:
    return EntryDraft(
        action=Action.PAYLOAD_READ,
        actor="user:ada",
        target_type="job",
        target_id=str(number),
        label=f"Expense report {number}",
        data={"number": number, "amount": 1.0},
        request_id=f"req-{number}",
    )


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(slug="acme", name="Acme")


@pytest.fixture
def make_job(workspace: Workspace) -> Callable[..., Job]:
    """A job with `count` entries in its stream."""

    def make_job(count: int = 3) -> Job:
        workflow, _ = Workflow.objects.get_or_create(
            workspace=workspace,
            slug="expenses",
            defaults={"name": "Expenses", "draft": "{}", "created_at": now(), "updated_at": now()},
        )
        version, _ = WorkflowVersion.objects.get_or_create(
            workflow=workflow,
            number=1,
            defaults={"definition": "{}", "manifest": "{}", "digest": "", "needs": 0, "created_at": now()},
        )
        job = Job.objects.create(
            workspace=workspace,
            workflow=workflow,
            version=version,
            run_at=now(),
            claim_at=now(),
            created_at=now(),
        )
        if count:
            with transaction.atomic():
                drafts = [draft(number) for number in range(1, count + 1)]
                append(stream_row=job, workspace=workspace, drafts=drafts)
        return job

    return make_job


@pytest.fixture
def write(workspace: Workspace) -> Append:
    """Append `count` entries to the workspace's stream."""

    def write(count: int, row=None) -> None:
        with transaction.atomic():
            append(
                stream_row=row or workspace,
                workspace=workspace,
                drafts=[draft(number) for number in range(1, count + 1)],
            )

    return write
