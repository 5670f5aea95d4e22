"""The form of the door."""

from typing import Any

from allauth.account.forms import LoginForm
from django.utils.translation import gettext as _


class SignInForm(LoginForm):
    """allauth's, with labels that say what goes in, instead of placeholders that vanish while one types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("User name or e-mail")
        login.widget.attrs["autocomplete"] = "username"
        for each in (login, password):
            each.widget.attrs.pop("placeholder", None)
