"""Verifies the audit log; exit status 1 when something is wrong."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from audit.heads import workspaces
from audit.verify import Progress, Report, verify_stream, verify_workspace
from common.canonical import dumps


class Command(BaseCommand):
    help = (
        "Verifies every entry, link, head and checkpoint of the audit log."
        " The exit status is 1 when something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workspace", default="", help="the slug of one workspace; all of them otherwise"
        )
        parser.add_argument("--stream", default="", help="one stream: job:UID or workspace:UID")
        parser.add_argument("--json", action="store_true", help="one JSON object a line instead of sentences")

    def handle(self, *args: object, **options: str) -> None:  # noqa: ARG002 - Django's form
        as_json = bool(options["json"])
        wrong = 0
        for report in _reports(options["workspace"], options["stream"], None if as_json else self._progress):
            self.stdout.write(dumps(asdict(report) | {"ok": report.ok}) if as_json else _told(report))
            wrong += report.found
        if wrong:
            sys.exit(1)

    def _progress(self, entries: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{entries:,} entries read", ending="\r")


def _reports(slug: str, stream: str, progress: Progress | None) -> Iterator[Report]:
    if stream:
        yield verify_stream(stream, progress=progress)
        return
    chosen = workspaces(slug)
    if slug and not chosen:
        raise CommandError(f"There is no workspace with the slug '{slug}'.")
    for workspace in chosen:
        yield verify_workspace(workspace, progress=progress)


def _told(report: Report) -> str:
    read = f"{report.entries:,} entries in {report.streams:,} streams, {report.checkpoints:,} checkpoints"
    until = report.checkpointed_until
    lines = [f"{report.subject}: {read}" + (f", the last of {until}." if until else ".")]
    lines += [
        f"  {finding.stream} #{finding.seq}: {finding.sentence}"
        if finding.stream
        else f"  {finding.sentence}"
        for finding in report.findings
    ]
    if report.found > len(report.findings):
        lines.append(f"  and {report.found - len(report.findings):,} more findings.")
    lines.append("  Nothing wrong was found." if report.ok else f"  {report.found:,} things are wrong.")
    return "\n".join(lines)
