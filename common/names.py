"""Names that people give to things: one line, visible characters only, so that no name can pose as another."""

import re
import unicodedata

from common.errors import FieldError

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""What addresses an object: 1 to 63 lower-case letters, digits and inner hyphens."""

_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def name_error(text: str, *, path: str, longest: int) -> FieldError | None:
    """What is wrong with `text` as a name of at most `longest` characters; None when it is fine."""
    if not text.strip():
        return FieldError(path=path, code="required", message="expected a name, got an empty text")
    if len(text) > longest:
        message = f"expected at most {longest} characters, got {len(text)}"
        return FieldError(path=path, code="too_long", message=message)
    hidden = next((c for c in text if unicodedata.category(c) in _HIDDEN_CATEGORIES), None)
    if hidden is None:
        return None
    message = f"expected visible characters on one line, got U+{ord(hidden):04X}; remove it"
    return FieldError(path=path, code="format", message=message)


def slug_error(text: str, *, path: str) -> FieldError | None:
    """What is wrong with `text` as a slug; None when it is fine."""
    if SLUG.fullmatch(text):
        return None
    message = "expected 1 to 63 lower-case letters, digits and inner hyphens, like monthly-report"
    return FieldError(path=path, code="pattern", message=message)
