"""`manage.py demo`: everything from an empty folder to a sample job that ran. `make run` and `make demo` call it."""

import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from jobs.demo.client import DemoClient
from jobs.demo.sample_job import run_sample
from jobs.demo.samples import EXPENSE_REPORT
from jobs.demo.server import ServerError, running
from jobs.demo.workspace import set_up_demo, short_lived_token

_STOPPED = 130


class Command(BaseCommand):
    help = (
        "Prepare the database and the demo workspace, start web server and cluster, run the sample job. "
        "Exits with 0 when the job completed; with --serve it goes on serving until Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--serve", action="store_true", help="keep serving after the sample job")

    def handle(self, *_args: Any, serve: bool, **_options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            completed = self._run(serve=serve)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")
            sys.exit(0 if serve else _STOPPED)
        except (ServerError, httpx.HTTPError) as error:
            raise CommandError(str(error)) from error
        if not completed:
            sys.exit(1)

    def _run(self, *, serve: bool) -> bool:
        port: int = settings.PORT
        log = Path(settings.VAR_DIR) / "server.log"
        url = f"http://127.0.0.1:{port}"
        self.stdout.write(f"Preparing the database ({_database()})")
        try:
            call_command("migrate", verbosity=0)
        except OperationalError as error:
            fix = "DATABASE_URL, in the environment or in .env, says which one it is."
            raise CommandError(f"The database cannot be opened: {str(error).strip()}\n{fix}") from error
        demo = set_up_demo()
        for sentence in demo.sentences():
            self.stdout.write(sentence)
        self.stdout.write("Starting web server and cluster")
        stop_within = settings.STOP_GRACE + 15
        with running(base_dir=settings.BASE_DIR, port=port, log=log, stop_within=stop_within) as server:
            with short_lived_token(demo) as key, DemoClient(base_url=url, token=key) as client:
                completed = run_sample(client, EXPENSE_REPORT, out=sys.stdout)
            if serve:
                self.stdout.write(f"Ready: {url}/ - API: {url}/api/docs/ - log: {log} - stop: Ctrl-C")
                self.stdout.flush()
                raise ServerError(f"The server ended with code {server.wait()}. See {log}.")
        return completed


def _database() -> str:
    database = settings.DATABASES["default"]
    return f"{database['ENGINE'].rpartition('.')[2]} {database['NAME']}"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
