"""A definition with a step of each kind around fields with expressions, and what is offered there."""

import re
from typing import Any

from tests.definition.checking import CONTEXT, set_
from tests.definition.examples import step, workflow
from workflows.builder.scope import Entry, Group, Scope, scope_in
from workflows.definition.parse import parse

RAW: dict[str, Any] = workflow(
    step("csv.read", "rows", name="Read the rows", config={"file": "{{ inputs.report }}"}),
    step(
        "for_each",
        "check",
        name="Check every row",
        items="inputs.lines",
        **{"as": "row"},
        steps=[
            step("http.request", "ask", config={"url": "https://example.com"}, on_error="continue"),
            step(
                "branch",
                "size",
                branches=[{"key": "big", "when": "row.amount > 1", "steps": [set_("inner")], "value": "1"}],
            ),
            step(
                "repeat",
                "again",
                max_times=3,
                steps=[set_("tried", "{{ index }}")],
                until="steps.tried.output.v > 1",
                collect="steps.tried.output",
            ),
        ],
        collect="steps.size.output.value",
    ),
    step(
        "try",
        "safe",
        steps=[set_("risky")],
        catch=[{"steps": [set_("mended")]}],
        **{"finally": [set_("tidy")]},
    ),
    step(
        "parallel", "both", branches=[{"key": "left", "steps": [set_("l")], "value": "1"}, {"key": "right"}]
    ),
    step("workflow", "kind", workflow="classify-expense", inputs={}, when="inputs.urgent"),
    step("set", "end", values={"a": 1}),
    inputs=[
        {"key": "report", "label": "Report", "type": "file"},
        {"key": "lines", "type": "table", "columns": [{"key": "amount", "type": "number"}]},
        {
            "key": "person",
            "type": "object",
            "schema": {
                "properties": {
                    "net pay": {"type": "number"},
                    "class": {"type": "string"},
                    "name": {"type": "object", "properties": {"first": {"type": "string"}}},
                }
            },
        },
        {"key": "urgent", "type": "boolean", "required": False},
        {"key": "token", "type": "text", "secret": True},
        {"key": "why", "type": "text", "show_when": "inputs.urgent"},
    ],
    outputs=[{"key": "total", "type": "number", "value": "1"}],
)


def scope_of(raw: Any, path: str) -> Scope:
    return scope_in(parse(raw, actions=CONTEXT.actions).partial, path, context=CONTEXT)


def value_at(raw: Any, path: str) -> Any:
    for part in re.findall(r"\w+", path):
        raw = raw[int(part) if part.isdigit() else part]
    return raw


def texts(scope: Scope, *groups: str) -> list[str]:
    return [
        entry.text for group in scope.groups if group.title in groups or not groups for entry in group.entries
    ]


def group(scope: Scope, key: str) -> Group:
    return next(one for one in scope.groups if one.key == key)


def entry(scope: Scope, text: str) -> Entry:
    return next(one for one in scope.entries if one.text == text)


def steps_in(scope: Scope) -> list[str]:
    return [one.key for one in scope.groups if one.key]
