"""Files that come for an input: stored, checked against it, then named."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from common.canonical import Json
from common.errors import Problem
from jobs.api.multipart import Received
from jobs.models import File
from jobs.uploads import add_file, store_upload
from workflows.definition.inputs import check_value
from workflows.definition.model import Input
from workspaces.actors import Actor

_UNNAMED = "file_"


def bring(*, actor: Actor, one: Input, upload: Received) -> File:
    """The new file, if the input takes it; else its bytes are removed within a day. Raises `Problem` 422
    `invalid_inputs`, 413 `too_large`, 403.
    """
    stored = store_upload(actor=actor, name=upload.name, media_type=upload.media_type, content=upload)
    value: Mapping[str, Json] = {
        "id": _UNNAMED,
        "name": stored.name,
        "media_type": stored.media_type,
        "bytes": stored.bytes,
    }
    errors = check_value(
        replace(one, type="file"),
        _UNNAMED,
        path=f"inputs.{one.key}",
        files={_UNNAMED: value}.get,
        today=date.min,
    )
    if errors:
        raise Problem(422, "invalid_inputs", f"{stored.name}: {errors[0].message}", errors=errors)
    return add_file(actor=actor, stored=stored)
