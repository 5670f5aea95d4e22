"""Inputs as the engine needs them: those of the job in hand, and those of a sub-job that it starts."""

from datetime import datetime

from common.canonical import Json
from common.errors import StepError
from common.redaction import Redactor
from jobs.inputs import check_inputs, seal, shown, today_in
from jobs.summary import summary_of
from workflows.selectors import frozen_definition


def sub_job_inputs(
    version_id: int,
    given: Json,
    *,
    job_uid: str,
    workspace_id: int,
    moment: datetime,
    time_zone: str,
    redactor: Redactor,
) -> tuple[Json, dict[str, Json], str]:
    """Inputs of a sub-job: as the step shows them, as its job stores them, and in a few words for lists.

    `redactor` knows the secrets of the job that hands them over. Raises `StepError` `wrong_type`.
    """
    definition, _ = frozen_definition(version_id)
    checked = check_inputs(definition, given, workspace_id=workspace_id, today=today_in(time_zone, moment))
    if checked.errors:
        raise StepError(
            "wrong_type",
            "The inputs do not fit the workflow that this step calls: "
            + "; ".join(f"{error.path}: {error.message}" for error in checked.errors[:3]),
            detail={"errors": [error.as_json() for error in checked.errors[:50]]},
        )
    stored = seal(definition, checked.values, job_uid=job_uid)
    return shown(stored), stored, summary_of(definition, redactor.mask(checked.values))
