"""The installation's key for signing checkpoints, and the keys whose signatures it believes."""

import base64
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from audit.rules import decode_key, key_id


def sign(message: bytes) -> bytes:
    """The Ed25519 signature of `message`."""
    return _private_key(settings.AUDIT_SIGNING_KEY).sign(message)


def public_key() -> str:
    """The installation's public key in base64url: what `audit.standalone` wants as `--public-key`."""
    return base64.urlsafe_b64encode(_raw_public_key()).decode()


def own_key_id() -> str:
    """The short name of the installation's key; each checkpoint carries it."""
    return key_id(_raw_public_key())


def signed(key: str, signature: bytes, message: bytes) -> bool:
    """Whether the key named `key` signed `message`, and is the installation's own or one of its former ones."""
    known = [_raw_public_key(), *map(decode_key, settings.AUDIT_FORMER_PUBLIC_KEYS)]
    raw = next((each for each in known if key_id(each) == key), None)
    if raw is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _raw_public_key() -> bytes:
    return _private_key(settings.AUDIT_SIGNING_KEY).public_key().public_bytes_raw()


@lru_cache(maxsize=4)
def _private_key(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(decode_key(text))
