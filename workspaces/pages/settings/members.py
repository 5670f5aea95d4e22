"""Members: who they are, what their role means, and how an admin changes or ends a membership."""

from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Problem
from workspaces.models import Membership, Role, Token
from workspaces.pages.problems import add_problem
from workspaces.pages.settings.base import RoleForm, SettingsPage, offered
from workspaces.permissions import Permission
from workspaces.role_words import ROLES, permission_rows
from workspaces.selectors import is_last_admin, members_of, working
from workspaces.services import change_role, remove_member


class MemberForm(RoleForm):
    """What an admin sets of a member. The grant belongs to the role auditor."""

    sees_payloads = forms.BooleanField(
        label=gettext_lazy("May read inputs, outputs and files"),
        required=False,
        help_text=gettext_lazy("Counts for an auditor. Each reading leaves an entry in the audit log."),
    )

    def grants_payloads(self) -> bool:
        """Of a valid form."""
        return bool(self.cleaned_data["sees_payloads"]) and self.chosen_role() is Role.AUDITOR


class MembersPage(SettingsPage):
    """The members, the newest first, and the whole table of permissions."""

    tab = "members"
    permissions: ClassVar = {"get": Permission.MEMBER_VIEW}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The list."""
        page = self.slice_of(members_of(self.actor.workspace), ordering=["-id"])
        return self.render("settings/members.html", page=page, roles=ROLES, rows=permission_rows())


class MemberPage(SettingsPage):
    """One member: role and grant, and the end of the membership."""

    tab = "members"
    permissions: ClassVar = {"get": Permission.MEMBER_EDIT, "post": Permission.MEMBER_EDIT}

    def get(self, _request: HttpRequest, username: str) -> HttpResponse:
        """The form."""
        member = _member(self, username)
        initial = {"role": member.role, "sees_payloads": member.sees_payloads}
        return _show(self, member, MemberForm(initial=initial))

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        """Change role and grant."""
        member = _member(self, username)
        form = MemberForm(request.POST)
        if not form.is_valid():
            return _show(self, member, form, status=422)
        try:
            change_role(
                membership=member,
                role=form.chosen_role(),
                sees_payloads=form.grants_payloads(),
                actor=self.actor,
            )
        except Problem as problem:
            add_problem(form, problem)
            return _show(self, _member(self, username), form, status=problem.status)
        label = str(form.chosen_role().label).lower()
        messages.success(request, _("{} is {} now. It holds at once.").format(username, label))
        return _to_members()


class RemoveMember(SettingsPage):
    """The end of a membership."""

    tab = "members"
    permissions: ClassVar = {"post": Permission.MEMBER_EDIT}

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        """Remove the member. Whoever removed themselves lands where they still belong."""
        member = _member(self, username)
        remove_member(membership=member, actor=self.actor)
        messages.success(request, _("{} is no member any more. Their tokens here stopped.").format(username))
        if member.user_id == self.actor.user.pk:
            return HttpResponseRedirect(reverse("overview"))
        return _to_members()


def _member(page: SettingsPage, username: str) -> Membership:
    return page.found(members_of(page.actor.workspace), user__username=username)


def _show(page: SettingsPage, member: Membership, form: MemberForm, *, status: int = 200) -> HttpResponse:
    is_last = is_last_admin(member)
    why_not = _("This is the only admin. Make somebody else an admin first.") if is_last else ""
    tokens = working(Token.objects.filter(workspace=member.workspace, user=member.user)).count()
    return page.render(
        "settings/member.html",
        status=status,
        member=member,
        form=form,
        roles=offered(form, why_not=why_not),
        why_not=why_not,
        tokens=tokens,
        is_self=member.user_id == page.actor.user.pk,
    )


def _to_members() -> HttpResponse:
    return HttpResponseRedirect(reverse("settings:members"))
