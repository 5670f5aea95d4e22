"""Secrets at rest: encrypted with keys of their own (`CREDENTIAL_KEYS`, the first one encrypts), bound to a place."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(ValueError):  # noqa: N818 - it is what it says
    """No key of this installation opens the secret, or it was moved here from another place."""


def encrypt(secret: str, *, bound_to: str) -> str:
    """`secret` as text that only this installation can read, and only as the secret of `bound_to`."""
    sealed = f"{bound_to}\0{secret}".encode("utf-8", "surrogatepass")
    return _keys(tuple(settings.CREDENTIAL_KEYS)).encrypt(sealed).decode()


def decrypt(text: str, *, bound_to: str) -> str:
    """What `encrypt` was given. Raises `SecretUnreadable`."""
    try:
        opened = (
            _keys(tuple(settings.CREDENTIAL_KEYS)).decrypt(text.encode()).decode("utf-8", "surrogatepass")
        )
    except InvalidToken as error:
        raise SecretUnreadable("No key in CREDENTIAL_KEYS opens this secret.") from error
    place, _, secret = opened.partition("\0")
    if place != bound_to:
        raise SecretUnreadable(f"This secret belongs to {place}, not to {bound_to}.")
    return secret


@lru_cache(maxsize=4)
def _keys(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
