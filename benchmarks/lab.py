"""The engine in this very process: a workspace, a stand-in worker without a beat, and one job at a time.

For profiles only: what is measured goes through real processes. `set_up` must run before anything of ours is
imported, for the settings read the environment once.
"""

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import django
from django.core.management import call_command

from benchmarks.scratch import Scratch
from benchmarks.workloads import Definition

if TYPE_CHECKING:
    from jobs.models import Job


def set_up(place: Scratch) -> None:
    """Settings for `place`, and its tables."""
    os.environ.update(place.environment(DJANGO_SETTINGS_MODULE="config.settings"))
    django.setup()
    call_command("migrate", verbosity=0)


class LabWorker:
    """A worker whose lease never ends."""

    def __init__(self) -> None:
        from django.utils import timezone

        from jobs.models import Worker

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
    """A workspace with a builder, and a worker."""

    def __init__(self) -> None:
        from workspaces.actors import Actor
        from workspaces.models import Role, User
        from workspaces.services import create_workspace

        user = User.objects.create_user("bench", password=uuid.uuid4().hex)
        workspace = create_workspace(slug="bench", name="Bench", admin=user, actor=None)
        self.actor = Actor(
            user=user, workspace=workspace, role=Role.ADMIN, sees_payloads=True, request_id="bench"
        )
        self.worker = LabWorker()

    def activate(self, definition: Definition) -> str:
        """Make the workflow and activate it; gives its slug."""
        from workflows.services.activation import activate
        from workflows.services.drafts import create_workflow

        slug = str(definition["name"])
        found = create_workflow(
            actor=self.actor, workspace=self.actor.workspace, slug=slug, definition=definition
        )
        activate(actor=self.actor, workflow=found)
        return slug

    def start(self, slug: str, inputs: dict[str, Any]) -> "Job":
        """Put a job in line."""
        from jobs.services import start_job

        return start_job(actor=self.actor, workflow=slug, inputs=inputs).job

    def run(self) -> None:
        """Claim the job that is first in line and drive it until it lets go."""
        from jobs.engine.claim import claim_next
        from jobs.engine.runner import run_job

        claim = claim_next(self.worker, ["default"], 1_000_000)
        assert claim is not None
        run_job(claim, self.worker)  # type: ignore[arg-type]
