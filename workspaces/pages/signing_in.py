"""How django-allauth signs people in here."""

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from common.secrets import decrypt, encrypt

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves."""

    def is_open_for_signup(self, request: "HttpRequest") -> bool:  # noqa: ARG002 - allauth names it
        """Accounts come by invitation."""
        return False


class MfaAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and recovery codes encrypted."""

    def encrypt(self, text: str) -> str:
        """With this installation's `CREDENTIAL_KEYS`."""
        return encrypt(text, bound_to="mfa")

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given."""
        return decrypt(encrypted_text, bound_to="mfa")
