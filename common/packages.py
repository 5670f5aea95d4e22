"""Static files out of `node_modules`: those that settings name, and nothing else that happens to lie there."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

PREFIX = "packages"
"""`{% static "packages/…" %}` is what a page writes."""


class PackageFinder(BaseFinder):
    """Finds `packages/NAME` for each NAME in `settings.PACKAGE_FILES`."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.NODE_MODULES)
        self.storage.prefix = PREFIX  # type: ignore[attr-defined] # how collectstatic and whitenoise ask

    def check(self, **_kwargs: Any) -> list[CheckMessage]:
        """Every named file is there."""
        missing = [name for name in settings.PACKAGE_FILES if not self.storage.exists(name)]
        hint = "Run: make setup"
        return [Error(f"{name} is not installed.", hint=hint, id="workledger.E101") for name in missing]

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        """The file on disk; nothing for what settings do not name."""
        name = path.removeprefix(f"{PREFIX}/")
        if not path.startswith(f"{PREFIX}/") or name not in settings.PACKAGE_FILES:
            return []
        found = str(Path(settings.NODE_MODULES) / name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:  # noqa: ARG002
        """All of them, for collectstatic and whitenoise."""
        for name in settings.PACKAGE_FILES:
            yield name, self.storage
