"""Definitions with one mistake each: the mistake, its code and its path."""

import math
from typing import Any

from tests.definition.examples import step, workflow

BROKEN: dict[str, tuple[Any, str, str]] = {
    "format missing": ({"name": "A", "steps": []}, "missing_field", "format"),
    "format of the future": (workflow(format=2), "invalid_value", "format"),
    "no name": ({"format": 1, "steps": []}, "missing_field", "name"),
    "empty name": (workflow(name=" "), "invalid_value", "name"),
    "no steps": ({"format": 1, "name": "A"}, "missing_field", "steps"),
    "unknown field": (workflow(stepps=[]), "unknown_field", "stepps"),
    "slug inside": (workflow(slug="a"), "unknown_field", "slug"),
    "triggers": (workflow(triggers=[]), "not_yet_available", "triggers"),
    "concurrency": (workflow(concurrency={"limit": 1}), "not_yet_available", "concurrency"),
    "connection": (
        workflow(step("http.request", connection="a")),
        "not_yet_available",
        "steps[0].connection",
    ),
    "form": (workflow(step("form")), "not_yet_available", "steps[0].type"),
    "callback": (workflow(step("callback")), "not_yet_available", "steps[0].type"),
    "step is a text": (workflow("a"), "wrong_type", "steps[0]"),
    "steps is an object": ({"format": 1, "name": "A", "steps": {}}, "wrong_type", "steps"),
    "no type": (workflow({"key": "a"}), "missing_field", "steps[0].type"),
    "type is a list": (workflow({"key": "a", "type": []}), "wrong_type", "steps[0].type"),
    "no key": (workflow({"type": "set", "values": {}}), "missing_field", "steps[0].key"),
    "key with a capital": (workflow(step("set", "One", values={})), "invalid_key", "steps[0].key"),
    "key __class__": (workflow(step("set", "__class__", values={})), "invalid_key", "steps[0].key"),
    "key with a line break": (workflow(step("set", "a\n", values={})), "invalid_key", "steps[0].key"),
    "key of 64": (workflow(step("set", "a" * 64, values={})), "invalid_key", "steps[0].key"),
    "same key": (
        workflow(step("set", values={}), step("for_each", "two", items="[]", steps=[step("set", values={})])),
        "duplicate_key",
        "steps[1].steps[0].key",
    ),
    "unknown step field": (workflow(step("set", values={}, vlaues={})), "unknown_field", "steps[0].vlaues"),
    "__proto__": (workflow(step("set", values={}, __proto__={})), "unknown_field", "steps[0].__proto__"),
    "timeout on set": (workflow(step("set", values={}, timeout="1s")), "unknown_field", "steps[0].timeout"),
    "timeout too long": (
        workflow(step("code", source="1", timeout="6m")),
        "invalid_value",
        "steps[0].timeout",
    ),
    "timeout of a day and a second": (
        workflow(step("http.request", timeout=86401)),
        "invalid_value",
        "steps[0].timeout",
    ),
    "timeout negative": (workflow(step("code", source="1", timeout=-1)), "wrong_type", "steps[0].timeout"),
    "timeout of words": (
        workflow(step("code", source="1", timeout="soon")),
        "wrong_type",
        "steps[0].timeout",
    ),
    "retry of 21": (
        workflow(step("csv.read", retry={"max_attempts": 21})),
        "invalid_value",
        "steps[0].retry.max_attempts",
    ),
    "retry word": (workflow(step("csv.read", retry="quik")), "invalid_value", "steps[0].retry"),
    "retry list": (workflow(step("csv.read", retry=[])), "wrong_type", "steps[0].retry"),
    "retry status": (
        workflow(step("csv.read", retry={"statuses": ["6xx"]})),
        "wrong_type",
        "steps[0].retry.statuses[0]",
    ),
    "on_error": (workflow(step("set", values={}, on_error="stop")), "invalid_value", "steps[0].on_error"),
    "expression": (workflow(step("set", values={}, when="1 +")), "expression_invalid", "steps[0].when"),
    "empty expression": (workflow(step("set", values={}, when=" ")), "expression_invalid", "steps[0].when"),
    "expression is a list": (workflow(step("set", values={}, when=[])), "wrong_type", "steps[0].when"),
    "long expression": (
        workflow(step("set", values={}, when="1" + "+1" * 1000)),
        "expression_too_long",
        "steps[0].when",
    ),
    "template": (
        workflow(step("set", values={"a": [{"b": "{{ 1 + }}"}]})),
        "expression_invalid",
        "steps[0].values.a[0].b",
    ),
    "template not closed": (
        workflow(step("set", values={"a": "{{ 1"})),
        "expression_invalid",
        "steps[0].values.a",
    ),
    "delay of nothing": (workflow(step("delay")), "missing_field", "steps[0].duration"),
    "delay of both": (
        workflow(step("delay", duration="1s", until="{{ 1 }}")),
        "invalid_value",
        "steps[0].until",
    ),
    "delay NaN": (workflow(step("delay", duration=math.nan)), "not_json", "steps[0].duration"),
    "delay 1e300": (workflow(step("delay", duration=1e300)), "wrong_type", "steps[0].duration"),
    "delay boolean": (workflow(step("delay", duration=True)), "wrong_type", "steps[0].duration"),
    "no branches": (workflow(step("branch", branches=[])), "invalid_value", "steps[0].branches"),
    "branch without when": (
        workflow(step("branch", branches=[{"key": "a"}])),
        "missing_field",
        "steps[0].branches[0].when",
    ),
    "parallel with when": (
        workflow(step("parallel", branches=[{"key": "a", "when": "True"}])),
        "unknown_field",
        "steps[0].branches[0].when",
    ),
    "same branch": (
        workflow(step("parallel", branches=[{"key": "a"}, {"key": "a"}])),
        "duplicate_key",
        "steps[0].branches[1].key",
    ),
    "branch else": (
        workflow(step("branch", branches=[{"key": "else", "when": "True"}])),
        "reserved_name",
        "steps[0].branches[0].key",
    ),
    "concurrency 101": (
        workflow(step("for_each", items="[]", steps=[], concurrency=101)),
        "invalid_value",
        "steps[0].concurrency",
    ),
    "max_times 0": (workflow(step("repeat", steps=[], max_times=0)), "invalid_value", "steps[0].max_times"),
    "no max_times": (workflow(step("repeat", steps=[])), "missing_field", "steps[0].max_times"),
    "templated workflow": (
        workflow(step("workflow", workflow="{{ x }}")),
        "invalid_value",
        "steps[0].workflow",
    ),
    "input type": (workflow(inputs=[{"key": "a", "type": "txt"}]), "unknown_input_type", "inputs[0].type"),
    "input twice": (
        workflow(inputs=[{"key": "a", "type": "text"}, {"key": "a", "type": "text"}]),
        "duplicate_key",
        "inputs[1].key",
    ),
    "input constraint of another type": (
        workflow(inputs=[{"key": "a", "type": "text", "minimum": 1}]),
        "unknown_field",
        "inputs[0].minimum",
    ),
    "no choices": (workflow(inputs=[{"key": "a", "type": "choice"}]), "missing_field", "inputs[0].choices"),
    "choices twice": (
        workflow(inputs=[{"key": "a", "type": "choice", "choices": ["x", {"value": "x"}]}]),
        "invalid_value",
        "inputs[0].choices[1]",
    ),
    "least above most": (
        workflow(inputs=[{"key": "a", "type": "number", "minimum": 2, "maximum": 1}]),
        "invalid_value",
        "inputs[0].minimum",
    ),
    "pattern": (
        workflow(inputs=[{"key": "a", "type": "text", "pattern": "(a"}]),
        "invalid_value",
        "inputs[0].pattern",
    ),
    "pattern that breaks out": (
        workflow(inputs=[{"key": "a", "type": "text", "pattern": "a)|(b"}]),
        "invalid_value",
        "inputs[0].pattern",
    ),
    "look-around": (
        workflow(inputs=[{"key": "a", "type": "text", "pattern": "(?=a)"}]),
        "invalid_value",
        "inputs[0].pattern",
    ),
    "schema": (
        workflow(inputs=[{"key": "a", "type": "object", "schema": {"type": "objekt"}}]),
        "invalid_value",
        "inputs[0].schema",
    ),
    "schema from elsewhere": (
        workflow(inputs=[{"key": "a", "type": "object", "schema": {"$ref": "https://example.com/s"}}]),
        "invalid_value",
        "inputs[0].schema",
    ),
    "bound": (
        workflow(inputs=[{"key": "a", "type": "date", "minimum": "soon"}]),
        "wrong_type",
        "inputs[0].minimum",
    ),
    "file in a table": (
        workflow(inputs=[{"key": "a", "type": "table", "columns": [{"key": "f", "type": "file"}]}]),
        "unknown_input_type",
        "inputs[0].columns[0].type",
    ),
    "secret column": (
        workflow(
            inputs=[{"key": "a", "type": "table", "columns": [{"key": "f", "type": "text", "secret": True}]}]
        ),
        "invalid_value",
        "inputs[0].columns[0].secret",
    ),
    "secret with a default": (
        workflow(inputs=[{"key": "a", "type": "text", "secret": True, "default": "hunter2"}]),
        "invalid_value",
        "inputs[0].default",
    ),
    "connection as source": (
        workflow(inputs=[{"key": "a", "type": "file", "sources": ["connection"]}]),
        "not_yet_available",
        "inputs[0].sources[0]",
    ),
    "output without value": (
        workflow(outputs=[{"key": "a", "type": "text"}]),
        "missing_field",
        "outputs[0].value",
    ),
    "big integer": (workflow(step("set", values={"a": 2**53 + 1})), "too_large", "steps[0].values.a"),
    "lone surrogate": (workflow(step("set", values={"a": "\ud800"})), "not_json", "steps[0].values.a"),
    "lone surrogate in a name": (workflow(step("set", values={"\ud800": 1})), "not_json", "steps[0].values"),
    "number as name": (workflow(step("set", values={1: 1})), "not_json", "steps[0].values"),
    "a set": (workflow(step("set", values={"a": {1}})), "not_json", "steps[0].values.a"),
}
