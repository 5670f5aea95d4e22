"""Lets a test act at an exact moment of a run: after a commit, or inside an action."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from common.canonical import Json
from integrations.actions import ActionContext
from integrations.registry import get_action
from jobs.engine.journal import Journal
from jobs.engine.recorder import Batch
from jobs.models import Job


def after_commits(patch: pytest.MonkeyPatch, do: Callable[[Batch], None]) -> None:
    """Call `do` after every commit that was written, in the owner's thread."""
    write = Journal.write

    def written(journal: Journal, batch: Batch) -> bool:
        done = write(journal, batch)
        if done:
            do(batch)
        return done

    patch.setattr(Journal, "write", written)


def replace_action(
    patch: pytest.MonkeyPatch, type_: str, run: Callable[[dict[str, Json], ActionContext], Json]
) -> None:
    """Let `run` stand for what the action does outside."""
    found = get_action(type_)
    assert found is not None
    action = replace(found, run=run)
    patch.setattr("jobs.engine.interpreter.leaves.get_action", lambda *_: action)


def let_the_limit_pass(job: Job) -> None:
    """Put the job's time limit into the past, as if it had waited that long."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(deadline_at=past, due_at=past)
