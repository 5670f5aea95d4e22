"""`manage.py write_docs`: the pages of docs/ that are generated from the code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from common.api import codes
from integrations import error_page
from workflows import reference

PAGES: dict[str, Callable[[], str]] = {
    "errors.md": error_page.markdown,
    "problems.md": codes.markdown,
    "functions.md": reference.functions_markdown,
    "gallery.md": reference.gallery_markdown,
    "definition.schema.json": reference.schema_text,
}


class Command(BaseCommand):
    help = "Write the generated files of docs/ anew. Tests compare them with the code."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for name, text in PAGES.items():
            page = Path(settings.BASE_DIR) / "docs" / name
            page.write_text(text(), encoding="utf-8")
            self.stdout.write(f"Wrote {page}")
