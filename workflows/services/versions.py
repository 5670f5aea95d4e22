"""Going back to a version that is frozen."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import Action
from common.canonical import loads, sha256_hex
from workflows.models import Workflow, WorkflowVersion
from workflows.services.drafts import draft_text, keep_draft, refuse_stale
from workflows.services.locking import lock_workflow, refuse_archived, tell
from workspaces.actors import Actor
from workspaces.permissions import Permission, require


@transaction.atomic
def draft_from_version(
    *, actor: Actor | None, workflow: Workflow, version: WorkflowVersion, expected_revision: int | None
) -> Workflow:
    """Make the definition of one of its versions the draft of `workflow` again. A draft that means the same stays as
    it is written.

    `expected_revision` and `Problem` are those of `save_draft`: whoever edited meanwhile loses nothing unseen.
    """
    require(actor, Permission.WORKFLOW_EDIT)
    workflow = lock_workflow(workflow, actor=actor)
    refuse_archived(workflow)
    refuse_stale(workflow, expected_revision)
    if workflow.draft_digest == sha256_hex(version.definition):
        return workflow
    what = _("Version %(number)s again") % {"number": version.number}
    edited = keep_draft(workflow, draft_text(loads(version.definition)), actor=actor, what=what)
    tell(
        Action.WORKFLOW_DRAFT_FROM_VERSION,
        edited,
        actor=actor,
        number=version.number,
        revision=edited.draft_revision,
    )
    return edited
