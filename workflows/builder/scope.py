"""What an expression may use where it stands: inputs, what earlier steps give, names of loops, functions."""

from collections.abc import Mapping
from dataclasses import replace

from common.canonical import Json
from integrations.registry import get_action
from workflows.builder.scope_entries import Entry, value_at, with_value
from workflows.builder.scope_groups import MAX_ENTRIES, Group, Scope, ScopeWriter, function_groups
from workflows.builder.scope_places import seen_from
from workflows.calls import Calls
from workflows.definition.checks import CalledWorkflow, CheckContext, shapes_of
from workflows.definition.model import Definition
from workflows.definition.places import layout
from workflows.selectors import frozen_of

__all__ = ["MAX_ENTRIES", "Entry", "Group", "Scope", "scope_at", "scope_in", "with_values"]


def scope_at(definition: Definition | None, path: str, *, calls: Calls) -> Scope:
    """What the field or part at `path` may use, in a definition as far as it can be read. Of a part with fields that
    see more than the others, these are told in the groups' `fields`. `calls` are the workflows that it calls.
    """
    return scope_in(
        definition,
        path,
        context=CheckContext(actions=get_action, resolve_workflow=lambda slug: _called(calls, slug)),
    )


def scope_in(definition: Definition | None, path: str, *, context: CheckContext) -> Scope:
    """The same with the actions and workflows of a context."""
    if definition is None:
        return Scope(groups=tuple(function_groups()))
    places = layout(definition)
    shapes = shapes_of(definition, places, actions=context.actions, resolve_workflow=context.resolve_workflow)
    seen = seen_from(definition, path)
    return ScopeWriter(definition=definition, places=places, shapes=shapes, seen=seen).scope()


def with_values(scope: Scope, *, outputs: Mapping[str, Json], inputs: Mapping[str, Json]) -> Scope:
    """The scope with what a preview gave: outputs by the key of their step, inputs by their key."""
    left = MAX_ENTRIES - sum(len(group.entries) for group in scope.groups)
    groups = []
    for group in scope.groups:
        entries: list[Entry] = []
        for entry in group.entries:
            there, value = value_at(entry.source, outputs, inputs) if entry.source else (False, None)
            found = list(with_value(entry, value)) if there else [entry]
            kept = found[: 1 + max(left, 0)]
            left -= len(kept) - 1
            entries += kept
        groups.append(replace(group, entries=tuple(entries)))
    return replace(scope, groups=tuple(groups))


def _called(calls: Calls, slug: str) -> CalledWorkflow | None:
    version = calls.callees.get(slug)
    if version is None:
        return None
    return CalledWorkflow(slug=slug, active=True, outputs=frozen_of(version)[0].outputs)
