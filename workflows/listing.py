"""What a list of workflows says of each: what is wrong with its draft, and who changed it last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max

from audit.actions import Action
from audit.models import AuditEntry
from common.canonical import loads
from integrations.registry import get_action
from workflows.calls import slugs_called
from workflows.definition.checks import CalledWorkflow, CheckContext, check_definition
from workflows.definition.model import Definition
from workflows.definition.problems import DefinitionProblem
from workflows.models import Workflow, WorkflowStatus
from workflows.reading import parsed_text
from workflows.selectors import frozen_of


@dataclass(frozen=True, kw_only=True)
class ListedWorkflow:
    """A row. `errors` counts what stops the draft from being activated; None where the draft is what is active."""

    workflow: Workflow
    errors: int | None
    changed: AuditEntry | None

    @property
    def change(self) -> str:
        """What the last change was, in words."""
        known = self.changed is not None and self.changed.action in Action.values
        return Action(self.changed.action).label if known and self.changed else ""


def listed(rows: Sequence[Workflow]) -> list[ListedWorkflow]:
    """The rows of a page of `Workflow.objects.for_lists().with_unactivated()`, in three queries for all of them.

    Errors are counted as `check_draft` finds them, but for calls nested too deep.
    """
    drafts = _drafts([row for row in rows if _is_to_be_checked(row)])
    changes = last_changes([row.pk for row in rows])
    errors = _errors(drafts)
    return [
        ListedWorkflow(workflow=row, errors=errors.get(row.pk), changed=changes.get(row.pk)) for row in rows
    ]


def last_changes(ids: Sequence[int]) -> dict[int, AuditEntry]:
    """The newest audit entry of each workflow, without its body."""
    entries = AuditEntry.objects.filter(target_type="workflow", target_id__in=[str(pk) for pk in ids])
    newest = entries.order_by().values("target_id").annotate(newest=Max("pk")).values("newest")
    rows = AuditEntry.objects.filter(pk__in=newest).only("action", "actor", "at", "target_id")
    return {int(entry.target_id): entry for entry in rows}


def last_save(workflow: Workflow) -> AuditEntry | None:
    """The entry of the save that made the draft of `workflow` what it is, without its body."""
    saves = (Action.WORKFLOW_DRAFT_SAVED, Action.WORKFLOW_CREATED)
    entries = AuditEntry.objects.filter(target_type="workflow", target_id=str(workflow.pk), action__in=saves)
    return entries.order_by("-pk").only("action", "actor", "at").first()


def _is_to_be_checked(row: Workflow) -> bool:
    return row.status is WorkflowStatus.DRAFT or bool(getattr(row, "unactivated", False))


def _drafts(rows: Sequence[Workflow]) -> list[Workflow]:
    if not rows:
        return []
    return list(
        Workflow.objects.filter(pk__in=[row.pk for row in rows]).only("slug", "workspace_id", "draft")
    )


def _errors(drafts: Sequence[Workflow]) -> dict[int, int]:
    """How many errors each draft has, by the id of its workflow."""
    reads = {draft.pk: parsed_text(draft.draft) for draft in drafts}
    wanted = {slug for read in reads.values() if read.partial for slug in slugs_called(read.partial)}
    called = _called(wanted, drafts)
    found: dict[int, int] = {}
    for draft in drafts:
        read = reads[draft.pk]
        said = _check(read.partial, draft.slug, called) if read.partial else []
        found[draft.pk] = sum(problem.level == "error" for problem in [*read.problems, *said])
    return found


def _called(slugs: set[str], drafts: Sequence[Workflow]) -> Mapping[str, Workflow]:
    if not slugs:
        return {}
    rows = Workflow.objects.filter(workspace=drafts[0].workspace_id, slug__in=slugs)
    return {row.slug: row for row in rows.select_related("active_version").defer("draft")}


def _check(definition: Definition, own: str, called: Mapping[str, Workflow]) -> list[DefinitionProblem]:
    def resolve(slug: str) -> CalledWorkflow | None:
        return _as_called(called[slug], own) if slug in called else None

    return list(
        check_definition(definition, context=CheckContext(actions=get_action, resolve_workflow=resolve))
    )


def _as_called(row: Workflow, own: str) -> CalledWorkflow:
    version = row.active_version
    reached = {row.slug}
    if version is not None:
        reached |= {pin["slug"] for pin in loads(version.manifest)["closure"]}
    frozen = frozen_of(version)[0] if version else None
    return CalledWorkflow(
        slug=row.slug,
        name=row.name,
        active=frozen is not None,
        inputs=frozen.inputs if frozen else (),
        outputs=frozen.outputs if frozen else (),
        cycle=(own, row.slug, own) if own in reached else (),
    )
