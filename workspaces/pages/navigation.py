"""The sidebar. An entry is shown to whoever may open its page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workspaces.actors import Actor
from workspaces.permissions import Permission, can


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page of the sidebar. `section` is the first part of the addresses that belong to it."""

    url_name: str
    section: str
    label: str | Promise
    icon: str
    permission: Permission | None = None


ENTRIES = (
    Entry(url_name="overview", section="", label=_("Overview"), icon="layout-dashboard"),
    Entry(url_name="jobs:list", section="jobs", label=_("Jobs"), icon="play", permission=Permission.JOB_VIEW),
    Entry(
        url_name="workflows:list",
        section="workflows",
        label=_("Workflows"),
        icon="workflow",
        permission=Permission.WORKFLOW_VIEW,
    ),
    Entry(
        url_name="audit:list",
        section="audit",
        label=_("Audit log"),
        icon="shield-check",
        permission=Permission.AUDIT_VIEW,
    ),
    Entry(
        url_name="settings:index",
        section="settings",
        label=_("Settings"),
        icon="settings",
        permission=Permission.MEMBER_VIEW,
    ),
)


def entries_for(actor: Actor) -> list[Entry]:
    """The entries whose pages `actor` may open."""
    return [each for each in ENTRIES if each.permission is None or can(actor.role, each.permission)]
