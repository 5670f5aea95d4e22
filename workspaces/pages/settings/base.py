"""What the settings pages share: the row of tabs, what the person may, and the choice of a role."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from workspaces.models import Role
from workspaces.pages.base import Page
from workspaces.permissions import Permission, can, is_operator
from workspaces.role_words import ROLES, role_words
from workspaces.selectors import settings_counts


class SettingsPage(Page):
    """A page below `/settings/`. `tab` names the one that it belongs to."""

    tab: ClassVar[str] = ""

    def render(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """With what decides about tabs and buttons."""
        role = self.actor.role
        shown = {
            "tab": self.tab,
            "may_edit_members": can(role, Permission.MEMBER_EDIT),
            "may_edit_workspace": can(role, Permission.SETTINGS_EDIT),
            "sees_all_tokens": can(role, Permission.TOKEN_ANY),
            "sees_log": can(role, Permission.AUDIT_VIEW),
            "is_operator": is_operator(self.actor),
        }
        return super().render(template, status=status, **shown, **context)

    def render_secret(self, template: str, **context: Any) -> HttpResponse:
        """A page with something that is shown this once: no cache and no history keeps it."""
        answer = self.render(template, status=201, **context)
        answer["Cache-Control"] = "no-store"
        return answer


class IndexPage(SettingsPage):
    """What there is to set, by role."""

    permissions: ClassVar = {"get": Permission.MEMBER_VIEW}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """A card for each part."""
        return self.render("settings/index.html", counts=settings_counts(self.actor))


class RoleForm(forms.Form):
    """The choice of a role; `offered` says what stands beside each."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=Role.choices,
        error_messages={
            "required": gettext_lazy("Choose a role."),
            "invalid_choice": gettext_lazy("Choose one of these roles."),
        },
    )

    def chosen_role(self) -> Role:
        """Of a valid form."""
        return Role(self.cleaned_data["role"])


@dataclass(frozen=True, kw_only=True)
class OfferedRole:
    """A role to choose, explained. `why_not` is why it cannot be chosen; empty when it can."""

    value: str
    label: str
    words: str
    checked: bool
    why_not: str = ""


def offered(form: RoleForm, roles: Iterable[Role] = ROLES, *, why_not: str = "") -> list[OfferedRole]:
    """The roles to choose from; with `why_not` only the one that is chosen stays open."""
    chosen = form["role"].value()
    return [
        OfferedRole(
            value=role.value,
            label=str(role.label),
            words=role_words(role),
            checked=role == chosen,
            why_not="" if role == chosen else why_not,
        )
        for role in roles
    ]
