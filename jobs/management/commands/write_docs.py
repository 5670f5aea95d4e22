"""`manage.py write_docs`: the pages of docs/ that are generated from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from common.api import codes
from integrations import error_page


class Command(BaseCommand):
    help = "Write docs/errors.md and docs/problems.md anew. Tests compare them with the code."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for name, text in (("errors.md", error_page.markdown()), ("problems.md", codes.markdown())):
            page = Path(settings.BASE_DIR) / "docs" / name
            page.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {page}")
