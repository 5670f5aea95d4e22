"""Making workflows from documents: all of them, or none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from audit.actions import Action
from common.canonical import Json
from common.errors import FieldError, Problem
from workflows.checking import check_draft
from workflows.definition.problems import DefinitionProblem
from workflows.exporting import callees_first
from workflows.models import ActivationRequest, Workflow
from workflows.services.activation import activate
from workflows.services.drafts import create_workflow, save_draft, slug_problem
from workflows.services.freezing import Activation, Prepared, prepare, put_into_use
from workflows.services.locking import lock_workflow, lock_workspace, tell
from workflows.services.requests import ask
from workspaces.actors import Actor
from workspaces.models import Workspace
from workspaces.permissions import Permission, require

MAX_DOCUMENTS = 100
_NOTE = "Imported"


class ImportMode(StrEnum):
    """What a slug that is taken means: `create` refuses it, `draft` replaces the draft that is there."""

    CREATE = "create"
    DRAFT = "draft"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of one document. `activation` and `request` are None where it was not to be activated; a request is
    made where activating takes two people.
    """

    workflow: Workflow
    created: bool
    activation: Activation | None
    request: ActivationRequest | None = None
    problems: tuple[DefinitionProblem, ...]


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What would become of one document. `revision`: that of the draft it would replace. `refusal` keeps it from being
    imported, errors among its `problems` from being activated.
    """

    slug: str
    name: str
    revision: int | None
    refusal: Problem | None
    problems: tuple[DefinitionProblem, ...]


@transaction.atomic
def import_workflows(
    *,
    actor: Actor | None,
    workspace: Workspace,
    documents: Sequence[Json],
    mode: ImportMode = ImportMode.CREATE,
    activate_all: bool = False,
    expected: Mapping[str, int] | None = None,
) -> list[Imported]:
    """Make a workflow of each document (a definition with its `slug`), or set its draft; callees before callers,
    whatever the order they come in. With `activate_all` each is activated too, or asked for where that takes two
    people.

    `expected` names the drafts that may be replaced, by slug, with the revision that each must still have; None: all
    that are there. `Problem`: 403; 422 for what is no document, with paths `workflows[2].slug`; 409 `slug_taken`,
    `workflow_archived`, `draft_changed`, and with `activate_all` `has_problems`. Then nothing is kept.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    if activate_all:
        require(actor, Permission.WORKFLOW_ACTIVATE)
    by_slug = _by_slug(documents)
    lock_workspace(workspace, actor=actor)
    stored = [
        _store(document, actor=actor, workspace=workspace, mode=mode, expected=expected)
        for document in callees_first(by_slug)
    ]
    if not activate_all:
        return [
            Imported(
                workflow=workflow,
                created=created,
                activation=None,
                problems=check_draft(workflow).problems,
            )
            for workflow, created in stored
        ]
    if actor is not None and workspace.four_eyes:
        return _asked(stored, actor=actor)
    return [_activated(workflow, created, actor=actor) for workflow, created in stored]


def rehearse_import(
    *, actor: Actor, workspace: Workspace, documents: Sequence[Json], mode: ImportMode = ImportMode.CREATE
) -> list[Rehearsed]:
    """What importing and activating `documents` would come to, each with everything that is wrong with it, callees
    first. It is done by the same services, as far as it goes, and then undone. `Problem`: 403; 422 as
    `import_workflows` for what is no document.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    require(actor, Permission.WORKFLOW_ACTIVATE)
    by_slug = _by_slug(documents)
    with transaction.atomic():
        lock_workspace(workspace, actor=actor)
        found = [
            _rehearse(document, actor=actor, workspace=workspace, mode=mode)
            for document in callees_first(by_slug)
        ]
        transaction.set_rollback(True)
    return found


def _rehearse(
    document: dict[str, Json], *, actor: Actor, workspace: Workspace, mode: ImportMode
) -> Rehearsed:
    slug = document["slug"]
    rows = Workflow.objects.filter(workspace=workspace, slug=slug)
    revision = rows.values_list("draft_revision", flat=True).first()
    try:
        workflow, _ = _store(document, actor=actor, workspace=workspace, mode=mode)
    except Problem as refusal:
        name = str(document.get("name") or slug)
        return Rehearsed(slug=slug, name=name, revision=revision, refusal=refusal, problems=())
    checked = check_draft(workflow)
    if not checked.has_errors:
        # So that its callers, which come after it, find it active.
        workflow = lock_workflow(workflow, actor=actor)
        put_into_use(workflow, prepare(workflow, workflow.draft), actor=actor)
    return Rehearsed(
        slug=slug, name=workflow.name, revision=revision, refusal=None, problems=checked.problems
    )


def _by_slug(documents: Sequence[Json]) -> dict[str, dict[str, Json]]:
    """The documents by slug. `Problem` 422 tells everything that is wrong with the list as such."""
    errors: list[FieldError] = []
    found: dict[str, dict[str, Json]] = {}
    if not 1 <= len(documents) <= MAX_DOCUMENTS:
        message = f"expected 1 to {MAX_DOCUMENTS} workflows, got {len(documents)}"
        code = "too_long" if documents else "required"
        errors.append(FieldError(path="workflows", code=code, message=message))
    for index, document in enumerate(documents[:MAX_DOCUMENTS]):
        error = _document_error(document, found, path=f"workflows[{index}]")
        if error is None:
            found[document["slug"]] = document
        else:
            errors.append(error)
    if errors:
        raise Problem(422, "invalid", "The file cannot be imported; nothing was changed.", errors=errors)
    return found


def _document_error(document: Json, found: Mapping[str, Json], *, path: str) -> FieldError | None:
    """What keeps one document from being imported at all; None when nothing does."""
    if not isinstance(document, dict):
        message = "expected an object with slug, format, name and steps"
        return FieldError(path=path, code="wrong_type", message=message)
    slug = document.get("slug")
    if not isinstance(slug, str):
        message = "expected the slug that the workflow shall have, like expense-report"
        code = "required" if slug is None else "wrong_type"
        return FieldError(path=f"{path}.slug", code=code, message=message)
    if slug in found:
        message = f"expected each slug once, got {slug} again"
        return FieldError(path=f"{path}.slug", code="duplicate", message=message)
    return slug_problem(slug, path=f"{path}.slug")


def _store(
    document: dict[str, Json],
    *,
    actor: Actor | None,
    workspace: Workspace,
    mode: ImportMode,
    expected: Mapping[str, int] | None = None,
) -> tuple[Workflow, bool]:
    """The workflow with `document` as its draft, and whether it is new."""
    slug = document["slug"]
    present = Workflow.objects.select_related("workspace").filter(workspace=workspace, slug=slug).first()
    if present is None or mode is ImportMode.CREATE or (expected is not None and slug not in expected):
        workflow = create_workflow(actor=actor, workspace=workspace, slug=slug, definition=document)
    else:
        revision = None if expected is None else expected[slug]
        workflow = save_draft(actor=actor, workflow=present, expected_revision=revision, definition=document)
    tell(Action.WORKFLOW_IMPORTED, workflow, actor=actor, revision=workflow.draft_revision)
    return workflow, present is None


def _activated(workflow: Workflow, created: bool, *, actor: Actor | None) -> Imported:
    with _naming(workflow):
        activation = activate(actor=actor, workflow=workflow, note=_NOTE)
    workflow.refresh_from_db(fields=["active_version"])
    return Imported(workflow=workflow, created=created, activation=activation, problems=activation.problems)


def _asked(stored: Sequence[tuple[Workflow, bool]], *, actor: Actor) -> list[Imported]:
    """Ask for each, once all of them were activated and that was undone: so callers found active what they call."""
    with transaction.atomic():
        rehearsed = [_for_a_moment(workflow, actor=actor) for workflow, _ in stored]
        transaction.set_rollback(True)
    found: list[Imported] = []
    for (workflow, created), (prepared, activation) in zip(stored, rehearsed, strict=True):
        locked = lock_workflow(workflow, actor=actor)
        nothing_new = prepared.is_active(locked)
        request = None
        if not nothing_new:
            request = ask(locked, prepared, actor=actor, revision=locked.draft_revision, note=_NOTE)
        found.append(
            Imported(
                workflow=workflow,
                created=created,
                activation=activation if nothing_new else None,
                request=request,
                problems=activation.problems,
            )
        )
    return found


def _for_a_moment(workflow: Workflow, *, actor: Actor) -> tuple[Prepared, Activation]:
    """What its draft is as a version, and what activating that came to."""
    locked = lock_workflow(workflow, actor=actor)
    with _naming(workflow):
        prepared = prepare(locked, locked.draft)
    return prepared, put_into_use(locked, prepared, actor=actor)


@contextmanager
def _naming(workflow: Workflow) -> Iterator[None]:
    """Say in a `Problem` of several workflows which one has the problems."""
    try:
        yield
    except Problem as problem:
        if "problems" in problem.extra:
            problem.extra["workflow"] = workflow.slug
        raise
