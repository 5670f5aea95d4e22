"""System checks: keys that cannot sign are told of at the start, not in the first checkpoint."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from audit.rules import decode_key


@register()
def signing_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's form
    """AUDIT_SIGNING_KEY and AUDIT_FORMER_PUBLIC_KEYS are keys of 32 bytes in base64url."""
    named = [("AUDIT_SIGNING_KEY", settings.AUDIT_SIGNING_KEY)]
    named += [("AUDIT_FORMER_PUBLIC_KEYS", key) for key in settings.AUDIT_FORMER_PUBLIC_KEYS]
    return [problem for name, key in named for problem in _problems(name, key)]


def _problems(name: str, key: str) -> list[CheckMessage]:
    try:
        decode_key(key)
    except ValueError as error:
        hint = "Make one with: python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
        return [Error(f"{name} is not a key in base64url: {error}", hint=hint, id="audit.E001")]
    return []
