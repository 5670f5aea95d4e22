"""JSON Schema for configs: how actions describe what they need, and how a config is checked against it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

from common import canonical
from common.canonical import Json
from common.errors import FieldError, StepError
from integrations.actions import ActionContext

Run = Callable[[dict[str, Json], ActionContext], Json]

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


def checked(schema: Json, run: Run) -> Run:
    """`run` behind a check of its config: one that does not fit is the `StepError` `wrong_type`."""
    text = canonical.dumps(schema)

    def run_checked(config: dict[str, Json], context: ActionContext) -> Json:
        errors = _errors(text, config)
        if errors:
            sentences = "; ".join(f"{error.path}: {error.message}" for error in errors[:5])
            detail = {"errors": [error.as_json() for error in errors[:50]]}
            raise StepError("wrong_type", f"The step's config does not fit: {sentences}.", detail=detail)
        return run(config, context)

    return run_checked


def _errors(schema_text: str, config: Json) -> list[FieldError]:
    return [_field_error(error) for error in _validator(schema_text).iter_errors(config)]


@lru_cache(maxsize=256)
def _validator(schema_text: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        canonical.loads(schema_text), pattern_options=jsonschema_rs.RegexOptions()
    )


def _field_error(error: Any) -> FieldError:
    path = "config" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.instance_path)
    kind = type(error.kind).__name__.rpartition("_")[2]
    codes = {
        "Required": "required",
        "AdditionalProperties": "unknown",
        "Type": "wrong_type",
        "Enum": "not_a_choice",
    }
    return FieldError(path=path, code=codes.get(kind, "schema"), message=str(error.message)[:300])
