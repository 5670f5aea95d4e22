"""The engine in this very process: a workspace, a stand-in worker without a beat, and one job at a time.

For profiles only: what is measured goes through real processes. The environment names the settings and the database
before this is imported.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from benchmarks.workloads import Definition  # noqa: E402
from jobs.engine.claim import claim_next  # noqa: E402
from jobs.engine.runner import run_job  # noqa: E402
from jobs.models import Job, Worker  # noqa: E402
from jobs.queue.drain import CATALOGUE  # noqa: E402
from jobs.services import start_job  # noqa: E402
from workflows.services.activation import activate  # noqa: E402
from workflows.services.drafts import create_workflow  # noqa: E402
from workspaces.actors import Actor  # noqa: E402
from workspaces.models import Role, User  # noqa: E402
from workspaces.services import create_workspace  # noqa: E402


class LabWorker:
    """A worker whose lease never ends."""

    def __init__(self) -> None:
        now = timezone.now()
        row = Worker.objects.create(
            cluster="lab", queues="default", host="lab", boot_id="b", pid_ns="n", pid=1, pid_start="1",
            release="lab", started_at=now, beat_at=now, lease_until=now + timedelta(hours=1),
        )  # fmt: skip
        self.id: uuid.UUID = row.id
        self.stopping, self.lost = Event(), Event()

    def watch(self, job_id: int, head_seq: int, fence: int, on_change: Callable[[], None]) -> None: ...

    def saw(self, head_seq: int) -> None: ...

    def unwatch(self) -> None: ...


class Lab:
    """A workspace with an admin, and a worker."""

    def __init__(self) -> None:
        user = User.objects.create_user("bench", password=uuid.uuid4().hex)
        workspace = create_workspace(slug="bench", name="Bench", admin=user, actor=None)
        self.actor = Actor(
            user=user, workspace=workspace, role=Role.ADMIN, sees_payloads=True, request_id="bench"
        )
        self.worker = LabWorker()

    def activate(self, definition: Definition) -> str:
        """Make the workflow and activate it; gives its slug."""
        slug = str(definition["name"])
        found = create_workflow(
            actor=self.actor, workspace=self.actor.workspace, slug=slug, definition=definition
        )
        activate(actor=self.actor, workflow=found)
        return slug

    def start(self, slug: str, inputs: dict[str, Any]) -> Job:
        """Put a job in line."""
        return start_job(actor=self.actor, workflow=slug, inputs=inputs).job

    def run(self) -> None:
        """Claim the job that is first in line and drive it until it lets go."""
        claim = claim_next(self.worker, ["default"], CATALOGUE)
        assert claim is not None, "no job is due"
        run_job(claim, self.worker)  # type: ignore[arg-type]
