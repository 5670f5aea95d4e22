"""The workspace itself: name and time zone, the key that its checkpoints are believed by, and another workspace."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import signing
from common.errors import Problem
from workspaces.authentication import SESSION_WORKSPACE
from workspaces.pages.problems import add_problem
from workspaces.pages.settings.base import SettingsPage
from workspaces.permissions import Permission, can, require_operator, roles_that_can
from workspaces.services import LONGEST_NAME, change_workspace, create_workspace


def _zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


class WorkspaceForm(forms.Form):
    """Name and time zone; `change_workspace` checks them."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=_zones,
        help_text=gettext_lazy(
            "What “today” means in inputs, expressions and schedules. A job keeps the zone that it began with. "
            "Times on pages are in the zone of whoever looks."
        ),
    )


class NewWorkspaceForm(WorkspaceForm):
    """With the slug, which stays."""

    slug = forms.CharField(
        label=gettext_lazy("Slug"),
        max_length=63,
        help_text=gettext_lazy(
            "What programs and commands call it, like month-end: lower-case letters, digits and hyphens. It stays."
        ),
    )
    field_order = ("name", "slug", "time_zone")


class ChangeForm(WorkspaceForm):
    """With what holds for all that the workspace does."""

    four_eyes = forms.BooleanField(
        label=gettext_lazy("Activating a workflow takes two people"),
        required=False,
        help_text=gettext_lazy(
            "Whoever activates asks for it, and somebody else who may activate approves or refuses. Nobody approves "
            "their own, admins neither. Switching this on or off stands in the audit log."
        ),
    )


class WorkspacePage(SettingsPage):
    """Everybody sees it, admins change it."""

    tab = "workspace"
    permissions: ClassVar = {"get": Permission.MEMBER_VIEW, "post": Permission.SETTINGS_EDIT}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The form, closed for who may not change it."""
        workspace = self.actor.workspace
        fields = ("name", "time_zone", "four_eyes")
        return self._show(ChangeForm(initial={field: getattr(workspace, field) for field in fields}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change it."""
        form = ChangeForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            change_workspace(workspace=self.actor.workspace, actor=self.actor, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem)
            return self._show(form, status=problem.status)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("settings:workspace"))

    def _show(self, form: ChangeForm, *, status: int = 200) -> HttpResponse:
        if not can(self.actor.role, Permission.SETTINGS_EDIT):
            for each in form.fields.values():
                each.disabled = True
        proof: dict[str, Any] = {}
        if can(self.actor.role, Permission.AUDIT_VIEW):
            proof = {"public_key": signing.public_key(), "key_id": signing.own_key_id()}
            proof["former_keys"] = settings.AUDIT_FORMER_PUBLIC_KEYS
        it_takes = roles_that_can(Permission.SETTINGS_EDIT)
        return self.render("settings/workspace.html", status=status, form=form, it_takes=it_takes, **proof)


class NewWorkspace(SettingsPage):
    """Another workspace, for who runs the installation."""

    tab = "workspace"
    permissions: ClassVar = {"get": None, "post": None}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The form."""
        require_operator(self.actor)
        return self._show(NewWorkspaceForm(initial={"time_zone": self.actor.workspace.time_zone}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it with the person as its admin, and go there."""
        require_operator(self.actor)
        form = NewWorkspaceForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            made = create_workspace(admin=self.actor.user, actor=self.actor, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem)
            return self._show(form, status=problem.status)
        request.session[SESSION_WORKSPACE] = made.pk
        messages.success(request, _("This is the new workspace {}. You are its admin.").format(made.name))
        return HttpResponseRedirect(reverse("settings:index"))

    def _show(self, form: NewWorkspaceForm, *, status: int = 200) -> HttpResponse:
        return self.render("settings/workspace_new.html", status=status, form=form)
