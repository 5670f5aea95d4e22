"""Definitions that the tests share."""

from pathlib import Path
from typing import Any

EXPENSE_REPORT = (Path(__file__).parent / "expense_report.yaml").read_text()
"""The example of the contract, with its approval, which comes in a later release."""


def workflow(*steps, **fields):
    """A definition with these steps."""
    return {"format": 1, "name": "A workflow", "steps": list(steps), **fields}


def step(type_, key="one", **fields):
    return {"key": key, "type": type_, **fields}


STEPS: dict[str, dict[str, Any]] = {
    "set": {"values": {"a": 1, "b": "{{ inputs.x }}"}},
    "code": {"source": "1 + 1", "inputs": {"a": "{{ inputs.x }}"}, "timeout": "5m"},
    "delay": {"duration": "90s"},
    "branch": {
        "branches": [{"key": "yes", "name": "Yes", "when": "inputs.x > 1", "steps": [], "value": "1"}],
        "else": {"value": "True"},
    },
    "parallel": {
        "branches": [{"key": "left", "value": "1"}, {"key": "right", "steps": []}],
        "wait_for": "any",
    },
    "for_each": {
        "items": "inputs.rows",
        "as": "row",
        "steps": [{"key": "inner", "type": "set", "values": {"a": "{{ row }}"}}],
        "concurrency": 4,
        "collect": "steps.inner.output.a",
        "on_item_error": "continue",
        "max_failures": 3,
        "spread": True,
    },
    "repeat": {
        "steps": [{"key": "inner", "type": "set", "values": {"a": "{{ index }}"}}],
        "until": "steps.inner.output.a == 3",
        "max_times": 5,
        "delay": "1s",
        "on_exhausted": "continue",
    },
    "try": {
        "steps": [{"key": "inner", "type": "set", "values": {}}],
        "catch": [{"errors": ["http_error"], "steps": []}],
        "finally": [{"key": "last_one", "type": "set", "values": {}}],
    },
    "workflow": {"workflow": "other-one", "inputs": {"a": 1}, "retry": "quick"},
    "fail": {"message": "No {{ inputs.x }}", "reason": "no_x", "details": {"x": "{{ inputs.x }}"}},
    "finish": {"outputs": {"total": "{{ inputs.x }}"}},
    "http.request": {
        "config": {"method": "GET", "url": "https://example.com/{{ inputs.x }}"},
        "timeout": "10m",
        "idempotent": True,
        "retry": {"max_attempts": 4, "delay": "2s", "backoff": "exponential", "statuses": [409, "5xx"]},
    },
}
"""Per step type, fields that are right."""
