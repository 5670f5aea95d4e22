"""The samples of the gallery as what a person keeps for their next preview of a copy."""

import io
from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction

from common.canonical import Json
from common.errors import Problem
from jobs.previews.kept import keep_pin, keep_sample_inputs
from jobs.uploads import Stored, add_file, store_upload
from workflows.definition.model import Definition
from workflows.gallery import Entry, entry_of
from workflows.models import Workflow
from workflows.reading import parsed_text
from workspaces.actors import Actor
from workspaces.permissions import Permission, require


def samples_for(workflow: Workflow) -> Entry | None:
    """The entry of the gallery that `workflow` is a copy of, while its draft still takes some of the sample inputs."""
    entry, draft = entry_of(workflow.gallery), parsed_text(workflow.draft).partial
    if entry is None or draft is None:
        return None
    return entry if entry.given & {one.key for one in draft.inputs} else None


def keep_gallery_samples(*, actor: Actor, workflow: Workflow) -> None:
    """Give the person the sample inputs of the gallery, with the sample files in the workspace, and sample answers as
    pins, for as much of it as the draft still has. Raises `Problem` 403; 404 where the gallery has nothing for it.
    """
    require(actor, Permission.WORKFLOW_PREVIEW)
    entry, draft = samples_for(workflow), parsed_text(workflow.draft).partial
    if entry is None or draft is None:
        raise Problem(404, "not_found", "The gallery has no samples for this workflow.")
    takes = {one.key for one in draft.inputs}
    stored: dict[str, list[Stored]] = defaultdict(list)
    for file in entry.files:
        if file.input in takes:
            content = io.BytesIO(file.content)
            upload = store_upload(actor=actor, name=file.name, media_type=file.media_type, content=content)
            stored[file.input].append(upload)
    _keep(actor, workflow, draft, entry=entry, stored=stored)


@transaction.atomic
def _keep(
    actor: Actor,
    workflow: Workflow,
    draft: Definition,
    *,
    entry: Entry,
    stored: Mapping[str, list[Stored]],
) -> None:
    inputs: dict[str, Json] = dict(entry.inputs)
    types = {one.key: one.type for one in draft.inputs}
    for key, uploads in stored.items():
        ids = [add_file(actor=actor, stored=upload).pk for upload in uploads]
        inputs[key] = ids if types[key] == "files" else ids[0]
    keep_sample_inputs(actor=actor, workflow=workflow, inputs=inputs)
    steps = {step.key for step in draft.walk()}
    for key, output in entry.pins.items():
        if key in steps:
            keep_pin(actor=actor, workflow=workflow, key=key, output=output)
