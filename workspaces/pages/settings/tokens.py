"""Tokens: one's own, as admin everybody's; a key is shown once, when it is made."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.errors import Problem
from common.looks import Look, Tone
from workspaces.models import Role
from workspaces.pages.problems import add_problem
from workspaces.pages.settings.base import RoleForm, SettingsPage, offered
from workspaces.permissions import Permission
from workspaces.role_words import role_words, roles_at_most
from workspaces.selectors import TokenRow, token_row, tokens_for
from workspaces.services import LONGEST_TOKEN_NAME, create_token, revoke_token

LOOKS = {
    "active": Look(word=gettext_lazy("Works"), icon="circle-check", tone=Tone.GOOD),
    "expired": Look(word=gettext_lazy("Expired"), icon="hourglass", tone=Tone.IDLE),
    "revoked": Look(word=gettext_lazy("Revoked"), icon="ban", tone=Tone.STOPPED),
    "ownerless": Look(word=gettext_lazy("Owner inactive"), icon="user-x", tone=Tone.IDLE),
}
"""How the state of a token looks."""


class TokenForm(RoleForm):
    """What a new token shall be; `create_token` checks it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_TOKEN_NAME,
        strip=False,
        help_text=gettext_lazy("What it is for, like “nightly import”. The audit log shows it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires_at = forms.ChoiceField(
        label=gettext_lazy("Expires"),
        required=False,
        initial="90",
        choices=[
            ("7", gettext_lazy("After 7 days")),
            ("30", gettext_lazy("After 30 days")),
            ("90", gettext_lazy("After 90 days")),
            ("365", gettext_lazy("After a year")),
            ("", gettext_lazy("Never")),
        ],
        help_text=gettext_lazy("After that it stops by itself. Make a new one before."),
    )

    def expiry(self) -> datetime | None:
        """Of a valid form."""
        days = self.cleaned_data["expires_at"]
        return clock.now() + timedelta(days=int(days)) if days else None


class TokensPage(SettingsPage):
    """The tokens, the newest first; an admin sees `?whose=all` too."""

    tab = "tokens"
    permissions: ClassVar = {"get": Permission.TOKEN_OWN}

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        whose = "all" if request.GET.get("whose") == "all" else "own"
        tokens = tokens_for(self.actor)
        if whose == "own":
            tokens = tokens.filter(user=self.actor.user)
        page = self.slice_of(tokens, ordering=["-created", "-uid"])
        rows = [_shown(token_row(token)) for token in page.items]
        return self.render("settings/tokens.html", page=page, rows=rows, whose=whose)


class NewToken(SettingsPage):
    """Make a token; its key is in the answer, and nowhere else."""

    tab = "tokens"
    permissions: ClassVar = {"get": Permission.TOKEN_OWN, "post": Permission.TOKEN_OWN}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The form; the role least able to do harm is chosen."""
        return self._show(TokenForm(initial={"role": Role.VIEWER}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it."""
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            token, key = create_token(
                user=self.actor.user,
                workspace=self.actor.workspace,
                role=form.chosen_role(),
                name=form.cleaned_data["name"],
                expiry=form.expiry(),
                actor=self.actor,
            )
        except Problem as problem:
            add_problem(form, problem)
            return self._show(form, status=problem.status)
        base = settings.BASE_URL.rstrip("/")
        return self.render_secret("settings/token_made.html", token=token, key=key, base=base)

    def _show(self, form: TokenForm, *, status: int = 200) -> HttpResponse:
        roles = offered(form, roles_at_most(self.actor))
        return self.render("settings/token_new.html", status=status, form=form, roles=roles)


class TokenPage(SettingsPage):
    """One token, and the way to stop it."""

    tab = "tokens"
    permissions: ClassVar = {"get": Permission.TOKEN_OWN, "post": Permission.TOKEN_OWN}

    def get(self, _request: HttpRequest, uid: str) -> HttpResponse:
        """What it is and does."""
        row = token_row(self.found(tokens_for(self.actor), uid=uid))
        words = role_words(row.role) if row.role else ""
        return self.render("settings/token.html", words=words, **_shown(row))

    def post(self, request: HttpRequest, uid: str) -> HttpResponse:
        """Revoke it."""
        token = self.found(tokens_for(self.actor), uid=uid)
        revoke_token(token=token, actor=self.actor)
        messages.success(request, _("The token {} does not work any more.").format(token.name))
        whose = "" if token.user_id == self.actor.user.pk else "?whose=all"
        return HttpResponseRedirect(reverse("settings:tokens") + whose)


def _shown(row: TokenRow) -> dict[str, Any]:
    return {"token": row, "look": LOOKS[row.state]}
