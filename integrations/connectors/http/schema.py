"""What `http.request` takes and gives."""

from common.canonical import Json
from integrations.schemas import FILE, config_schema

_SCALAR: Json = {"type": ["string", "number", "boolean", "null"]}
_BODIES = ("json", "form", "body", "file", "multipart")

CONFIG_SCHEMA = config_schema(
    {
        "method": {
            "title": "Method",
            "type": "string",
            "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
            "default": "GET",
        },
        "url": {
            "title": "URL",
            "description": "Begins with http:// or https://.",
            "type": "string",
            "minLength": 1,
        },
        "query": {
            "title": "Query",
            "description": "Added to the URL. A list repeats the name; null leaves it out.",
            "type": "object",
            "additionalProperties": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
        },
        "headers": {
            "title": "Headers",
            "description": "Null leaves a header out.",
            "type": "object",
            "additionalProperties": _SCALAR,
        },
        "json": {"title": "JSON body", "description": "Sent as application/json."},
        "form": {
            "title": "Form body",
            "description": "Sent as application/x-www-form-urlencoded.",
            "type": "object",
            "additionalProperties": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
        },
        "body": {"title": "Text body", "description": "Sent as it is, as text/plain.", "type": "string"},
        "file": {**FILE, "title": "File body", "description": "The file's bytes are the body."},
        "multipart": {
            "title": "Multipart body",
            "description": "Fields by name: a text, a number, or a file.",
            "type": "object",
            "additionalProperties": {"anyOf": [_SCALAR, FILE]},
        },
        "response": {
            "title": "Read the answer as",
            "description": "auto: JSON by media type, text as text, anything else as a file.",
            "type": "string",
            "enum": ["auto", "json", "text", "file"],
            "default": "auto",
        },
        "accept_statuses": {
            "title": "Accepted statuses besides 2xx",
            "description": "A status (404), a class (4xx), or any. Others fail the step.",
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "integer", "minimum": 100, "maximum": 599},
                    {"type": "string", "pattern": "^([1-5][0-9]{2}|[1-5]xx|any)$"},
                ]
            },
            "default": [],
        },
        "redirects": {
            "title": "Redirects followed",
            "description": "At most. Credentials never cross to another host.",
            "type": "integer",
            "minimum": 0,
            "maximum": 10,
            "default": 5,
        },
        "idempotency_header": {
            "title": "Header for the idempotency key",
            "description": "Default: Idempotency-Key on POST and PATCH. Empty: none.",
            "type": "string",
            "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]{0,100}$",
        },
    },
    required=("url",),
    allOf=[
        {"not": {"required": [one, other]}} for i, one in enumerate(_BODIES) for other in _BODIES[i + 1 :]
    ],
)

OUTPUT_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "status": {"type": "integer", "title": "Status"},
        "headers": {"type": "object", "title": "Headers", "description": "Names in lower case."},
        "body": {"title": "Body", "description": "Parsed JSON, a text, a file, or null if it is empty."},
    },
    "required": ["status", "headers", "body"],
}
