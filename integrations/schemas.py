"""JSON Schema for configs: how actions describe what they need."""

from collections.abc import Mapping

from common.canonical import Json

FILE: Json = {
    "title": "File",
    "description": "A file value, or the id of a file.",
    "format": "workledger-file",
    "anyOf": [
        {
            "type": "object",
            "properties": {
                "id": {"type": "string", "pattern": "^file_[0-9a-f]{32}$"},
                "name": {"type": "string"},
                "media_type": {"type": "string"},
                "bytes": {"type": "integer", "minimum": 0},
                "sha256": {"type": "string"},
            },
            "required": ["id"],
        },
        {"type": "string", "pattern": "^file_[0-9a-f]{32}$"},
    ],
}


def config_schema(properties: Mapping[str, Json], *, required: tuple[str, ...] = (), **more: Json) -> Json:
    """The schema of a config: an object with these fields and no others."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }
