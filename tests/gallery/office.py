"""Runs workflows of the gallery through the real engine, with a real server in place of the services they call."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from common.canonical import Json
from jobs.models import Job
from jobs.states import JOB_ENDED
from jobs.storage import open_blob
from jobs.storage.files import file_ids
from jobs.uploads import add_file, store_upload
from tests.engine.lab import Lab, outputs
from tests.integrations.servers import Server, answer, serving
from workflows.gallery import Entry, entry_of
from workflows.services import activate, copy_from_gallery

Answers = Mapping[str, str]
"""Which step asks at which address: `POST /crm.example/api/customers`, as a regular expression, to the step's key."""


def the_entry(slug: str) -> Entry:
    """The entry, which must be there."""
    entry = entry_of(slug)
    assert entry is not None
    return entry


@contextmanager
def services(pins: Mapping[str, Json], asked_by: Answers) -> Iterator[Server]:
    """A server that answers each request as the pin of the step that sends it; 500 for one that nobody expects."""

    def respond(connection: Any, seen: Any) -> bool:
        asked = f"{seen.method} {seen.target}"
        for pattern, key in asked_by.items():
            if re.fullmatch(pattern, asked):
                pin = pins[key]
                body = pin["body"] if isinstance(pin["body"], str) else json.dumps(pin["body"])
                connection.sendall(answer(pin["status"], body.encode(), pin["headers"]))
                return True
        connection.sendall(answer(500))
        return True

    with serving(respond) as server:
        yield server


class Office:
    """A workspace in which workflows of the gallery are copied, activated and run."""

    def __init__(self) -> None:
        self.lab = Lab()

    def run(self, slug: str, server: Server | None = None, **changed: Json) -> Job:
        """Copy, activate and run the entry with its sample inputs, its addresses being those of `server`."""
        entry = the_entry(slug)
        actor = self.lab.actor
        copied = copy_from_gallery(actor=actor, workspace=actor.workspace, entry=entry)
        activate(actor=actor, workflow=copied.workflow)
        job = self.lab.start(copied.workflow.slug, **{**self.inputs(entry, server), **changed})
        return self.finish(job)

    def finish(self, job: Job) -> Job:
        """Run what is queued, and let time pass, until the job has ended."""
        for _ in range(50):
            self.lab.drain()
            job.refresh_from_db()
            if job.status in JOB_ENDED:
                return job
            self.lab.pass_time(3600)
        raise AssertionError("the job never ends")

    def inputs(self, entry: Entry, server: Server | None = None) -> dict[str, Json]:
        """The sample inputs, with the files uploaded and the addresses being those of `server`."""
        given = dict(entry.inputs)
        if server is not None:
            given = {key: here(value, server) for key, value in given.items()}
        one = {each["key"] for each in entry.definitions[entry.slug]["inputs"] if each["type"] == "file"}
        for file in entry.files:
            upload = store_upload(
                actor=self.lab.actor,
                name=file.name,
                media_type=file.media_type,
                content=io.BytesIO(file.content),
            )
            stored = add_file(actor=self.lab.actor, stored=upload)
            if file.input in one:
                given[file.input] = stored.pk
            else:
                given.setdefault(file.input, []).append(stored.pk)
        return given


def here(value: Json, server: Server) -> Json:
    """`https://shop.example/a` as an address of `server`: `http://127.0.0.1:…/shop.example/a`."""
    return re.sub(r"^https://", f"{server.url}/", value) if isinstance(value, str) else value


def given_by(job: Job) -> dict[str, Json]:
    """The outputs of a job, files by their names; what is null is left out."""
    return {key: _named(value) for key, value in outputs(job).items() if value is not None}


def _named(value: Json) -> Json:
    if isinstance(value, list):
        return [_named(each) for each in value]
    return value["name"] if file_ids(value) else value


def content(value: Json) -> bytes:
    """The bytes of a file that is an output."""
    with open_blob(value["sha256"]) as opened:
        return opened.read()
