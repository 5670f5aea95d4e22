"""A workflow as documents: its definition with its slug, after those of the workflows it calls."""

import json
from collections.abc import Sequence

from common.canonical import Json, loads
from workflows.calls import slugs_called
from workflows.definition.yaml_order import in_order
from workflows.definition.yaml_text import dump_documents
from workflows.models import Workflow, WorkflowVersion
from workflows.reading import parsed
from workflows.selectors import definition_of, versions_named


def export_documents(
    workflow: Workflow, *, which: str = "", with_subworkflows: bool = False
) -> list[dict[str, Json]]:
    """The documents that make `workflow` again elsewhere, callees first.

    `which` is the number of a version or `draft`; empty: the active version, or the draft where none is active.
    Callees are exported in the versions that the version pins; those of a draft in the version that is active now,
    or as a draft. Where several versions of one callee are pinned, the newest is exported: a file has each slug
    once. Raises `WorkflowVersion.DoesNotExist`.
    """
    chosen = which or (str(workflow.active_version.number) if workflow.active_version else "draft")
    document = _document(workflow.slug, definition_of(workflow, chosen))
    if not with_subworkflows:
        return [document]
    if chosen == "draft":
        return [*_called_by_draft(workflow), document]
    version = workflow.versions.get(number=int(chosen))
    return [*_called_by_version(version, workflow.workspace_id), document]


def written(documents: Sequence[dict[str, Json]], *, style: str) -> str:
    """Documents as the text of a file: `yaml`, one after the other, or `json`, where several are
    `{"workflows": […]}`.
    """
    if style == "yaml":
        return dump_documents(documents)
    ordered = [in_order(document) for document in documents]
    whole = ordered[0] if len(ordered) == 1 else {"workflows": ordered}
    return json.dumps(whole, indent=2) + "\n"


def _called_by_version(version: WorkflowVersion, workspace_id: int) -> list[dict[str, Json]]:
    """The documents of everything that `version` reaches, callees before callers."""
    pins = [(entry["slug"], entry["number"]) for entry in loads(version.manifest)["closure"]]
    newest: dict[str, WorkflowVersion] = {}
    for callee in versions_named(workspace_id, pins, whole=True):
        known = newest.get(callee.workflow.slug)
        if known is None or known.number < callee.number:
            newest[callee.workflow.slug] = callee
    return callees_first({slug: _document(slug, loads(callee.definition)) for slug, callee in newest.items()})


def _called_by_draft(workflow: Workflow) -> list[dict[str, Json]]:
    """The documents of everything that the draft reaches now."""
    documents: dict[str, dict[str, Json]] = {}
    wanted = called_slugs(loads(workflow.draft))
    while missing := wanted - documents.keys() - {workflow.slug}:
        callees = Workflow.objects.filter(workspace=workflow.workspace_id, slug__in=missing, archived_at=None)
        found = {
            callee.slug: loads(callee.active_version.definition if callee.active_version else callee.draft)
            for callee in callees.select_related("active_version")
        }
        documents |= {slug: _document(slug, definition) for slug, definition in found.items()}
        wanted = {slug for definition in found.values() for slug in called_slugs(definition)}
    return callees_first(documents)


def callees_first(documents: dict[str, dict[str, Json]]) -> list[dict[str, Json]]:
    """Documents by slug as a list in which callees come before their callers, else by slug; a circle is cut."""
    ordered: dict[str, dict[str, Json]] = {}
    entered: set[str] = set()
    pending = [(slug, False) for slug in sorted(documents, reverse=True)]
    while pending:
        slug, complete = pending.pop()
        if complete:
            ordered.setdefault(slug, documents[slug])
        elif slug not in entered:
            entered.add(slug)
            pending.append((slug, True))
            inner = called_slugs(documents[slug]) & documents.keys()
            pending += [(called, False) for called in sorted(inner, reverse=True)]
    return list(ordered.values())


def called_slugs(definition: Json) -> set[str]:
    """The slugs of the workflows that a definition calls itself, as far as it can be read."""
    read = parsed(definition).partial
    return slugs_called(read) if read else set()


def _document(slug: str, definition: dict[str, Json]) -> dict[str, Json]:
    return {"slug": slug, **definition}
