"""Static files under names that change with their contents, so that a browser keeps them for good and never stale."""

from typing import Any, ClassVar

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

_STYLES, _REFERENCES = HashedFilesMixin.patterns[0]


class CollectedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """Once `collectstatic` has run: hashed names and compressed copies. Without it files have the names that they have
    where they are installed, and whitenoise serves them from there.
    """

    # Packages name source maps that we do not serve: only what a style loads must be there.
    patterns: ClassVar[Any] = ((_STYLES, [each for each in _REFERENCES if "sourceMap" not in str(each)]),)

    def stored_name(self, name: str) -> str:
        """The name of a file in addresses."""
        return super().stored_name(name) if self.hashed_files else name
