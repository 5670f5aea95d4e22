"""Running an action as the engine does."""

from typing import Any

from integrations.actions import Action, ActionContext
from integrations.registry import get_action
from jobs.engine.effects import check_config


def action_of(action_type: str) -> Action:
    """The action, which there must be."""
    action = get_action(action_type)
    assert action is not None
    return action


def run_action(action_type: str, config: dict[str, Any], context: ActionContext) -> Any:
    """The action's output for this config, which is checked before."""
    action = action_of(action_type)
    check_config(action, config)
    return action.run(config, context)
