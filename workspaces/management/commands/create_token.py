"""`manage.py create_token`: a token for a program, its key alone on standard output."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common import clock
from common.errors import Problem
from workspaces.models import Role, User, Workspace
from workspaces.services import create_token


class Command(BaseCommand):
    help = "Make an API token and print its key, which cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, help="user name of the owner, a member of the workspace")
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", required=True, help="what it is for; the audit log shows it")
        parser.add_argument("--days", type=int, default=None, help="days until it expires (default: never)")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            user = User.objects.get(username=options["user"])
            workspace = Workspace.objects.get(slug=options["workspace"], archived_at=None)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no user {options['user']}.") from error
        except Workspace.DoesNotExist as error:
            raise CommandError(f"There is no workspace {options['workspace']}.") from error
        days: int | None = options["days"]
        role = Role(options["role"])
        try:
            expiry = clock.now() + timedelta(days=days) if days is not None else None
            _, key = create_token(
                user=user, workspace=workspace, role=role, name=options["name"], expiry=expiry, actor=None
            )
        except OverflowError as error:
            raise CommandError(f"No calendar has a day in {days} days; choose fewer.") from error
        except Problem as problem:
            raise CommandError("; ".join(e.message for e in problem.errors) or problem.detail) from problem
        self.stdout.write(key)
