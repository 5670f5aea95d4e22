"""Writes the audit log of a workspace, or one stream, to a file or the standard output."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from audit import export
from audit.heads import workspaces
from audit.models import AuditEntry


class Command(BaseCommand):
    help = "Exports the audit log: JSON Lines (for `python -m audit.standalone`) or CSV (for reading)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--workspace", default="", help="the slug of a workspace")
        what.add_argument("--stream", default="", help="one stream: job:UID or workspace:UID")
        parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
        parser.add_argument("--output", default="", help="a file; the standard output otherwise")

    def handle(self, *args: object, **options: str) -> None:  # noqa: ARG002 - Django's form
        lines = _lines(options["workspace"], options["stream"], as_csv=options["format"] == "csv")
        if options["output"]:
            try:
                with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
                    file.writelines(lines)
            except OSError as error:
                raise CommandError(
                    f"The file {options['output']} cannot be written: {error.strerror}."
                ) from error
        else:
            for line in lines:
                self.stdout.write(line, ending="")


def _lines(slug: str, stream: str, *, as_csv: bool) -> Iterator[str]:
    entries = AuditEntry.objects.order_by("pk")
    if stream:
        if not entries.filter(stream=stream).exists():
            raise CommandError(f"There is no stream '{stream}'.")
        chosen = entries.filter(stream=stream)
        return export.entries_csv(chosen.iterator()) if as_csv else export.stream_jsonl(stream)
    workspace = workspaces(slug).first()
    if workspace is None:
        raise CommandError(f"There is no workspace with the slug '{slug}'.")
    chosen = entries.filter(workspace_id=workspace.pk)
    return export.entries_csv(chosen.iterator()) if as_csv else export.workspace_jsonl(workspace)
