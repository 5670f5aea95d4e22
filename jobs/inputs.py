"""Inputs of a job: checked whole, stored with their secrets sealed, opened again by the job's owner."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from common.canonical import Json
from common.redaction import MASK
from common.secrets import decrypt, encrypt
from jobs.models import File
from jobs.storage import file_value
from workflows.definition.inputs import Validated, validate_inputs
from workflows.definition.model import Definition

_SEALED = "$sealed"


def check_inputs(definition: Definition, given: Json, *, workspace_id: int, today: date) -> Validated:
    """Every input checked, with all errors at once; defaults filled in, files as whole file values. A file that
    a preview made is none: it is gone after a day.
    """

    def find(file_id: str) -> Mapping[str, Json] | None:
        files = File.objects.filter(workspace_id=workspace_id, pk=file_id).without_previews()
        file = files.select_related("blob").first()
        return file_value(file) if file else None

    return validate_inputs(definition.inputs, given, files=find, today=today)


def today_in(time_zone: str, moment: datetime) -> date:
    """The day at `moment` where the workspace is."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def seal(definition: Definition, values: Mapping[str, Json], *, job_uid: str) -> dict[str, Json]:
    """Values as they are stored: secret inputs encrypted, bound to the job."""
    secret = _secret_keys(definition)
    return {
        key: {_SEALED: encrypt(value, bound_to=f"{job_uid}:{key}")}
        if key in secret and isinstance(value, str)
        else value
        for key, value in values.items()
    }


def unseal(
    definition: Definition, stored: Mapping[str, Json], *, job_uid: str
) -> tuple[dict[str, Json], list[str]]:
    """Values as the job's steps see them, and the secrets among them. Raises `SecretUnreadable`."""
    values, secrets = dict(stored), []
    for key in _secret_keys(definition):
        sealed = stored.get(key)
        if isinstance(sealed, dict) and _SEALED in sealed:
            values[key] = decrypt(sealed[_SEALED], bound_to=f"{job_uid}:{key}")
            secrets.append(values[key])
    return values, secrets


def shown(stored: Json) -> Json:
    """Stored values as people and programs see them: `•••` for a secret."""
    if not isinstance(stored, dict):
        return stored
    return {
        key: MASK if isinstance(value, dict) and value.keys() == {_SEALED} else value
        for key, value in stored.items()
    }


def _secret_keys(definition: Definition) -> set[str]:
    return {field.key for field in definition.inputs if field.secret}
