"""The sweep's own process: it calls `jobs.engine.sweep` for ever. Any number may run, on any number of machines."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error, InterfaceError, OperationalError, connection

from audit.checkpoints import write_due_checkpoints
from common.clock import monotonic
from jobs.engine import sweep
from jobs.previews.removal import remove_old_previews
from jobs.queue.child import die_with, end_at_sigterm
from jobs.storage.cleanup import remove_unreferenced
from workspaces.idempotency import purge_expired

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 10.0
BLOBS_KEPT = timedelta(days=1)


@dataclass(kw_only=True)
class Chore:
    """Something to do again and again: `every` so many seconds, for the first time at `next_at` (monotonic)."""

    do: Callable[[], object]
    every: float
    next_at: float


def sweep_forever(parent: int) -> None:
    """The process: never returns. Housekeeping, which may take long, has a thread and a connection of its own."""
    die_with(parent)
    end_at_sigterm()
    threading.Thread(target=repeat, args=(housekeeping(),), name="housekeeping", daemon=True).start()
    repeat(recovery(), until_next=wake_due)


def recovery() -> list[Chore]:
    """What jobs wait for: quick, and each second."""
    start = monotonic()
    return [
        Chore(do=sweep.takeover, every=TICK_SECONDS, next_at=start),
        Chore(do=sweep.orphans, every=60, next_at=start + 5),
    ]


def housekeeping() -> list[Chore]:
    """What nobody waits for; it begins when the cluster has settled."""
    start = monotonic() + 30
    return [
        Chore(do=write_due_checkpoints, every=60, next_at=start),
        Chore(do=purge_expired, every=3600, next_at=start),
        Chore(do=sweep.remove_old_workers, every=3600, next_at=start),
        Chore(do=remove_old_previews, every=3600, next_at=start),
        Chore(do=lambda: remove_unreferenced(older_than=BLOBS_KEPT), every=3600, next_at=start + 60),
    ]


def repeat(chores: list[Chore], until_next: Callable[[], float] = lambda: TICK_SECONDS) -> None:
    """Do chores as their times come, for ever, and sleep as long as `until_next` says in between. A chore that fails
    is logged and tried again when its time comes; an outage of the database is absorbed, with pauses of up to 10 s."""
    pause = TICK_SECONDS
    while True:
        try:
            run_due(chores)
            time.sleep(until_next())
            pause = TICK_SECONDS
        except Error as error:
            logger.warning("The database did not answer the sweep: %s", error)
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def run_due(chores: list[Chore]) -> None:
    """Do each chore whose time has come. Raises database errors; logs every other."""
    for chore in chores:
        if monotonic() < chore.next_at:
            continue
        chore.next_at = monotonic() + chore.every
        try:
            chore.do()
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("A chore of the sweep failed; it will be tried again.")


def wake_due() -> float:
    """Put the waiting jobs whose time has come back in line; returns for how long to sleep then: until the next one's
    time, a second at most."""
    left = sweep.seconds_to_next_due()
    if left is not None and left <= 0:
        sweep.due()
        left = sweep.seconds_to_next_due()
    return TICK_SECONDS if left is None else min(max(left, 0.005), TICK_SECONDS)
