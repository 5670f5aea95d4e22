"""System check: the code that frozen versions name is here."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from common.canonical import loads
from integrations.registry import get_action
from workflows.expressions.version import EXPRESSION_LANGUAGE_VERSION
from workflows.models import VERSION_TABLE, WorkflowVersion

_HINT = "Install a release of Workledger that has it; older versions of an action stay while a version names them."


@register(Tags.database)
def frozen_versions_can_run(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's form
    databases: Sequence[str] | None = None,
    **kwargs: Any,  # noqa: ARG001 - Django's form
) -> list[CheckMessage]:
    """Every action version and every expression language that a frozen version names exists in this release.

    All versions count, for a failed job of any of them can be resumed. Runs with `check --database` and `migrate`.
    """
    return [
        Error(f"{missing}, which {version} needs, is not in this release.", hint=_HINT, id="workflows.E001")
        for database in databases or ()
        for missing, version in sorted(_missing(database).items())
    ]


def _missing(database: str) -> dict[str, str]:
    """What is not there, each with one version that names it."""
    if VERSION_TABLE not in connections[database].introspection.table_names():
        return {}  # before the first migration
    rows = WorkflowVersion.objects.using(database).select_related("workflow")
    missing: dict[str, str] = {}
    for version in rows.only("manifest", "number", "workflow__slug").iterator():
        for name in _unknown(loads(version.manifest)):
            missing.setdefault(name, str(version))
    return missing


def _unknown(manifest: dict[str, Any]) -> Iterable[str]:
    for type_, number in manifest["actions"].items():
        if get_action(type_, number) is None:
            yield f"Version {number} of the action {type_}"
    if manifest["expressions"] > EXPRESSION_LANGUAGE_VERSION:
        yield f"Version {manifest['expressions']} of the expression language"
