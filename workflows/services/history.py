"""The last saves of a draft, and going back to one of them."""

from datetime import datetime, timedelta

from common.canonical import encodable
from workflows.models import DraftSave, Workflow
from workspaces.actors import Actor

MOST_SAVES = 50
ONE_SAVE = timedelta(minutes=2)
"""Saves of the same thing by the same person within this time are one row of the history."""


def remember(
    workflow: Workflow, former: tuple[str, int, datetime], *, actor: Actor | None, what: str
) -> None:
    """Note the draft that `workflow` has just got. `former`: the draft before, its revision and when it was saved, which
    is noted too where nothing of the workflow is kept yet.
    """
    user = actor.user if actor else None
    what = encodable(what.replace("\x00", ""))[:200]
    saves = list(workflow.saves.order_by("-revision").defer("draft")[:MOST_SAVES])
    if not saves:
        draft, revision, saved_at = former
        first = DraftSave(workflow=workflow, draft=draft, revision=revision, saved_at=saved_at)
        first.save()
        saves = [first]
    last, now = saves[0], workflow.updated_at
    same = len(saves) > 1 and what and last.what == what and last.saved_by_id == (user.pk if user else None)
    if same and now - last.saved_at < ONE_SAVE:
        last.draft, last.revision = workflow.draft, workflow.draft_revision
        last.save(update_fields=["draft", "revision"])
        return
    workflow.saves.create(
        draft=workflow.draft, revision=workflow.draft_revision, what=what, saved_at=now, saved_by=user
    )
    if len(saves) == MOST_SAVES:
        workflow.saves.filter(revision__lte=saves[-1].revision).delete()
