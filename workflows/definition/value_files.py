"""Files that were given for inputs."""

from pathlib import PurePosixPath

from common.canonical import Json
from workflows.definition.model import Input
from workflows.definition.not_yet import NOT_YET_AVAILABLE
from workflows.definition.value_check import REFUSED, Refused, ValueCheck
from workflows.definition.wording import describe, listed

_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def check_file(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """The whole value of a file that was given by its id or its value."""
    if isinstance(raw, dict) and "connection" in raw:
        return check.refuse(
            path, "wrong_type", f"expected a file id. {NOT_YET_AVAILABLE['value']['connection']}"
        )
    file_id = raw.get("id") if isinstance(raw, dict) else raw
    if not isinstance(file_id, str):
        return check.wrong_type(path, "a file id", raw)
    file = check.files(file_id) if file_id.startswith("file_") else None
    if file is None:
        return check.refuse(path, "file_missing", f"expected the id of a file here, got {describe(file_id)}")
    accept = given.constraints.get("accept")
    if accept and not any(_accepts(pattern, file) for pattern in accept):
        came = f"'{file['name']}' of type {file['media_type']}"
        return check.refuse(path, "file_type", f"expected a file of type {listed(accept)}, got {came}")
    most = given.constraints.get("max_bytes")
    if most is not None and file["bytes"] > most:
        message = f"expected a file of at most {bytes_text(most)}, got {bytes_text(file['bytes'])}"
        return check.refuse(path, "too_large", message)
    return dict(file)


def check_files(check: ValueCheck, given: Input, raw: Json, path: str) -> Json | Refused:
    """A list of files."""
    if not isinstance(raw, list):
        return check.wrong_type(path, "a list of file ids", raw)
    fine = check.count(path, len(raw), given.constraints, of="items")
    found = [check_file(check, given, item, f"{path}[{index}]") for index, item in enumerate(raw)]
    return found if fine and REFUSED not in found else REFUSED


def bytes_text(size: int) -> str:
    """A number of bytes as people read it: `10 MiB`."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size} bytes"


def _accepts(pattern: str, file: Json) -> bool:
    pattern = pattern.strip().lower()
    if pattern.startswith("."):
        return PurePosixPath(file["name"].lower()).name.endswith(pattern)
    media_type = file["media_type"].partition(";")[0].strip().lower()
    if pattern in ("*/*", media_type):
        return True
    return pattern.endswith("/*") and media_type.startswith(pattern[:-1])
