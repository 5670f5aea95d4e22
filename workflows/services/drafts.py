"""Making a workflow and editing its draft."""

from collections.abc import Mapping

from django.db import transaction

from audit.actions import Action
from common import clock
from common.canonical import Json, NotJson, dumps_in_order, loads, meaning, sha256_hex
from common.errors import FieldError, Problem
from common.names import name_error, slug_error
from workflows.definition.fields import EXPORT_FIELDS
from workflows.models import Workflow
from workflows.services.history import remember
from workflows.services.locking import lock_workflow, lock_workspace, refuse_archived, tell
from workspaces.actors import Actor
from workspaces.models import Workspace
from workspaces.permissions import Permission, require

NAME_LENGTH = 200
RESERVED_SLUGS = {"gallery", "import", "new"}
"""Words that stand where a slug stands in addresses."""


@transaction.atomic
def create_workflow(
    *,
    actor: Actor | None,
    workspace: Workspace,
    slug: str,
    name: str | None = None,
    description: str | None = None,
    definition: Json = None,
    gallery: str | None = None,
) -> Workflow:
    """A new workflow with a draft and no version. `name` and `description` are set in the definition; without one
    the draft is an empty workflow. An unfinished definition is fine; what is no object is a `Problem` 422. `gallery`
    is the entry of the gallery that it is a copy of.

    `Problem`: 403; 422 for a bad slug, name or definition; 409 `slug_taken`.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    given = {} if definition is None else definition
    _refuse([slug_problem(slug, path="slug"), *_text_errors(given, name, description)])
    lock_workspace(workspace, actor=actor)
    if Workflow.objects.filter(workspace=workspace, slug=slug).exists():
        raise Problem(
            409, "slug_taken", f"There is a workflow {slug} in this workspace already. Choose another slug."
        )
    whole = {"format": 1, "name": slug, "inputs": [], "steps": [], "outputs": [], **given}
    draft = draft_text(whole if definition is None else given, name=name, description=description)
    now = clock.now()
    workflow = Workflow.objects.create(
        workspace=workspace,
        slug=slug,
        draft=draft,
        draft_digest=draft_digest(draft),
        created_at=now,
        created_by=actor.user if actor else None,
        updated_at=now,
        gallery=gallery,
        **_shown(draft, slug),
    )
    origin: dict[str, Json] = {} if gallery is None else {"gallery": gallery}
    tell(Action.WORKFLOW_CREATED, workflow, actor=actor, revision=1, draft=workflow.draft_digest, **origin)
    return workflow


@transaction.atomic
def save_draft(
    *,
    actor: Actor | None,
    workflow: Workflow,
    expected_revision: int | None,
    definition: Json = None,
    name: str | None = None,
    description: str | None = None,
    what: str = "",
) -> Workflow:
    """Replace the draft by `definition` (None: the present one), with `name` and `description` set in it.

    `expected_revision` is the revision that was edited; when the draft has moved on since, a `Problem` 409
    `draft_changed` keeps the other edit. None overwrites whatever is there (for commands and imports). A draft that
    does not change keeps its revision; another order of its keys is a change. `what` says in the history what was
    changed. Never fails on an unfinished definition.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    _refuse(_text_errors({} if definition is None else definition, name, description))
    workflow = lock_workflow(workflow, actor=actor)
    refuse_archived(workflow)
    refuse_stale(workflow, expected_revision)
    given = loads(workflow.draft) if definition is None else definition
    draft = draft_text(given, name=name, description=description)
    return keep_draft(workflow, draft, actor=actor, what=what)


def keep_draft(workflow: Workflow, draft: str, *, actor: Actor | None, what: str = "") -> Workflow:
    """Make `draft` the draft of a locked workflow, with its place in the history and its audit entry. One that is there
    already keeps its revision.
    """
    if draft == workflow.draft:
        return workflow
    former = (workflow.draft, workflow.draft_revision, workflow.updated_at)
    workflow.draft, workflow.draft_digest = draft, draft_digest(draft)
    workflow.draft_revision += 1
    workflow.updated_at = clock.now()
    shown = _shown(draft, workflow.slug)
    workflow.name, workflow.description = shown["name"], shown["description"]
    workflow.save(
        update_fields=["draft", "draft_digest", "draft_revision", "updated_at", "name", "description"]
    )
    remember(workflow, former, actor=actor, what=what)
    tell(
        Action.WORKFLOW_DRAFT_SAVED,
        workflow,
        actor=actor,
        revision=workflow.draft_revision,
        draft=workflow.draft_digest,
    )
    return workflow


def refuse_stale(workflow: Workflow, expected_revision: int | None) -> None:
    """A `Problem` 409 `draft_changed` unless the draft still has that revision; None: any will do."""
    if expected_revision is not None and expected_revision != workflow.draft_revision:
        raise Problem(
            409,
            "draft_changed",
            f"The draft was changed meanwhile: revision {expected_revision} was expected, "
            f"it has {workflow.draft_revision}. Load it again and repeat the edit.",
            extra={"revision": workflow.draft_revision},
        )


def slug_problem(slug: str, *, path: str) -> FieldError | None:
    """What is wrong with `slug` as that of a workflow; None when it is fine."""
    if slug in RESERVED_SLUGS:
        message = f"expected another slug: {slug} is part of an address"
        return FieldError(path=path, code="pattern", message=message)
    return slug_error(slug, path=path)


def draft_text(definition: Json, *, name: str | None = None, description: str | None = None) -> str:
    """A definition as the text of a draft, in the order in which it was written. `Problem` 422 for what is no JSON
    object; what only the checks mind, such as integers beyond ±2^53, is kept.
    """
    if not isinstance(definition, dict):
        raise Problem(422, "invalid", "A definition is an object.", errors=_not_an_object())
    kept = {field: value for field, value in definition.items() if field not in EXPORT_FIELDS}
    kept |= {} if name is None else {"name": name}
    kept |= {} if description is None else {"description": description}
    try:
        return dumps_in_order(kept)
    except NotJson as error:
        message = f"expected a JSON object, got what cannot be written as JSON: {error}"
        wrong = FieldError(path="definition", code="wrong_type", message=message)
        raise Problem(422, "invalid", "The definition cannot be stored.", errors=[wrong]) from error


def draft_digest(draft: str) -> str:
    """The digest of what the text of a draft means: that of the definition that activating it would freeze."""
    return sha256_hex(meaning(loads(draft)))


def _text_errors(definition: Json, name: str | None, description: str | None) -> list[FieldError | None]:
    errors: list[FieldError | None] = []
    if not isinstance(definition, dict):
        errors += _not_an_object()
    if name is not None:
        errors.append(name_error(name, path="name", longest=NAME_LENGTH))
    if description is not None and len(description) > 10_000:
        message = f"expected at most 10000 characters, got {len(description)}"
        errors.append(FieldError(path="description", code="too_long", message=message))
    return errors


def _not_an_object() -> list[FieldError]:
    message = "expected an object with format, name, inputs, steps and outputs"
    return [FieldError(path="definition", code="wrong_type", message=message)]


def _refuse(errors: list[FieldError | None]) -> None:
    found = [error for error in errors if error is not None]
    if found:
        raise Problem(422, "invalid", "Some fields are not valid; nothing was changed.", errors=found)


def _shown(draft: str, slug: str) -> dict[str, str]:
    """Name and description for lists, as far as the draft has them and every database can hold them."""
    definition: Mapping[str, Json] = loads(draft)
    return {
        "name": _line(definition.get("name"))[:NAME_LENGTH] or slug,
        "description": _line(definition.get("description")),
    }


def _line(text: Json) -> str:
    if not isinstance(text, str):
        return ""
    return text.replace("\x00", "").encode(errors="replace").decode()
