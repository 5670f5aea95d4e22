"""What changed between two definitions, told by keys and not by positions.

A step is found again by its key wherever it went; lists of keyed objects (inputs, outputs, branches, form fields,
columns, triggers) are compared by key too. Everything else is compared field by field, other lists as a whole.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from common.canonical import Json, dumps, loads, meaning

Kind = Literal["added", "removed", "changed", "moved"]

_BODIES = ("steps", "finally", "else", "catch", "branches")
"""The fields of a block that hold steps, directly or inside."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. `path` names things by key: `steps.pay.config.url`, `inputs.limit.minimum`, `timeout`. `key` is
    that of the step, input, output or trigger it belongs to, empty for a setting of the workflow. A step that moved
    has the place it stood in as `before` and its new place as `after`: `steps`, `size.branches.large.steps`.
    """

    kind: Kind
    path: str
    key: str
    before: Json = None
    after: Json = None

    def as_json(self) -> dict[str, Json]:
        """The form of the API."""
        return {
            "kind": self.kind,
            "path": self.path,
            "key": self.key,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A step without the steps inside it, and the list that it stands in."""

    own: Json
    place: str


def diff(a: Json, b: Json) -> list[Change]:
    """The changes that lead from definition `a` to definition `b`; empty when they mean the same.

    Settings first, then inputs, steps in the order of `b` (removed ones last), outputs. Unfinished definitions are
    compared as far as they go. `1.0` and `1` mean the same.
    """
    before, after = _mapping(loads(meaning(a))), _mapping(loads(meaning(b)))
    settings = [_without(side, "inputs", "steps", "outputs") for side in (before, after)]
    return [
        *_compare("", "", settings[0], settings[1]),
        *_section("inputs", before, after),
        *_steps(_flat(before.get("steps"), "steps"), _flat(after.get("steps"), "steps")),
        *_section("outputs", before, after),
    ]


def _section(name: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Change]:
    """The changes of `inputs` or `outputs`; a missing one and an empty one are the same."""
    yield from _compare(name, "", before.get(name) or [], after.get(name) or [])


def _compare(path: str, key: str, before: Json, after: Json) -> Iterator[Change]:
    """The changes between two values at the same path."""
    if dumps(before) == dumps(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _fields(path, key, before, after)
        return
    keyed = _by_key(before), _by_key(after)
    if keyed[0] is not None and keyed[1] is not None:
        yield from _fields(path, key, keyed[0], keyed[1])
        yield from _reordered(path, key, list(keyed[0]), list(keyed[1]))
        return
    yield Change(kind="changed", path=path, key=key, before=before, after=after)


def _fields(path: str, key: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Change]:
    for name in [*after, *(name for name in before if name not in after)]:
        inner = f"{path}.{name}" if path else name
        owner = key or (name if path in ("inputs", "outputs", "triggers") else "")
        if name not in before:
            yield Change(kind="added", path=inner, key=owner, after=after[name])
        elif name not in after:
            yield Change(kind="removed", path=inner, key=owner, before=before[name])
        else:
            yield from _compare(inner, owner, before[name], after[name])


def _reordered(path: str, key: str, before: list[str], after: list[str]) -> Iterator[Change]:
    for name in _moved(before, after):
        yield Change(
            kind="moved",
            path=f"{path}.{name}",
            key=key or name,
            before=before.index(name),
            after=after.index(name),
        )


def _steps(before: Mapping[str, _Placed], after: Mapping[str, _Placed]) -> Iterator[Change]:
    moved = _moved_steps(before, after)
    for key, step in after.items():
        path = f"steps.{key}"
        if key not in before:
            yield Change(kind="added", path=path, key=key, after=step.own)
            continue
        if key in moved:
            yield Change(kind="moved", path=path, key=key, before=before[key].place, after=step.place)
        yield from _compare(path, key, before[key].own, step.own)
    for key, step in before.items():
        if key not in after:
            yield Change(kind="removed", path=f"steps.{key}", key=key, before=step.own)


def _moved_steps(before: Mapping[str, _Placed], after: Mapping[str, _Placed]) -> set[str]:
    """The steps that stand in another list now, and those that changed their order within their list."""
    common = [key for key in after if key in before]
    moved = {key for key in common if before[key].place != after[key].place}
    for place in {step.place for step in after.values()}:
        stayed = [key for key in common if key not in moved and after[key].place == place]
        moved.update(_moved([key for key in before if key in stayed], stayed))
    return moved


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest names whose moves turn the order of `before` into that of `after`; others are left aside."""
    position = {name: index for index, name in enumerate(before)}
    names = [name for name in after if name in position]
    tails: list[int] = []
    lengths: list[int] = []
    for name in names:
        length = bisect_left(tails, position[name])
        tails[length : length + 1] = [position[name]]
        lengths.append(length)
    kept: set[str] = set()
    wanted, bound = len(tails) - 1, len(before)
    for name, length in zip(reversed(names), reversed(lengths), strict=True):
        if length == wanted and position[name] < bound:
            kept.add(name)
            bound = position[name]
            wanted -= 1
    return [name for name in names if name not in kept]


def _flat(steps: Json, place: str) -> dict[str, _Placed]:
    """Every step by key, blocks before what is inside them. Steps that share a key are told apart by `#2`, steps
    without one by their position.
    """
    found: dict[str, _Placed] = {}
    pending = [(steps, place)]
    while pending:
        body, where = pending.pop()
        inner: list[tuple[Json, str]] = []
        for index, step in enumerate(body if isinstance(body, list) else []):
            key = _free_key(found, step, f"{where}[{index}]")
            found[key] = _Placed(own=_own(step), place=where)
            inner += _bodies(step, key)
        pending += reversed(inner)
    return found


def _free_key(found: Mapping[str, _Placed], step: Json, otherwise: str) -> str:
    given = step.get("key") if isinstance(step, dict) else None
    key = given if isinstance(given, str) and given else otherwise
    if key not in found:
        return key
    return next(f"{key}#{n}" for n in range(2, len(found) + 3) if f"{key}#{n}" not in found)


def _own(step: Json) -> Json:
    """A step without the steps inside it."""
    if not isinstance(step, dict):
        return step
    own = {name: value for name, value in step.items() if name not in _BODIES}
    if isinstance(step.get("branches"), list):
        own["branches"] = [_without(branch, "steps") for branch in step["branches"]]
    if isinstance(step.get("catch"), list):
        own["catch"] = [_without(catch, "steps") for catch in step["catch"]]
    if isinstance(step.get("else"), dict):
        own["else"] = _without(step["else"], "steps")
    return own


def _bodies(step: Json, key: str) -> list[tuple[Json, str]]:
    """The lists of steps inside a step, each with its place."""
    if not isinstance(step, dict):
        return []
    bodies = [(step.get("steps"), f"{key}.steps")]
    for index, branch in enumerate(step["branches"] if isinstance(step.get("branches"), list) else []):
        if isinstance(branch, dict):
            bodies.append((branch.get("steps"), f"{key}.branches.{branch.get('key', index)}.steps"))
    if isinstance(step.get("else"), dict):
        bodies.append((step["else"].get("steps"), f"{key}.else.steps"))
    for index, catch in enumerate(step["catch"] if isinstance(step.get("catch"), list) else []):
        if isinstance(catch, dict):
            bodies.append((catch.get("steps"), f"{key}.catch[{index}].steps"))
    return [*bodies, (step.get("finally"), f"{key}.finally")]


def _by_key(value: Json) -> dict[str, Json] | None:
    """A list of objects with keys of their own as an object; None for anything else."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return None
    keys = [item.get("key") for item in value]
    if not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
        return None
    return dict(zip(keys, value, strict=True))


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _without(value: Json, *names: str) -> Json:
    if not isinstance(value, dict):
        return value
    return {name: inner for name, inner in value.items() if name not in names}
