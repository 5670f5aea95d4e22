"""Where a failure began."""

from collections.abc import Mapping
from typing import Any


def where_it_began(error: Mapping[str, Any]) -> str:
    """The path of the innermost step that failed, from the job that has `error`, down through its sub-jobs; empty for
    an error of the job itself.
    """
    path = str(error.get("path") or "")
    while error.get("code") == "subworkflow_failed":
        detail = error.get("detail")
        inner = detail.get("error") if isinstance(detail, dict) else None
        if not isinstance(inner, dict) or not inner.get("path"):
            break
        path, error = f"{path}/{inner['path']}", inner
    return path
