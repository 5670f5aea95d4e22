"""Reads of workflows that are not querysets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Q

from common.canonical import Json, loads
from workflows.definition.model import Definition
from workflows.definition.parse import parse_frozen
from workflows.models import Workflow, WorkflowVersion


@dataclass(frozen=True, kw_only=True)
class Caller:
    """An active workflow that calls another one, and the version of that other which it pins."""

    workflow: Workflow
    number: int
    calls: int


@dataclass(frozen=True, kw_only=True)
class _Key:
    """Names what a version holds in the process's memory. By digest and not by id: a transaction that is rolled back
    takes its versions with it, and SQLite gives their ids to others.
    """

    digest: str
    row: WorkflowVersion = field(compare=False)


def frozen_definition(version_id: int) -> tuple[Definition, dict[str, Any]]:
    """The parsed definition of a version and its manifest; kept in the process, since a version never changes.

    Raises `WorkflowVersion.DoesNotExist`.
    """
    return _frozen_by_id(version_id)


def frozen_of(version: WorkflowVersion) -> tuple[Definition, dict[str, Any]]:
    """The same of a row that is at hand, definition and manifest included: no query."""
    return _frozen(_Key(digest=version.digest, row=version))


@lru_cache(maxsize=256)
def _frozen_by_id(version_id: int) -> tuple[Definition, dict[str, Any]]:
    rows = WorkflowVersion.objects.only("digest", "definition", "manifest")
    return frozen_of(rows.get(pk=version_id))


@lru_cache(maxsize=256)
def _frozen(key: _Key) -> tuple[Definition, dict[str, Any]]:
    return parse_frozen(loads(key.row.definition)), loads(key.row.manifest)


@lru_cache(maxsize=1024)
def _called_id(version_id: int, slug: str) -> int:
    version = WorkflowVersion.objects.select_related("workflow").only("manifest", "workflow__workspace")
    caller = version.get(pk=version_id)
    return WorkflowVersion.objects.values_list("pk", flat=True).get(
        workflow__workspace=caller.workflow.workspace_id,
        workflow__slug=slug,
        number=loads(caller.manifest)["workflows"][slug]["number"],
    )


def called_version(version_id: int, slug: str) -> WorkflowVersion:
    """The version of the workflow `slug` that the manifest of a version pins, with its workflow; without the texts
    of definition and manifest, which `frozen_definition` gives parsed. Raises `KeyError` where none is pinned.
    """
    versions = WorkflowVersion.objects.select_related("workflow").defer("definition", "manifest")
    return versions.get(pk=_called_id(version_id, slug))


def version_pinned(manifest: Mapping[str, Any], slug: str, *, workspace_id: int) -> WorkflowVersion:
    """The version of the workflow `slug` that a manifest of the workspace pins, as `called_version` gives it."""
    versions = WorkflowVersion.objects.select_related("workflow").defer("definition", "manifest")
    number = manifest["workflows"][slug]["number"]
    return versions.get(workflow__workspace=workspace_id, workflow__slug=slug, number=number)


def forget_versions() -> None:
    """Empty what the process keeps of versions; for tests, whose rows vanish and whose ids come again."""
    _frozen.cache_clear()
    _frozen_by_id.cache_clear()
    _called_id.cache_clear()


def callers_of(workflow: Workflow) -> list[Caller]:
    """The active workflows of its workspace that call `workflow` themselves, by slug."""
    # In the canonical text an object's keys are sorted, so `"slug":{"digest":` is found in `workflows` alone.
    callers = (
        Workflow.objects.filter(
            workspace=workflow.workspace_id,
            active_version__manifest__contains=f'"{workflow.slug}":{{"digest":',
        )
        .select_related("active_version")
        .defer("draft", "active_version__definition")
        .order_by("slug")
    )
    found = []
    for caller in callers:
        assert caller.active_version is not None
        calls = loads(caller.active_version.manifest)["workflows"][workflow.slug]["number"]
        found.append(Caller(workflow=caller, number=caller.active_version.number, calls=calls))
    return found


def versions_named(
    workspace_id: int, pins: Sequence[tuple[str, int]], *, whole: bool = False
) -> list[WorkflowVersion]:
    """The versions of a workspace with these slugs and numbers, each with its workflow; with their definitions only
    where they are wanted `whole`.
    """
    if not pins:
        return []
    wanted = Q()
    for slug, number in pins:
        wanted |= Q(workflow__slug=slug, number=number)
    versions = WorkflowVersion.objects.filter(wanted, workflow__workspace=workspace_id)
    versions = versions.select_related("workflow").defer("workflow__draft")
    return list(versions if whole else versions.defer("definition"))


def definition_of(workflow: Workflow, which: str) -> Json:
    """The definition of the version with the number `which`, or of the draft for `draft`.

    Raises `WorkflowVersion.DoesNotExist`, also for what is no number.
    """
    if which == "draft":
        return loads(workflow.draft)
    if not (which.isascii() and which.isdigit() and len(which) < 10):
        raise WorkflowVersion.DoesNotExist
    return loads(workflow.versions.values_list("definition", flat=True).get(number=int(which)))
