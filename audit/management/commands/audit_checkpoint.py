"""Signs a checkpoint now, or tells the public key that verifies them."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from audit import signing
from audit.checkpoints import write_checkpoint
from audit.heads import workspaces


class Command(BaseCommand):
    help = "Signs a checkpoint of every workspace in which something has happened since the last one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--public-key", action="store_true", help="only print the public key")

    def handle(self, *args: object, **options: object) -> None:  # noqa: ARG002 - Django's form
        if options["public_key"]:
            self.stdout.write(signing.public_key())
            return
        for workspace in workspaces():
            entry = write_checkpoint(workspace=workspace)
            told = (
                f"checkpoint at entry {entry.seq}, hash {bytes(entry.hash).hex()}" if entry else "nothing new"
            )
            self.stdout.write(f"{workspace}: {told}")
