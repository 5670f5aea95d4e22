"""Secrets never reach the database, a log or a page: every form in which they could show is masked before."""

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from common.canonical import Json

MASK = "•••"
SHORTEST = 4
"""Shorter secrets are not searched for, for they would mask ordinary text; inputs refuse them."""


class Redactor:
    """Replaces known secret values, raw, URL-encoded and in base64, wherever they stand in a JSON value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def mask(self, value: Json) -> Json:
        """`value` with every secret masked, in keys too; the same object when there are no secrets."""
        return self._mask(value) if self._forms else value

    def _mask(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._mask(item) for item in value]
        if isinstance(value, dict):
            return {self._text(str(key)): self._mask(item) for key, item in value.items()}
        return value

    def _text(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text


def _forms(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    # A secret inside longer base64 text shows in one of three alignments; the outer characters depend on the rest.
    shifted = {
        base64.b64encode(b"\0" * shift + raw).decode()[shift and shift + 1 :].rstrip("=")[:-1]
        for shift in range(3)
    }
    encoded = {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    try:
        urls = {quote(secret, safe=""), quote_plus(secret)}
    except UnicodeEncodeError:
        urls = set()
    return {form for form in {secret, *urls, *encoded, *shifted} if len(form) >= SHORTEST}
