"""`manage.py create_workspace`: a workspace with its first admin."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Problem
from workspaces.models import User
from workspaces.services import create_workspace


class Command(BaseCommand):
    help = "Make a workspace with an existing user as its first admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True, help="lower-case letters, digits and hyphens")
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin", required=True, help="user name of the first admin")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            admin = User.objects.get(username=options["admin"])
        except User.DoesNotExist as error:
            raise CommandError(
                f"There is no user {options['admin']}; make one with createsuperuser."
            ) from error
        try:
            workspace = create_workspace(slug=options["slug"], name=options["name"], admin=admin, actor=None)
        except Problem as problem:
            raise CommandError("; ".join(e.message for e in problem.errors) or problem.detail) from problem
        self.stdout.write(f"Made the workspace {workspace.slug}; {admin.get_username()} is its admin.")
