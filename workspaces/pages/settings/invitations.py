"""Invitations as admins see them: make one, pass its link on, take one back."""

from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.errors import Problem
from workspaces.invitation_mail import can_mail, send_invitation
from workspaces.invitations import LONGEST_NOTE, USUAL_DAYS, invite, revoke_invitation
from workspaces.models import Invitation, Role
from workspaces.pages.problems import add_problem
from workspaces.pages.settings.base import RoleForm, SettingsPage, offered
from workspaces.permissions import Permission
from workspaces.role_words import role_words
from workspaces.selectors import open_invitations

_DAYS = (1, 3, 7, 14, 30)


def _days() -> list[tuple[int, str]]:
    return [(days, ngettext("{} day", "{} days", days).format(days)) for days in _DAYS]


class InvitationForm(RoleForm):
    """What an invitation says; `invite` checks it."""

    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("One line. Whoever opens the link reads it."),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Works for"), choices=_days, coerce=int, initial=USUAL_DAYS
    )


class InvitationsPage(SettingsPage):
    """What is open, the newest first."""

    tab = "invitations"
    permissions: ClassVar = {"get": Permission.MEMBER_EDIT}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The list."""
        page = self.slice_of(open_invitations(self.actor.workspace), ordering=["-id"])
        return self.render("settings/invitations.html", page=page)


class NewInvitation(SettingsPage):
    """Make an invitation; its link is in the answer, and nowhere else."""

    tab = "invitations"
    permissions: ClassVar = {"get": Permission.MEMBER_EDIT, "post": Permission.MEMBER_EDIT}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The form."""
        return self._show(InvitationForm(initial={"role": Role.OPERATOR}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it, then mail it if that was asked for and there is a mail server."""
        form = InvitationForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            invitation, token = invite(
                role=form.chosen_role(),
                email=form.cleaned_data["email"],
                note=form.cleaned_data["note"],
                days=form.cleaned_data["days"],
                actor=self.actor,
            )
        except Problem as problem:
            add_problem(form, problem)
            return self._show(form, status=problem.status)
        link = settings.BASE_URL.rstrip("/") + reverse("join", args=[token])
        return self.render_secret(
            "settings/invitation_made.html",
            invitation=invitation,
            link=link,
            mailed=_mailed(invitation, link),
        )

    def _show(self, form: InvitationForm, *, status: int = 200) -> HttpResponse:
        return self.render(
            "settings/invitation_new.html", status=status, form=form, roles=offered(form), can_mail=can_mail()
        )


class InvitationPage(SettingsPage):
    """One open invitation, and the way to take it back."""

    tab = "invitations"
    permissions: ClassVar = {"get": Permission.MEMBER_EDIT, "post": Permission.MEMBER_EDIT}

    def get(self, _request: HttpRequest, uid: str) -> HttpResponse:
        """What it offers, to whom."""
        invitation = self.found(open_invitations(self.actor.workspace), uid=uid)
        return self.render(
            "settings/invitation.html", invitation=invitation, words=role_words(Role(invitation.role))
        )

    def post(self, request: HttpRequest, uid: str) -> HttpResponse:
        """Take it back; one that is over already needs nothing."""
        rows = Invitation.objects.select_related("workspace", "invited_by")
        revoke_invitation(invitation=self.found(rows, uid=uid), actor=self.actor)
        messages.success(request, _("The invitation does not work any more."))
        return HttpResponseRedirect(reverse("settings:invitations"))


def _mailed(invitation: Invitation, link: str) -> str:
    """What became of the mail: `sent`, `failed`, `impossible`, or empty when none was asked for."""
    if not invitation.email:
        return ""
    if not can_mail():
        return "impossible"
    return "sent" if send_invitation(invitation=invitation, link=link) else "failed"
