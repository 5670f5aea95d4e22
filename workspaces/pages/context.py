"""What `base.html` shows around every page. Nothing is read before a template asks for it."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from workspaces.actors import Actor
from workspaces.admin_site import RECORDS_ROLES, is_superuser
from workspaces.authentication import session_actor, session_memberships
from workspaces.models import Membership
from workspaces.pages.navigation import Entry, entries_for
from workspaces.pages.preferences import keys_are_on, theme_of


class Shell:
    """Sidebar, workspaces and preferences of who looks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.theme = theme_of(request)
        self.keys = keys_are_on(request)
        self.section = request.path.strip("/").partition("/")[0]

    @cached_property
    def actor(self) -> Actor | None:
        """The person in the current workspace; None for visitors and for people without any."""
        return session_actor(self._request)

    @property
    def memberships(self) -> list[Membership]:
        """Everything that the person can choose."""
        return session_memberships(self._request)

    @property
    def entries(self) -> list[Entry]:
        """The sidebar."""
        return entries_for(self.actor) if self.actor else []

    @property
    def sees_records(self) -> bool:
        """Whether the admin site lets the person in."""
        return is_superuser(self._request) or any(each.role in RECORDS_ROLES for each in self.memberships)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"shell": Shell(request)}
