"""System checks: a place for files and keys for secrets that cannot be used are told of at the start, not by a job."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from common.secrets import encrypt
from jobs.storage.blobs import storage_root


@register()
def storage_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's form
    """STORAGE_URL names a directory."""
    try:
        storage_root()
    except ImproperlyConfigured as error:
        hint = "Give the directory as file:///srv/workledger/blobs, with three slashes."
        return [Error(str(error), hint=hint, id="jobs.E001")]
    return []


@register()
def credential_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's form
    """CREDENTIAL_KEYS are keys of 32 bytes in base64url."""
    try:
        encrypt("", bound_to="check")
    except ValueError as error:
        hint = ".env.example says how to make one; several are separated by commas."
        return [Error(f"CREDENTIAL_KEYS cannot be used: {error}", hint=hint, id="jobs.E002")]
    return []
