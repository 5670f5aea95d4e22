"""Every action there is. A new connector is one folder under `connectors/` and one line here."""

from integrations.actions import Action
from integrations.connectors import csv, http, json, spreadsheet, text

_CONNECTORS = (
    http,
    csv,
    spreadsheet,
    json,
    text,
)

_ALL: tuple[Action, ...] = tuple(action for connector in _CONNECTORS for action in connector.ACTIONS)
_NEWEST: dict[str, Action] = {a.type: a for a in sorted(_ALL, key=lambda action: action.version)}
_BY_VERSION: dict[tuple[str, int], Action] = {(action.type, action.version): action for action in _ALL}

CATALOGUE: int = max(action.catalogue for action in _ALL)
"""The number of the newest release of the catalogue: a worker runs manifests that need this one or less."""


def get_action(type: str, version: int | None = None) -> Action | None:  # noqa: A002 - the definition's own word
    """The action `connector.action` in its newest version, or in the one that a manifest names; None if absent."""
    return _NEWEST.get(type) if version is None else _BY_VERSION.get((type, version))


def all_actions() -> tuple[Action, ...]:
    """Every action in its newest version, by type."""
    return tuple(_NEWEST[name] for name in sorted(_NEWEST))
