"""Texts and files made of them: `text.render`."""

import mimetypes

from common.canonical import Json
from common.errors import StepError
from integrations.actions import Action, ActionContext
from integrations.schemas import config_schema
from integrations.tables.writing import cell_text

CONFIG_SCHEMA = config_schema(
    {
        "text": {
            "title": "Text",
            "description": "May hold {{ … }} anywhere.",
            "type": ["string", "number", "boolean", "null"],
            "x-multiline": True,
        },
        "filename": {
            "title": "File name",
            "description": "Empty: no file is made.",
            "type": "string",
            "default": "",
        },
    },
    required=("text",),
)
OUTPUT_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "title": "Text"},
        "file": {"type": ["object", "null"], "title": "File"},
    },
    "required": ["text", "file"],
}


def run(config: dict[str, Json], context: ActionContext) -> Json:
    """The text, and a UTF-8 file of it if it has a file name. Raises `StepError`."""
    text = cell_text(config["text"])
    name = config.get("filename", "")
    if not name:
        return {"text": text, "file": None}
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise StepError(
            "wrong_type", "The text has half of a surrogate pair in it, which no file can hold."
        ) from error
    media_type = mimetypes.guess_type(name)[0] or "text/plain"
    return {"text": text, "file": context.files.create(name=name, media_type=media_type, content=content)}


ACTIONS = (
    Action(
        type="text.render",
        version=1,
        catalogue=1,
        title="Make a text",
        description="Gives a text with its expressions filled in, as a value and, if it has a name, as a file.",
        config_schema=CONFIG_SCHEMA,
        output_schema=OUTPUT_SCHEMA,
        run=run,
        idempotent=lambda _config: True,
    ),
)
