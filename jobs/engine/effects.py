"""What a leaf action is given: its checked config and its files."""

from functools import cache

import jsonschema_rs

from common.canonical import Json
from common.errors import StepError
from integrations.actions import Action
from integrations.registry import get_action
from jobs.storage import JobFiles, file_ids, known_files
from workflows.definition.check_configs import filled_config_problems


def check_config(action: Action, config: Json) -> None:
    """Raise `StepError` `wrong_type` where a filled-in config does not fit the action's schema."""
    if _validator(action.type, action.version).is_valid(config):
        return
    found = [(problem.path, problem.message) for problem in filled_config_problems(action, config)]
    raise StepError(
        "wrong_type",
        " ".join(f"{path}: {message}" for path, message in found[:3]),
        detail={"errors": [{"path": path, "message": message} for path, message in found[:50]]},
    )


@cache
def _validator(action_type: str, version: int) -> jsonschema_rs.Validator:
    action = get_action(action_type, version)
    assert action is not None
    return jsonschema_rs.Draft202012Validator(
        action.config_schema, pattern_options=jsonschema_rs.RegexOptions()
    )


def step_files(workspace_id: int, config: Json) -> JobFiles:
    """The files of the workspace that a config names, and a place for those that the action makes."""
    return JobFiles(known_files(workspace_id=workspace_id, ids=file_ids(config)))
