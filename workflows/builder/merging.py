"""Bringing together two changes of the same part: what only one side changed is taken, the rest is a conflict."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from common.canonical import Json
from workflows.builder.forms.base import ABSENT, Maybe


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A field that both sides changed, each in its own way. `name`: `amount`, or `config.url`."""

    name: str
    mine: Maybe
    theirs: Maybe


def merged(
    base: Mapping[str, Json], mine: Mapping[str, Json], theirs: Mapping[str, Json], *, leave: Collection[str]
) -> tuple[dict[str, Json], list[Conflict]]:
    """`theirs` with what `mine` changed of `base`, and what both changed. The fields in `leave` stay as theirs."""
    found, conflicts = dict(theirs), []
    for name in dict.fromkeys((*base, *mine)):
        if name in leave:
            continue
        old, my, their = (side.get(name, ABSENT) for side in (base, mine, theirs))
        if _same(my, old) or _same(my, their):
            continue
        if _same(their, old):
            _put(found, name, my)
        elif isinstance(my, dict) and isinstance(their, dict) and "." not in name:
            inner = old if isinstance(old, dict) else {}
            found[name], more = merged(inner, my, their, leave=())
            conflicts += [
                Conflict(name=f"{name}.{each.name}", mine=each.mine, theirs=each.theirs) for each in more
            ]
        else:
            conflicts.append(Conflict(name=name, mine=my, theirs=their))
    return found, conflicts


def taken(theirs: Mapping[str, Json], mine: Mapping[str, Json], *, leave: Collection[str]) -> dict[str, Json]:
    """`mine` whole, with the fields in `leave` as theirs."""
    both = {
        name: value if name in leave else mine[name]
        for name, value in theirs.items()
        if name in (*leave, *mine)
    }
    return both | {name: value for name, value in mine.items() if name not in leave}


def _same(one: Maybe, other: Maybe) -> bool:
    return type(one) is type(other) and one == other


def _put(target: dict[str, Json], name: str, value: Maybe) -> None:
    if value is ABSENT:
        target.pop(name, None)
    else:
        target[name] = value
