"""`manage.py up`: everything that one machine needs, in one process tree."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.tables import why_unusable
from jobs.engine.runner import run_job
from jobs.queue.pair import run_pair
from jobs.queue.webserver import PortTakenError, bind


class Command(BaseCommand):
    help = "Run the web server and a cluster. When one of them ends, the other is stopped and the exit status is 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="port of the web server (PORT)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for all")
        parser.add_argument(
            "--workers", type=int, default=settings.Q_WORKERS, help="worker processes (Q_WORKERS)"
        )

    def handle(self, *_args: Any, port: int, host: str, workers: int, **_options: Any) -> None:
        if reason := why_unusable():
            raise CommandError(reason)
        try:
            listener = bind(host, port)
        except PortTakenError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Workledger listens on http://{host}:{port}")
        self.stdout.flush()
        sys.exit(run_pair(listener=listener, workers=max(workers, 1), run=run_job))
