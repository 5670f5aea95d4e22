"""`manage.py cluster`: workers, and what guards them."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from jobs.engine.runner import run_job
from jobs.queue.cluster import HardenedCluster


class Command(BaseCommand):
    help = (
        "Run a cluster: workers for the queue that Q_CLUSTER_NAME names, the doorbell that wakes them, and the sweep. "
        "SIGTERM or Ctrl-C lets them finish the step in hand and puts their jobs back in line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workers", type=int, default=settings.Q_WORKERS, help="worker processes (Q_WORKERS)"
        )

    def handle(self, *_args: Any, workers: int, **_options: Any) -> None:
        workers = max(workers, 1)
        self.stdout.write(f"{workers} workers for the queue {settings.Q_CLUSTER_NAME}; Ctrl-C stops them.")
        self.stdout.flush()
        sys.exit(HardenedCluster(workers=workers, run=run_job).run())
