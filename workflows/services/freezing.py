"""What every way of making a version active ends in. Nothing here asks whether the actor may: the services do."""

from dataclasses import dataclass

from django.db.models import Max

from audit.actions import Action
from common import clock
from common.canonical import Json, sha256_hex
from common.errors import FieldError, Problem
from workflows.checking import Checked, check_text
from workflows.definition.problems import DefinitionProblem
from workflows.manifest import Frozen
from workflows.models import Workflow, WorkflowVersion
from workflows.proposal import freeze_checked
from workflows.selectors import Caller, callers_of
from workflows.services.locking import tell
from workspaces.actors import Actor
from workspaces.models import User

NOTE_LENGTH = 500


def refuse_note(note: str, *, path: str = "note") -> None:
    """A `Problem` 422 for a note or comment that no database could keep."""
    if "\x00" in note:
        wrong = FieldError(path=path, code="format", message="expected text without the character NUL")
        raise Problem(422, "invalid", "The text has a character that cannot be kept.", errors=[wrong])


@dataclass(frozen=True, kw_only=True)
class Activation:
    """What activating came to. `created` is False when a version with this content was there already.

    `callers` are the workflows that go on calling an earlier version until they are activated anew, `problems` the
    warnings about the definition.
    """

    version: WorkflowVersion
    created: bool
    problems: tuple[DefinitionProblem, ...] = ()
    callers: tuple[Caller, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A definition without errors, ready to become active. `version` holds exactly it already; None: none does."""

    checked: Checked
    frozen: Frozen
    version: WorkflowVersion | None

    def is_active(self, workflow: Workflow) -> bool:
        """Whether new jobs of `workflow` run exactly this, so that there is nothing to do."""
        return self.version is not None and self.version.pk == workflow.active_version_id


def prepare(workflow: Workflow, text: str) -> Prepared:
    """Check the `text` of a definition against the workspace as it is now, and freeze it. `Problem` 409 `has_problems`
    while anything stands against it.
    """
    checked = check_text(workflow, text)
    if checked.has_errors:
        raise Problem(
            409,
            "has_problems",
            f"The workflow {workflow.slug} cannot be activated: solve the errors among its problems first.",
            extra={"problems": [problem.as_json() for problem in checked.problems]},
        )
    frozen = freeze_checked(checked)
    version = workflow.versions.filter(digest=frozen.digest).first()
    return Prepared(checked=checked, frozen=frozen, version=version)


def put_into_use(
    workflow: Workflow,
    prepared: Prepared,
    *,
    actor: Actor | None,
    note: str = "",
    author: User | None = None,
    told: dict[str, Json] | None = None,
) -> Activation:
    """Let new jobs run what was prepared, as the next version or as the earlier one that holds exactly it.

    `workflow` is locked. `author` is who the version is by (None: the actor); the audit entry says `told` too.
    """
    version = prepared.version
    if version is None:
        by = author or (actor.user if actor else None)
        version = _next_version(workflow, prepared.frozen, note=note, author=by)
    if workflow.active_version_id != version.pk:
        workflow.active_version = version
        workflow.active_digest = sha256_hex(version.definition)
        workflow.updated_at = clock.now()
        workflow.save(update_fields=["active_version", "active_digest", "updated_at"])
        tell(
            Action.WORKFLOW_ACTIVATED,
            workflow,
            actor=actor,
            number=version.number,
            digest=version.digest,
            created=prepared.version is None,
            note=note[:NOTE_LENGTH],
            **(told or {}),
        )
    return Activation(
        version=version,
        created=prepared.version is None,
        problems=prepared.checked.problems,
        callers=tuple(caller for caller in callers_of(workflow) if caller.calls != version.number),
    )


def _next_version(workflow: Workflow, frozen: Frozen, *, note: str, author: User | None) -> WorkflowVersion:
    last = workflow.versions.aggregate(last=Max("number"))["last"] or 0
    return WorkflowVersion.objects.create(
        workflow=workflow,
        number=last + 1,
        definition=frozen.definition,
        manifest=frozen.manifest,
        digest=frozen.digest,
        needs=frozen.needs,
        note=note[:NOTE_LENGTH],
        created_at=clock.now(),
        created_by=author,
    )
