"""The same thing done to many jobs: each by its own service, in a transaction and with an audit entry of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common import clock
from common.canonical import dumps, loads, sha256_hex
from common.errors import FieldError, Problem
from common.secrets import SecretUnreadable
from jobs.models import Job
from jobs.services import RerunVersion, cancel_job, rerun_job
from workspaces.actors import Actor
from workspaces.models import IdempotencyKey

AT_MOST: Final = 100
_DONE = 200


class BulkAction(StrEnum):
    """What can be done to many jobs at once."""

    CANCEL = "cancel"
    RERUN = "rerun"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one job. `why` says why nothing was done; `made` is the job that runs it again."""

    job: int
    why: str = ""
    made: int | None = None


def require_few(count: int) -> None:
    """Raise `Problem` 422 `too_many` for more jobs than can be taken at once."""
    if count > AT_MOST:
        message = f"expected at most {AT_MOST} jobs at once, got {count}"
        error = FieldError(path="job", code="too_many", message=message)
        raise Problem(422, "invalid", f"Choose at most {AT_MOST} jobs at once.", errors=[error])


def do_to_all(
    *, actor: Actor, action: BulkAction, jobs: Sequence[Job], once: str, version: RerunVersion
) -> list[Outcome] | None:
    """Do it to each of `jobs`, and give what became of each, kept for a day under the key `once`.

    None: the key was used before, so nothing is done again; `outcomes_of` has what came of it.
    """
    require_few(len(jobs))
    key = _claim(actor, action, jobs, once)
    if key is None:
        return None
    outcomes = [_do(actor, action, job, version) for job in jobs]
    key.status = _DONE
    key.answer = dumps([[each.job, each.why, each.made] for each in outcomes])
    key.save(update_fields=["status", "answer"])
    return outcomes


def outcomes_of(*, actor: Actor, action: BulkAction, once: str) -> list[Outcome] | None:
    """What came of it; None when `actor` did nothing under that key within the last day, or it is not over."""
    row = _keys(actor).filter(key=_name(action, once), status=_DONE).first()
    if row is None:
        return None
    return [Outcome(job=job, why=why, made=made) for job, why, made in loads(row.answer)]


def _do(actor: Actor, action: BulkAction, job: Job, version: RerunVersion) -> Outcome:
    steps: dict[BulkAction, Callable[[], Any]] = {
        BulkAction.CANCEL: lambda: cancel_job(actor=actor, job=job),
        BulkAction.RERUN: lambda: rerun_job(actor=actor, job=job, version=version),
    }
    try:
        done = steps[action]()
    except Problem as problem:
        return Outcome(job=job.pk, why=problem.detail)
    except SecretUnreadable:
        why = _("No key of this installation opens its secret inputs. Start a new job and enter them again.")
        return Outcome(job=job.pk, why=why)
    return Outcome(job=job.pk, made=done.job.pk if action is BulkAction.RERUN else None)


def _claim(actor: Actor, action: BulkAction, jobs: Sequence[Job], once: str) -> IdempotencyKey | None:
    """The key, taken by its unique index: a form that is sent twice must not run jobs twice."""
    digest = sha256_hex(dumps([action.value, [job.pk for job in jobs]]))
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                workspace=actor.workspace,
                user=actor.user,
                key=_name(action, once),
                digest=digest,
                created_at=clock.now(),
            )
    except IntegrityError:
        return None


def _keys(actor: Actor) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(workspace=actor.workspace, user=actor.user)


def _name(action: BulkAction, once: str) -> str:
    return f"page:{action.value}:{once}"
