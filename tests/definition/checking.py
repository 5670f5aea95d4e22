"""A small world to check definitions in: some actions, some workflows to call."""

from typing import Any

from integrations.actions import Action
from tests.definition.examples import step, workflow
from workflows.definition.checks import CalledWorkflow, CheckContext, check
from workflows.definition.parse import parse_frozen

SCHEMAS: dict[str, tuple[Any, Any]] = {
    "http.request": (
        {
            "type": "object",
            "properties": {
                "method": {"enum": ["GET", "POST"]},
                "url": {"type": "string", "pattern": "^https?://"},
                "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                "redirects": {"type": "integer", "maximum": 10},
                "json": {},
            },
            "required": ["url"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"status": {"type": "integer"}, "body": {}},
            "additionalProperties": False,
        },
    ),
    "text.render": (
        {"type": "object", "properties": {"text": {"type": "string"}, "filename": {"type": "string"}}},
        {"type": "object", "properties": {"text": {"type": "string"}, "file": {"type": "object"}}},
    ),
    "csv.read": (
        {
            "type": "object",
            "properties": {
                "file": {"anyOf": [{"type": "object"}, {"type": "string", "pattern": "^file_"}]},
                "columns": {},
            },
            "required": ["file"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "rows": {"type": "array", "items": {"type": "object"}},
                "columns": {"type": "array"},
            },
            "additionalProperties": False,
        },
    ),
}


def action(type_):
    if type_ not in SCHEMAS:
        return None
    config, output = SCHEMAS[type_]
    return Action(
        type=type_,
        version=1,
        catalogue=1,
        title="",
        description="",
        config_schema=config,
        output_schema=output,
        run=lambda config, _context: config,
        idempotent=lambda _config: True,
    )


def called(slug, *, active=True, cycle=(), inputs=(), outputs=()):
    read = parse_frozen(workflow(inputs=list(inputs), outputs=list(outputs)))
    return CalledWorkflow(slug=slug, active=active, inputs=read.inputs, outputs=read.outputs, cycle=cycle)


CALLED = {
    "classify-expense": called(
        "classify-expense",
        inputs=[
            {"key": "category", "type": "text"},
            {"key": "amount", "type": "number", "minimum": 0},
            {"key": "token", "type": "text", "secret": True, "required": False},
            {"key": "note", "type": "text", "default": "none"},
        ],
        outputs=[
            {"key": "kind", "type": "text", "value": "'x'"},
            {"key": "sum", "type": "number", "value": "1"},
        ],
    ),
    "sleeping": called("sleeping", active=False),
    "round-about": called("round-about", cycle=("this", "round-about", "this")),
}
CONTEXT = CheckContext(actions=action, resolve_workflow=CALLED.get)


def problems(raw):
    return [(one.code, one.path) for one in check(raw, context=CONTEXT)]


def errors(raw):
    return [(one.code, one.path) for one in check(raw, context=CONTEXT) if one.level == "error"]


def set_(key, value="1", **fields):
    return step("set", key, values={"v": value}, **fields)
