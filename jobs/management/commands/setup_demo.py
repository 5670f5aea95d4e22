"""`manage.py setup_demo`: the workspace `demo`, its user `admin` and the sample workflows."""

from typing import Any

from django.core.management.base import BaseCommand

from jobs.demo.workspace import set_up_demo


class Command(BaseCommand):
    help = (
        "Make the workspace demo with the user admin and the sample workflows. What is there already stays."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        for sentence in set_up_demo().sentences():
            self.stdout.write(sentence)
