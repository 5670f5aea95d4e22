"""`manage.py import_workflow`: workflows from a file, all of them or none."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.canonical import Json
from common.errors import Problem
from workflows.definition.yaml_text import YamlError, load_documents
from workflows.services.importing import Imported, ImportMode, import_workflows
from workspaces.actors import Actor
from workspaces.authentication import membership_actor
from workspaces.models import Membership


class Command(BaseCommand):
    help = "Make workflows from a YAML or JSON file, all of them or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="one or several YAML documents, or JSON; - reads standard input")
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--user", required=True, help="user name of the member who does it")
        parser.add_argument(
            "--activate",
            action="store_true",
            help="activate each (or ask for it, where that takes two people); problems undo everything",
        )
        parser.add_argument("--draft", action="store_true", help="replace the draft where the slug is taken")

    def handle(self, *_args: Any, **options: Any) -> None:
        documents = _documents(options["file"])
        actor = _actor(options["user"], options["workspace"])
        try:
            imported = import_workflows(
                actor=actor,
                workspace=actor.workspace,
                documents=documents,
                mode=ImportMode.DRAFT if options["draft"] else ImportMode.CREATE,
                activate_all=options["activate"],
            )
        except Problem as problem:
            raise CommandError("\n".join(_sentences(problem))) from problem
        for one in imported:
            self.stdout.write(_line(one))
            for found in one.problems:
                self.stderr.write(
                    f"  {found.level} at {found.path or 'the top'}: {found.message} {found.fix}"
                )


def _documents(name: str) -> list[Json]:
    try:
        text = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        documents = load_documents(text)
    except OSError as error:
        raise CommandError(f"The file {name} cannot be read: {error.strerror}.") from error
    except YamlError as error:
        raise CommandError(f"The file {name} is not YAML or JSON: {error}") from error
    if len(documents) == 1 and isinstance(documents[0], dict) and set(documents[0]) == {"workflows"}:
        listed = documents[0]["workflows"]
        return listed if isinstance(listed, list) else documents
    return documents


def _actor(username: str, slug: str) -> Actor:
    members = Membership.objects.select_related("user", "workspace")
    try:
        member = members.get(user__username=username, workspace__slug=slug, workspace__archived_at=None)
    except Membership.DoesNotExist as error:
        raise CommandError(f"There is no member {username} of a workspace {slug}.") from error
    return membership_actor(member, user=member.user)


def _line(one: Imported) -> str:
    done = "created" if one.created else "draft replaced"
    if one.request is not None:
        return f"{one.workflow.slug}: {done}, activation asked for (request {one.request.pk}): a second person decides"
    if one.activation is None:
        return f"{one.workflow.slug}: {done}"
    version = one.activation.version
    return f"{one.workflow.slug}: {done}, version {version.number} active, {version.digest}"


def _sentences(problem: Problem) -> list[str]:
    """A refusal in lines for a terminal."""
    lines = [problem.detail, *(f"{error.path}: {error.message}" for error in problem.errors)]
    for found in problem.extra.get("problems", []):
        lines.append(f"{found['level']} at {found['path'] or 'the top'}: {found['message']} {found['fix']}")
    return lines
