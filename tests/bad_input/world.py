"""A workspace with one of everything, so that calls find something; and the calls, made again with what exists."""

import io
from typing import Any
from zlib import crc32

from jobs import uploads
from jobs.models import Job
from tests.engine.lab import Lab
from tests.factories import make_member, make_token
from tests.workflows.four_eyes import asked, switch
from workflows import services
from workflows.models import Workflow
from workspaces.models import Role

SUMS = """
inputs: [{key: a, type: number, required: false}]
steps: [{key: s, type: set, values: {x: "{{ inputs.a }}"}}]
outputs: [{key: sum, type: number, value: steps.s.output.x, required: false}]
"""
FAILS = "steps: [{key: f, type: fail, message: No.}]"


class World(Lab):
    """An active workflow of two versions, a draft, one that fails; jobs that are queued, completed and failed; a file;
    a request to activate; a member with a token. `key` is that of an admin's token, `there` says what exists by collection and parameter.
    """

    def __init__(self) -> None:
        super().__init__()
        workspace = self.actor.workspace
        self.token, self.key = make_token(Role.ADMIN, workspace=workspace)
        member = make_member(Role.BUILDER, workspace=workspace)
        other, _ = make_token(Role.BUILDER, workspace=workspace, user=member.user)
        self.workflow(SUMS, "sums")
        self.workflow(f"description: Adds.{SUMS}", "sums")
        self.workflow(FAILS, "fails")
        services.create_workflow(actor=self.actor, workspace=workspace, slug="unfinished")
        ended = [self.start("sums", a=1), self.start("fails")]
        self.drain()
        self.queued: Job = self.start("sums", a=2)
        self.there: dict[tuple[str, str], list[str]] = {
            ("workflows", "slug"): ["sums", "unfinished"],
            ("workflows", "number"): ["1", "2"],
            ("workflows", "other"): ["1", "draft"],
            ("members", "user"): [member.user.username],
            ("tokens", "id"): [str(other.uid)],
            ("jobs", "id"): [str(job.pk) for job in [self.queued, *ended]],
            ("files", "id"): [self._file()],
            ("activation-requests", "id"): [self._request()],
        }

    def name_what_there_is(self, case: Any) -> bool:
        """Let the parameters of most paths name something that exists, as what was generated decides; whether any
        does.
        """
        named = False
        for name, generated in (case.path_parameters or {}).items():
            there = self.there.get((collection_of(case.operation.path), name), [])
            chance = crc32(f"{name}{generated!r}{case.body!r}{case.query!r}".encode(errors="replace"))
            if there and chance % 4:
                case.path_parameters[name] = there[chance // 4 % len(there)]
                named = True
        return named

    def path_of(self, path: str) -> str:
        """An address of the document, with what exists in the places of its parameters."""
        for (collection, name), there in self.there.items():
            if collection == collection_of(path):
                path = path.replace(f"{{{name}}}", there[0])
        assert "{" not in path, f"nothing is there for {path}"
        return path

    def _request(self) -> str:
        """An open one, of a time when activating took two people."""
        sums = Workflow.objects.get(workspace=self.actor.workspace, slug="sums")
        services.save_draft(actor=self.actor, workflow=sums, expected_revision=None, name="Renamed")
        switch(self.actor, on=True)
        request = asked(self.actor, sums)
        switch(self.actor, on=False)
        return str(request.pk)

    def _file(self) -> str:
        stored = uploads.store_upload(
            actor=self.actor, name="a.csv", media_type="text/csv", content=io.BytesIO(b"a,b\n1,2\n")
        )
        return uploads.add_file(actor=self.actor, stored=stored).pk


def collection_of(path: str) -> str:
    """`jobs` of `/api/v1/jobs/{id}/steps/`."""
    return path.split("/")[3]
