"""Previews are removed a day after they were made, with everything that only they have. Never a job."""

import logging
from datetime import timedelta
from typing import Final

from django.db import connection, transaction

from audit.services import SYSTEM
from common import clock
from jobs import transitions
from jobs.models import File, Job, Payload, Preview, StepRun, Wait
from jobs.states import JobKind

logger = logging.getLogger(__name__)

KEPT: Final = timedelta(days=1)
PARTS: Final = (Wait, Payload, StepRun, File, Preview)
"""What belongs to a row among the jobs, each before what it refers to."""
_AT_ONCE = 500
_FAMILY = "SELECT id FROM jobs_job WHERE id = %s OR root_id = %s"
_STATEMENTS = (
    *(f"DELETE FROM {part._meta.db_table} WHERE job_id IN ({_FAMILY})" for part in PARTS),  # noqa: S608 - constants only
    "DELETE FROM jobs_job WHERE id = %s OR root_id = %s",
)
"""As SQL, for the ORM would read every value that it deletes."""


def remove_old_previews() -> int:
    """Remove the previews that are older than a day; how many. One that has not ended is asked to stop, and goes an
    hour later.
    """
    old = Job.objects.filter(kind=JobKind.PREVIEW, created_at__lt=clock.now() - KEPT).order_by("created_at")
    removed = 0
    for pk in list(old.values_list("pk", flat=True)[:_AT_ONCE]):
        if Job.objects.filter(pk=pk, finished_at=None).exists():
            transitions.request_cancel(pk, actor=SYSTEM, reason="Previews are removed after a day.")
        removed += _remove(pk)
    if removed:
        logger.info("%d previews were removed.", removed, extra={"previews": removed})
    return removed


@transaction.atomic
def _remove(pk: int) -> bool:
    """Remove one with its sub-jobs, if all of them have ended. Their bytes go with the blobs that nothing names."""
    if Job.objects.select_for_update().only("pk").filter(pk=pk, kind=JobKind.PREVIEW).first() is None:
        return False  # another process has done it
    family = Job.objects.filter(root=pk) | Job.objects.filter(pk=pk)
    if family.filter(finished_at=None).exists():
        return False
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, [pk, pk])
    return True
