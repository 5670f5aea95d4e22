"""The sweep's own process: it calls `jobs.engine.sweep` for ever. Any number may run, on any number of machines."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error, connection

from common.clock import monotonic
from jobs.engine import sweep
from jobs.queue.child import die_with, end_at_sigterm

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 10.0


@dataclass(kw_only=True)
class Chore:
    """Something to do again and again; `every` in seconds, `after` the start."""

    do: Callable[[], object]
    every: float
    next_at: float


def sweep_forever(parent: int) -> None:
    """The process: never returns. A chore that fails is logged and tried again when its time comes; an outage of
    the database is absorbed with pauses of up to 10 s."""
    die_with(parent)
    end_at_sigterm()
    chores = all_chores()
    pause = TICK_SECONDS
    while True:
        try:
            run_due(chores)
            pause = TICK_SECONDS
            time.sleep(_seconds_to_wait())
        except Error as error:
            logger.warning("The database did not answer the sweep: %s", error)
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def all_chores() -> list[Chore]:
    """Every chore, with its first time: the light ones now, the heavy ones when the cluster has settled."""
    start = monotonic()
    return [
        Chore(do=sweep.takeover, every=TICK_SECONDS, next_at=start),
        Chore(do=sweep.due, every=0, next_at=start),
        Chore(do=sweep.orphans, every=60, next_at=start + 5),
        Chore(do=sweep.remove_old_workers, every=3600, next_at=start + 30),
    ]


def run_due(chores: list[Chore]) -> None:
    """Do each chore whose time has come. Raises database errors; logs every other."""
    for chore in chores:
        if monotonic() < chore.next_at:
            continue
        chore.next_at = monotonic() + chore.every
        try:
            chore.do()
        except Error:
            raise
        except Exception:
            logger.exception("A chore of the sweep failed; it will be tried again.")


def _seconds_to_wait() -> float:
    left = sweep.seconds_to_next_due()
    return TICK_SECONDS if left is None else min(max(left, 0.0), TICK_SECONDS)
