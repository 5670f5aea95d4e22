"""JSON in texts and files: `json.parse`."""

from django.conf import settings

from common.canonical import Json
from common.errors import StepError
from integrations.actions import Action, ActionContext
from integrations.outbound.json_text import NotReadable, read_json
from integrations.schemas import FILE, config_schema

CONFIG_SCHEMA = config_schema(
    {
        "text": {"title": "Text", "type": "string", "x-multiline": True},
        "file": {**FILE, "title": "File"},
    },
    oneOf=[{"required": ["text"]}, {"required": ["file"]}],
)


def run(config: dict[str, Json], context: ActionContext) -> Json:
    """The value. Raises `StepError`: `bad_response`, `limit_exceeded`."""
    content: str | bytes = config["text"] if "text" in config else _read(config["file"], context)
    if not content.strip():
        raise StepError("bad_response", "There is no JSON: the text is empty.")
    try:
        return read_json(content)
    except NotReadable as error:
        raise StepError("bad_response", f"The text is not JSON: {error}.") from error


def _read(file: Json, context: ActionContext) -> bytes:
    with context.files.open({"id": file} if isinstance(file, str) else file) as content:
        read = content.read(settings.MAX_OUTPUT_BYTES + 1)
    if len(read) > settings.MAX_OUTPUT_BYTES:
        raise StepError(
            "limit_exceeded",
            f"The file is larger than {settings.MAX_OUTPUT_BYTES:,} bytes, the most that is read as JSON.",
            detail={"max_bytes": settings.MAX_OUTPUT_BYTES},
        )
    return read


ACTIONS = (
    Action(
        type="json.parse",
        version=1,
        catalogue=1,
        title="Read JSON",
        description="Gives the value of a JSON text or file.",
        config_schema=CONFIG_SCHEMA,
        output_schema={"title": "The value"},
        run=run,
        idempotent=lambda _config: True,
    ),
)
