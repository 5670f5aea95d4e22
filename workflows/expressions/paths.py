"""Reads a plain path, and says in plain words why it cannot be read."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from common.errors import StepError
from workflows.expressions.references import Reference, Soft
from workflows.expressions.scope import Scope, StepView

SHOWN_KEYS = 30
"""An error names so many of what was there."""
_ATTRIBUTES: dict[type, frozenset[str]] = {
    date: frozenset({"year", "month", "day"}),
    datetime: frozenset({"year", "month", "day", "hour", "minute", "second", "microsecond"}),
    time: frozenset({"hour", "minute", "second", "microsecond"}),
    timedelta: frozenset({"days", "seconds", "microseconds"}),
}
_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    date: "a date",
    datetime: "a date and time",
    time: "a time",
    timedelta: "a duration",
}
_WHY_SKIPPED = {
    "when": "its condition was false",
    "branch": "its branch was not taken",
}


def resolve(reference: Reference, scope: Scope) -> object:
    """The value at the end of the path. Raises `StepError` (`expression_error`)."""
    parts = reference.parts
    root = reference.root
    place: Scope | None = scope
    if root == "steps":
        return _in_step(reference, scope)
    while place is not None:
        if root in place.values:
            value = place.values[root]
            break
        place = place.parent
    else:
        raise _missing(reference, root, scope.names(), at=0)
    for part in parts:
        try:
            value = value[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return _with_care(reference, value_of(scope, root), 0)
    return value


def value_of(scope: Scope, root: str) -> object:
    """The nearest value of that name; it must be there."""
    place: Scope | None = scope
    while place is not None:
        if root in place.values:
            return place.values[root]
        place = place.parent
    raise KeyError(root)


def _in_step(reference: Reference, scope: Scope) -> object:
    parts = reference.parts
    key, name = str(parts[0]), str(parts[1])
    view = scope.step(key)
    if view is None:
        known = scope.all_step_keys()
        there = f"; there are: {_listed(known)}" if known else ""
        raise _error(reference, f"steps.{key}: there is no step '{key}' that can be read here{there}", known)
    value = view.read(name)
    if len(parts) == 2:
        return value
    if value is None and name == "output" and not isinstance(parts[2], Soft) and (why := _no_output(view)):
        raise _error(reference, f"{reference.source}: {why}", [])
    return _with_care(reference, value, 2)


def _no_output(view: StepView) -> str:
    """Why a step has no output; empty where it has one that is null."""
    if view.status == "skipped":
        return f"step {view.key} was skipped because {_WHY_SKIPPED.get(view.reason, view.reason or 'it was not reached')}"
    if view.status in ("failed", "cancelled"):
        return f"step {view.key} {'has failed' if view.status == 'failed' else 'was cancelled'}, so it has no output"
    if view.status != "completed":
        return f"step {view.key} has not run, so it has no output yet"
    return ""


def _with_care(reference: Reference, value: object, start: int) -> object:
    """Reads the parts from `start` one by one."""
    for at in range(start, len(reference.parts)):
        value = _one(reference, value, at)
    return value


def _one(reference: Reference, value: object, at: int) -> object:
    part = reference.parts[at]
    if isinstance(part, Soft) and value is None:
        return None
    if isinstance(value, dict):
        if part in value:
            return value[part]
        if isinstance(part, Soft):
            return None
        raise _missing(reference, part, [str(key) for key in value], at=at + 1)
    if isinstance(part, int) and isinstance(value, list | tuple | str):
        if -len(value) <= part < len(value):
            return value[part]
        raise _error(reference, f"{_until(reference, at + 1)}: there are only {len(value)}", [])
    attributes = _ATTRIBUTES.get(type(value))
    if attributes and part in attributes and not isinstance(part, Soft):
        return getattr(value, str(part))
    raise _error(reference, _unfit(reference, value, at), sorted(attributes or ()))


def _unfit(reference: Reference, value: object, at: int) -> str:
    part, owner = reference.parts[at], _until(reference, at)
    message = f"{_until(reference, at + 1)}: {owner} is {kind_of(value)}, so there is no {str(part)!r}"
    if isinstance(value, list):
        message += f"; one of its {len(value)} items is read by position: {owner}[0].{part}" if value else ""
    elif (
        isinstance(part, str)
        and not isinstance(part, Soft)
        and hasattr(value, part)
        and not part.startswith("_")
    ):
        message += f"; a method is called: {owner}.{part}()"
    return message


def _missing(reference: Reference, part: str | int, keys: list[str], *, at: int) -> StepError:
    there = f"there are: {_listed(keys)}" if keys else "it is an empty object"
    name = f"'{part}'" if isinstance(part, str) else str(part)
    return _error(reference, f"{_until(reference, at)}: there is no {name} here; {there}", keys)


def _error(reference: Reference, message: str, available: Sequence[str]) -> StepError:
    detail = {"expression": reference.source, "available": list(available[:SHOWN_KEYS])}
    return StepError("expression_error", message, detail=detail)


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(keys[:SHOWN_KEYS]) + (", …" if len(keys) > SHOWN_KEYS else "")


def _until(reference: Reference, count: int) -> str:
    """The path as far as its first `count` parts."""
    text = reference.root
    for part in reference.parts[:count]:
        text += (
            f".{part}"
            if isinstance(part, str) and part.isidentifier()
            else f"[{str(part) if isinstance(part, int) else repr(str(part))}]"
        )
    return text


def kind_of(value: object) -> str:
    """A value's kind in plain words: `a text`, `null`."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return _KINDS.get(type(value), f"a {type(value).__name__}")
