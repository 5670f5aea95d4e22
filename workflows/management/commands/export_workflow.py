"""`manage.py export_workflow`: a workflow as a file, on standard output."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflows.exporting import export_documents, written
from workflows.models import Workflow, WorkflowVersion


class Command(BaseCommand):
    help = "Write a workflow to standard output, as import_workflow reads it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--format", choices=("yaml", "json"), default="yaml")
        parser.add_argument(
            "--with-subworkflows", action="store_true", help="also what it calls, callees first"
        )
        parser.add_argument(
            "--version-number",
            default="",
            help="a number or draft; otherwise the active version, else the draft",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        slug, workspace = options["slug"], options["workspace"]
        workflows = Workflow.objects.select_related("active_version")
        try:
            workflow = workflows.get(slug=slug, workspace__slug=workspace)
            documents = export_documents(
                workflow, which=options["version_number"], with_subworkflows=options["with_subworkflows"]
            )
        except Workflow.DoesNotExist as error:
            raise CommandError(f"There is no workflow {slug} in a workspace {workspace}.") from error
        except WorkflowVersion.DoesNotExist as error:
            raise CommandError(f"The workflow {slug} has no version {options['version_number']}.") from error
        self.stdout.write(written(documents, style=options["format"]), ending="")
