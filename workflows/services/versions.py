"""Going back to a version that is frozen."""

from django.db import transaction

from audit.actions import Action
from common.canonical import loads
from workflows.models import Workflow, WorkflowVersion
from workflows.services.drafts import save_draft
from workflows.services.locking import tell
from workspaces.actors import Actor


@transaction.atomic
def draft_from_version(
    *, actor: Actor | None, workflow: Workflow, version: WorkflowVersion, expected_revision: int | None
) -> Workflow:
    """Make the definition of one of its versions the draft of `workflow` again. A draft that holds it already stays.

    `expected_revision` and `Problem` are those of `save_draft`: whoever edited meanwhile loses nothing unseen.
    """
    edited = save_draft(
        actor=actor,
        workflow=workflow,
        expected_revision=expected_revision,
        definition=loads(version.definition),
    )
    if edited.draft_revision != workflow.draft_revision:
        tell(
            Action.WORKFLOW_DRAFT_FROM_VERSION,
            edited,
            actor=actor,
            number=version.number,
            revision=edited.draft_revision,
        )
    return edited
