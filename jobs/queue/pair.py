"""Web server and cluster as one: each dies with the parent, and when one ends the other is stopped."""

import gc
import logging
import os
import signal
import socket
import sys
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from django.conf import settings
from django.db import connections

from jobs.queue.child import die_with, fork
from jobs.queue.cluster import HardenedCluster
from jobs.queue.drain import RunJob
from jobs.queue.flag import Flag
from jobs.queue.webserver import serve

logger = logging.getLogger(__name__)

_GIVE_UP_AFTER = 5.0
"""Seconds beyond `STOP_GRACE` after which what still runs is killed."""


def run_pair(*, listener: socket.socket, workers: int, run: RunJob) -> int:
    """Run both until told to stop; returns the exit status: 0, or 1 when either ended by itself or badly."""
    stop = Flag()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    connections.close_all()
    gc.collect()
    gc.freeze()
    cluster = fork.Process(target=_cluster, args=(os.getpid(), workers, run), name="cluster")
    web = fork.Process(target=serve, args=(os.getpid(), listener), name="web server")
    both: list[BaseProcess] = [cluster, web]
    for child in both:
        child.start()
    listener.close()
    wait([cluster.sentinel, web.sentinel, stop.fd])
    asked = stop.wait(0.1)  # a signal to the whole group may end a child first
    if not asked:
        ended = next(child for child in both if not child.is_alive())
        logger.critical("The %s ended (%s); the other is stopped.", ended.name, ended.exitcode)
    _stop_all(both)
    return 0 if asked and all(child.exitcode == 0 for child in both) else 1


def _stop_all(children: list[BaseProcess]) -> None:
    for child in children:
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGTERM)
    for child in children:
        child.join(settings.STOP_GRACE + _GIVE_UP_AFTER)
        if child.is_alive():
            child.kill()
            child.join()


def _cluster(parent: int, workers: int, run: RunJob) -> None:
    die_with(parent)
    sys.exit(HardenedCluster(workers=workers, run=run).run())
