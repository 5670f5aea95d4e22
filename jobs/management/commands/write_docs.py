"""`manage.py write_docs`: the pages of docs/ that are generated from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from integrations.error_page import markdown


class Command(BaseCommand):
    help = "Write docs/errors.md anew. A test compares it with the code."

    def handle(self, *_args: Any, **_options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "errors.md"
        page.write_text(markdown(), encoding="utf-8")
        self.stdout.write(f"Wrote {page}")
