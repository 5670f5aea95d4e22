"""A workspace whose drafts are tried out."""

from typing import Any

import yaml

from common.canonical import Json
from common.errors import Problem
from jobs.models import Job, StepRun
from jobs.previews import start_preview
from tests.engine.lab import Lab
from workflows.models import Workflow
from workflows.services.drafts import create_workflow, save_draft

POST = """
  - key: send
    name: Tell the bank
    type: http.request
    config: {method: POST, url: "https://bank.example/pay", query: {dry: "no"}, json: {amount: 12}}
"""


class Bench(Lab):
    """The lab, with drafts that nobody activates."""

    def draft(self, text: str, slug: str = "flow") -> Workflow:
        """A workflow whose draft this is, written without `format` and `name`."""
        definition = {"format": 1, "name": slug.title(), **yaml.safe_load(text)}
        found = self.actor.workspace.workflows.filter(slug=slug).first()
        if found is not None:
            return save_draft(actor=self.actor, workflow=found, definition=definition, expected_revision=None)
        return create_workflow(
            actor=self.actor, workspace=self.actor.workspace, slug=slug, definition=definition
        )

    def begin(self, text: str, inputs: Json = None, **asked: Any) -> Job:
        """Start a preview of this draft."""
        try:
            return start_preview(
                actor=self.actor, workflow=self.draft(text), inputs=inputs or {}, **asked
            ).job
        except Problem as problem:
            raise AssertionError(problem.extra or problem.errors) from problem

    def preview(self, text: str, inputs: Json = None, **asked: Any) -> Job:
        """Start it and let the worker run it, waits included."""
        job = self.begin(text, inputs, **asked)
        self.drain()
        while not Job.objects.get(pk=job.pk).ended:
            self.pass_time(2)
            self.drain()
        job.refresh_from_db()
        return job


def reasons(job: Job) -> dict[str, str]:
    """Status and mark of each step."""
    rows = StepRun.objects.filter(job=job).order_by("ordinal")
    return {row.path: f"{row.status} {row.reason}".strip() for row in rows}
